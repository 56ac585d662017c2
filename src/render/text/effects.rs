//! What acts in a tenant, in words: who decides a setting, and why one that is written does nothing.

use crate::base::value::Value;
use crate::catalog::no_effect::NoEffectReason;
use crate::catalog::{methods, scope};
use crate::plan::change::Plan;
use crate::plan::effective::EffectiveSetting;
use crate::render::text::value;
use crate::tenant::surface::Decider;

/// A row about the effect of a plan: settings, with a text about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EffectRow {
    /// The names of the settings.
    pub(crate) name: String,
    /// The text about them, not escaped.
    pub(crate) says: String,
}

/// The effect of a plan: the settings that do not simply act as written, then who decides all others.
pub(crate) fn rows(plan: &Plan) -> Vec<EffectRow> {
    let mut rows: Vec<EffectRow> = Vec::new();
    let mut plain: Vec<Decider> = Vec::new();
    let mut idle: Vec<(NoEffectReason, Vec<&str>)> = Vec::new();
    for effect in plan.managed_effects() {
        match (effect.no_effect, special(effect, plan)) {
            (Some(why), _) => match idle.iter_mut().find(|(known, _)| *known == why) {
                Some((_, names)) => names.push(effect.setting.name),
                None => idle.push((why, vec![effect.setting.name])),
            },
            (None, Some(says)) => rows.push(EffectRow { name: effect.setting.name.to_owned(), says }),
            (None, None) => plain.push(effect.decider),
        }
    }
    rows.extend(
        idle.into_iter()
            .map(|(why, names)| EffectRow { name: names.join(", "), says: format!("no effect: {}", reason(why)) }),
    );
    plain.sort_unstable();
    plain.dedup();
    if !plain.is_empty() {
        let name = if rows.is_empty() { "everything managed" } else { "everything else managed" };
        let deciders: Vec<_> = plain.into_iter().map(decider_name).collect();
        rows.push(EffectRow { name: name.to_owned(), says: format!("as written, by {}", deciders.join(" and ")) });
    }
    rows
}

/// Who decides a setting, or why it does nothing.
pub(crate) fn note(effect: &EffectiveSetting) -> String {
    match effect.no_effect {
        Some(why) => format!("no effect: {}", reason(why)),
        None => decided_by(effect).to_owned(),
    }
}

/// The effect of a setting that its own value does not fully describe.
fn special(effect: &EffectiveSetting, plan: &Plan) -> Option<String> {
    let EffectiveSetting { setting, value, decider, no_effect: _, needed_by_administrators: _ } = effect;
    if setting.name == methods::ALLOWED.name {
        let ended = plan.ended.iter().map(|(method, date)| format!("; {} has ended ({date})", method.word()));
        let words = value::words(value, &plan.group_names);
        return Some(format!("{words}, by {}{}", decider_name(*decider), ended.collect::<String>()));
    }
    (setting.name == scope::ADMINISTRATORS.name).then(|| match value {
        Value::Bool(false) => "administrators cannot reset their own password".to_owned(),
        _ => format!("by {}", decided_by(effect)),
    })
}

/// Who decides a setting, with the exception of Microsoft's policy for administrators where it holds, or may hold.
fn decided_by(effect: &EffectiveSetting) -> &'static str {
    match effect.needed_by_administrators {
        Some((_, 1)) => {
            "Microsoft's fixed policy for administrators: one method, because the tenant has no domain of its own and is not synchronised; never security questions"
        }
        Some((1, _)) => {
            "Microsoft's fixed policy for administrators: one method if the tenant is not synchronised, because it has no domain of its own, else two; never security questions"
        }
        Some(_) | None => decider_name(effect.decider),
    }
}

/// The name of the policy or service that decides a setting.
pub(crate) fn decider_name(origin: Decider) -> &'static str {
    match origin {
        Decider::Legacy => "the password reset policy",
        Decider::Converged => "the authentication methods policy",
        Decider::Either => "the password reset policy or the authentication methods policy, while the tenant migrates",
        Decider::Administrators => "Microsoft's fixed policy for administrators: two methods, never security questions",
        Decider::OnPremises => "the on-premises integration",
        Decider::ConditionalAccess => "Conditional Access",
        Decider::Intune => "Microsoft Intune",
    }
}

/// Why a setting does nothing.
pub(crate) fn reason(idle: NoEffectReason) -> &'static str {
    match idle {
        NoEffectReason::NoLicence => "no licence of the tenant permits a reset in the cloud",
        NoEffectReason::NobodyInScope => "nobody is in the scope",
        NoEffectReason::NoQuestions => "security questions are not among the methods",
        NoEffectReason::RegistrationNotRequired => "people are not asked to register at sign-in",
        NoEffectReason::NoAdministrators => "administrators may not reset",
        NoEffectReason::NoWritebackLicence => "no licence of the tenant permits writing back",
        NoEffectReason::NotSynchronised => "the tenant is not synchronised from on premises",
        NoEffectReason::NoClient => "no writeback client is connected",
        NoEffectReason::NoWriteback => "passwords are not written back",
        NoEffectReason::PolicyOff => "the Conditional Access policy is off",
        NoEffectReason::LinkOff => "the reset link of the Windows sign-in screen is off",
        NoEffectReason::NotAssigned => "the Intune configuration is assigned to nobody",
        NoEffectReason::ReportOnly => "the Conditional Access policy only reports, and blocks nobody",
    }
}

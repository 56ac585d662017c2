//! What acts in a tenant, setting by setting, now and with a plan carried out.
//!
//! Facts: concept-sspr-howitworks (methods, registration, writeback), concept-sspr-licensing (licences), concept-sspr-policy
//! (administrators), how-to-authentication-methods-manage (migration).

use crate::base::value::Value;
use crate::catalog::setting::{PortalPage, Setting};
use crate::catalog::{self, allowed_from, methods, notifications, registration, scope, windows_sign_in};
use crate::plan::change::Change;
use crate::plan::effective::{EffectiveSetting, NoEffectReason};
use crate::plan::{actual, live};
use crate::tenant::document::Document;
use crate::tenant::facts::{Migration, TenantFacts};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::{Decider, WriteMode};

/// What acts in a tenant as it was read, for every setting that is known.
#[must_use]
pub fn effective_now(snapshot: &Snapshot) -> Vec<EffectiveSetting> {
    effects(|setting| live::actual_value(setting, snapshot).ok(), &snapshot.facts)
}

/// What acts once `changes` are made.
pub(crate) fn effective_after(snapshot: &Snapshot, changes: &[Change]) -> Vec<EffectiveSetting> {
    let moved = with(snapshot, changes);
    let value = |setting: &'static Setting| {
        let change = changes.iter().find(|change| change.setting.name == setting.name);
        match change {
            Some(change) if setting.name != methods::ALLOWED.name => Some(change.after.clone()),
            Some(_) | None => live::actual_value(setting, &moved).ok(),
        }
    };
    effects(value, &snapshot.facts)
}

fn effects(value: impl Fn(&'static Setting) -> Option<Value>, circumstances: &TenantFacts) -> Vec<EffectiveSetting> {
    let named = |name: &str| catalog::find(name).and_then(&value);
    let effect = |setting: &&'static Setting| {
        let value = value(setting)?;
        let idle = if is_off(&value) { None } else { no_effect_reason(setting, named, circumstances) };
        Some(EffectiveSetting { setting, value, decider: decider(setting, circumstances), no_effect: idle })
    };
    catalog::ALL.iter().filter_map(effect).collect()
}

/// "Off" and "none" say that something does nothing; that they do nothing themselves need not be told.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Unset | Value::Bool(false) => true,
        Value::Groups(groups) => groups.is_empty(),
        Value::Text(word) => word == allowed_from::DISABLED,
        Value::Set(words) => words.contains(allowed_from::ANYWHERE),
        _ => false,
    }
}

/// Who decides which methods people may use.
#[must_use]
pub fn methods_decider(migration: Option<Migration>) -> Decider {
    match migration {
        Some(Migration::Complete) => Decider::Converged,
        Some(Migration::InProgress) => Decider::Either,
        Some(Migration::PreMigration) | None => Decider::Legacy,
    }
}

fn decider(setting: &Setting, circumstances: &TenantFacts) -> Decider {
    if setting.name == methods::ALLOWED.name {
        methods_decider(circumstances.migration)
    } else {
        setting.surface.spec().decided_by
    }
}

/// Why a setting does nothing: the most general reason first.
fn no_effect_reason(
    setting: &Setting,
    value: impl Fn(&str) -> Option<Value>,
    circumstances: &TenantFacts,
) -> Option<NoEffectReason> {
    let off = |name| value(name) == Some(Value::Bool(false));
    let licence = circumstances.licence;
    let hybrid = circumstances.hybrid;
    let reasons = match setting.page {
        PortalPage::OnPremisesIntegration => [
            licence.is_some_and(|licence| !licence.writeback).then_some(NoEffectReason::NoWritebackLicence),
            hybrid.is_some_and(|hybrid| !hybrid.synchronised).then_some(NoEffectReason::NotSynchronised),
            (setting.needs.iter().any(|needed| off(needed))).then_some(NoEffectReason::NoWriteback),
            hybrid.is_some_and(|hybrid| hybrid.writeback_up == Some(false)).then_some(NoEffectReason::NoClient),
        ],
        PortalPage::Notifications if setting.name == notifications::ADMINISTRATORS.name => {
            [off(scope::ADMINISTRATORS.name).then_some(NoEffectReason::NoAdministrators), None, None, None]
        }
        PortalPage::DeviceConfiguration => {
            let nobody = value(windows_sign_in::GROUP.name) == Some(Value::Unset);
            [
                off(windows_sign_in::RESET_LINK.name).then_some(NoEffectReason::LinkOff),
                nobody.then_some(NoEffectReason::NotAssigned),
                None,
                None,
            ]
        }
        PortalPage::ConditionalAccess => {
            let is = |word: &str| value(allowed_from::STATE.name) == Some(Value::Text(word.to_owned()));
            [
                is(allowed_from::DISABLED).then_some(NoEffectReason::PolicyOff),
                is(allowed_from::REPORT_ONLY).then_some(NoEffectReason::ReportOnly),
                None,
                None,
            ]
        }
        // Administrators reset by their own policy, and whoever cannot reset still finds the way to help.
        PortalPage::Administrators | PortalPage::Notifications | PortalPage::Customization => [None; 4],
        PortalPage::Properties | PortalPage::AuthenticationMethods | PortalPage::Registration => {
            let nobody = value(scope::USERS.name) == Some(Value::Text("none".to_owned()));
            [
                licence.is_some_and(|licence| !licence.reset).then_some(NoEffectReason::NoLicence),
                (nobody && setting.page != PortalPage::Properties).then_some(NoEffectReason::NobodyInScope),
                (setting.name.starts_with(QUESTIONS) && lacks_questions(value(methods::ALLOWED.name)))
                    .then_some(NoEffectReason::NoQuestions),
                (setting.name == registration::RECONFIRM_AFTER_DAYS.name
                    && off(registration::REQUIRED_AT_SIGN_IN.name))
                .then_some(NoEffectReason::RegistrationNotRequired),
            ]
        }
    };
    reasons.into_iter().flatten().next()
}

/// The section of the settings about security questions.
const QUESTIONS: &str = "securityQuestions.";

fn lacks_questions(methods: Option<Value>) -> bool {
    matches!(methods, Some(Value::Set(words)) if !words.contains("securityQuestions"))
}

/// The snapshot as it would read with the methods changed: both documents that allow them.
fn with(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for change in changes.iter().filter(|change| change.setting.name == methods::ALLOWED.name) {
        if let Some(Ok(document)) = snapshot.documents.get_mut(&change.setting.surface) {
            *document = written(document, change);
        }
    }
    snapshot
}

fn written(document: &Document, change: &Change) -> Document {
    let Change { setting, before: _, after, place: _ } = change;
    match setting.surface.write_mode() {
        WriteMode::PerEntry => actual::merged(document, setting, after),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::ManagedObject => {
            document.patched(&(setting.encode)(after, document))
        }
    }
}

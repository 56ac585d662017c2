//! Limits how much one apply may change: destructive changes need a permission of their own, and so do many tenants at once.

use crate::base::count::counted;
use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::{methods, scope, writeback};
use crate::plan::change::{Change, Plan};
use crate::policy::codes::FindingCode;
use crate::policy::repository::config::DestructiveChange;
use crate::policy::repository::load::LocatedLimits;

/// The number of tenants from which a percentage counts, unless the repository sets another.
pub(crate) const PERCENT_FROM: u32 = 10;
/// The code of a run that would change too many tenants.
pub(crate) const TOO_MANY_TENANTS: &str = "too-many-tenants";

/// The code of a plan that takes the reset from too many people.
const TOO_MANY_LOSING: &str = "too-many-losing";
/// The code of a plan after which nobody can reset.
const NOBODY_CAN_RESET: &str = "nobody-can-reset";

/// The findings of limits. Each code is also the word that allows the change.
pub const CODES: &[FindingCode] = &[
    FindingCode {
        code: "scope-switched-off",
        severity: Severity::Error,
        means: "A plan takes self-service password reset away from everybody who has it: `scope.users` goes from `selected` or \
                `all` to `none`.",
        fix: "If it is intended, pass `--allow scope-switched-off`, or write the code under `limits.allow` in `ssprctl.yaml`.",
        example: None,
    },
    FindingCode {
        code: "methods-switched-off",
        severity: Severity::Error,
        means: "A plan leaves no method of those that a tenant allows, so that nobody can prove who they are.",
        fix: "If it is intended, pass `--allow methods-switched-off`, or write the code under `limits.allow` in `ssprctl.yaml`.",
        example: None,
    },
    FindingCode {
        code: "administrators-switched-off",
        severity: Severity::Error,
        means: "A plan takes their own password reset away from administrators, who may have no other way back in.",
        fix: "If it is intended, pass `--allow administrators-switched-off`, or write the code under `limits.allow` in \
              `ssprctl.yaml`. Make sure first that there is another way back in, such as an emergency account.",
        example: None,
    },
    FindingCode {
        code: "writeback-switched-off",
        severity: Severity::Error,
        means: "A plan switches password writeback off: passwords that people reset no longer reach the directory on premises.",
        fix: "If it is intended, pass `--allow writeback-switched-off`, or write the code under `limits.allow` in `ssprctl.yaml`.",
        example: None,
    },
    FindingCode {
        code: TOO_MANY_LOSING,
        severity: Severity::Error,
        means: "A plan takes the reset from more people than `limits.losing` of `ssprctl.yaml` allows, or from anybody where that \
                is absent. People are read, and this is checked, with `plan --impact`, and in every run where the limit is set. \
                Only people of whom it is certain count: whoever is unclear is counted apart.",
        fix: "Change the policy so that they keep a way to reset, or first let them register other methods. If it is intended, \
              raise the limit, pass `--allow too-many-losing`, or write the code under `limits.allow` in `ssprctl.yaml`.",
        example: Some("limits:\n  losing: 2%"),
    },
    FindingCode {
        code: NOBODY_CAN_RESET,
        severity: Severity::Error,
        means: "After a plan nobody in scope can reset a password, although somebody can now, or nobody could whatever they \
                registered. It is checked where people are read: with `plan --impact`, and where `limits.losing` is set.",
        fix: "Change the policy, or check the scope. If it is intended, pass `--allow nobody-can-reset`, or write the code under \
              `limits.allow` in `ssprctl.yaml`. No `limits.losing` allows it.",
        example: None,
    },
    FindingCode {
        code: TOO_MANY_TENANTS,
        severity: Severity::Error,
        means: "One run would change more tenants than `limits.tenants` or `limits.percent` of `ssprctl.yaml` allows.",
        fix: "Apply in parts with `--tenant` or `--shard`, raise the limit, or pass `--allow too-many-tenants`.",
        example: Some("limits:\n  tenants: 25\n  percent: 20"),
    },
];

/// The findings about the destructive changes of a plan. One that is allowed is a warning, any other an error.
#[must_use]
pub(crate) fn destructive_changes(plan: &Plan, is_allowed: impl Fn(&str) -> bool) -> Vec<Finding> {
    let found = plan.changes().into_iter().filter_map(|change| {
        let (destructive, message) = destructive_change(&change, plan)?;
        let code = destructive.code();
        let finding = Finding::error(code, message).at(change.place, "this removes it");
        Some(if is_allowed(code) {
            Finding { severity: Severity::Warning, ..finding }.hint("it is allowed")
        } else {
            finding.hint(format!(
                "if it is intended, pass --allow {code} to `plan` and `apply`, or write it under `limits.allow` in ssprctl.yaml"
            ))
        })
    });
    found.collect()
}

fn destructive_change(change: &Change, plan: &Plan) -> Option<(DestructiveChange, &'static str)> {
    let was_on = |value: &Value| *value == Value::Bool(true);
    let is = |value: &Value, word: &str| matches!(value, Value::Text(text) if text == word);
    let name = change.setting.name;
    if name == scope::USERS.name && is(&change.after, "none") && !is(&change.before, "none") {
        return Some((
            DestructiveChange::ScopeSwitchedOff,
            "nobody may reset their own password any more, and some may now",
        ));
    }
    if name == methods::ALLOWED.name && leaves_nothing(change, plan) {
        return Some((
            DestructiveChange::MethodsSwitchedOff,
            "no method is left with which anybody could reset a password",
        ));
    }
    if name == scope::ADMINISTRATORS.name && was_on(&change.before) {
        return Some((
            DestructiveChange::AdministratorsSwitchedOff,
            "administrators may no longer reset their own password",
        ));
    }
    (name == writeback::PASSWORDS.name && was_on(&change.before)).then_some((
        DestructiveChange::WritebackSwitchedOff,
        "passwords that people reset no longer reach the directory on premises",
    ))
}

/// Whether no method is left. Two documents may allow methods, so the effective value decides.
fn leaves_nothing(change: &Change, plan: &Plan) -> bool {
    let empty = |value: &Value| matches!(value, Value::Set(words) if words.is_empty());
    let effective = plan.effects.iter().find(|effect| effect.setting.name == change.setting.name);
    empty(effective.map_or(&change.after, |effect| &effect.value)) && !empty(&change.before)
}

impl DestructiveChange {
    /// The code, which is also the word that allows it.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::ScopeSwitchedOff => "scope-switched-off",
            Self::MethodsSwitchedOff => "methods-switched-off",
            Self::AdministratorsSwitchedOff => "administrators-switched-off",
            Self::WritebackSwitchedOff => "writeback-switched-off",
            Self::TooManyLosing => TOO_MANY_LOSING,
            Self::NobodyCanReset => NOBODY_CAN_RESET,
        }
    }
}

/// The finding about a run that changes `changing` of the `fleet` tenants with a policy; `None` within the limits.
#[must_use]
pub(crate) fn limit_exceeded(limits: &LocatedLimits, changing: usize, fleet: usize) -> Option<Finding> {
    let LocatedLimits { tenants, percent, percent_from, per_ring: _, losing: _, allow: _ } = limits;
    let (many, most) = (u64::try_from(changing).ok()?, u64::try_from(fleet).ok()?);
    let exceeded = |place, of: String| {
        Finding::error(TOO_MANY_TENANTS, format!("{changing} of {} would change, {of}", counted(most, "tenant", "tenants")))
            .at(place, "the limit")
            .hint(format!(
                "apply in parts with --tenant or --shard, raise the limit in ssprctl.yaml, or pass --allow {TOO_MANY_TENANTS} to `apply`"
            ))
    };
    if let Some((limit, place)) = tenants
        && many > u64::from(*limit)
    {
        return Some(exceeded(place.clone(), format!("more than the {limit} that `limits.tenants` allows")));
    }
    let counts = most >= u64::from(percent_from.as_ref().map_or(PERCENT_FROM, |(from, _)| *from));
    let (limit, place) = percent.as_ref().filter(|_| counts)?;
    (many * 100 > u64::from(*limit) * most).then(|| {
        let tenths = many * 1_000 / most.max(1);
        let of = format!("{}.{} %: more than the {limit} % that `limits.percent` allows", tenths / 10, tenths % 10);
        exceeded(place.clone(), of)
    })
}

/// The finding about a run that changes so many tenants of one ring; `None` within the limit.
#[must_use]
pub(crate) fn ring_limit_exceeded(limits: &LocatedLimits, ring: &str, changing: usize) -> Option<Finding> {
    let (limit, place) = limits.per_ring.as_ref()?;
    let message = format!(
        "{} of the ring `{ring}` would change, more than the {limit} that `limits.perRing` allows",
        counted(changing as u64, "tenant", "tenants")
    );
    (u64::try_from(changing).ok()? > u64::from(*limit)).then(|| {
        Finding::error(TOO_MANY_TENANTS, message).at(place.clone(), "the limit").hint(format!(
            "make the ring smaller, apply in parts with --tenant, raise the limit in ssprctl.yaml, or pass --allow {TOO_MANY_TENANTS} to `apply`"
        ))
    })
}

//! Limits what a plan may take from people: how many may lose their reset, and that not nobody can reset any more.

use std::collections::BTreeMap;

use crate::base::count::counted;
use crate::base::finding::{Finding, Severity};
use crate::base::source::Place;
use crate::catalog::{authentication_methods, methods, scope, writeback};
use crate::person::answer::AnswerReason;
use crate::person::state::LossReason;
use crate::plan::change::Plan;
use crate::policy::codes::FindingCode;
use crate::policy::repository::config::{DestructiveChange, LosingLimit};
use crate::review::impact::{Impact, ImpactResult};
use crate::review::losses::Losses;
use crate::tenant::error::TenantError;

const LOSING_UNCLEAR: &str = "losing-unclear";

/// The findings about people that allow nothing.
pub(crate) const CODES: &[FindingCode] = &[FindingCode {
    code: LOSING_UNCLEAR,
    severity: Severity::Warning,
    means: "People were read, and of nobody who may be able to reset it is certain whether the plan takes it from them. Such \
            people never count as losing it, so the limit says nothing.",
    fix: "Look at the reasons under \"people\" in the plan, and make known what is not: a permission, a licence, a group whose \
          members can be read.",
    example: None,
}];

/// How a repository limits the loss of resets.
#[derive(Clone, Debug)]
pub(crate) struct LosingConfig<'a> {
    /// The limit that the repository sets.
    pub(crate) limit: Option<&'a (LosingLimit, Place)>,
    /// Whether more people may lose it.
    pub(crate) more_allowed: bool,
    /// Whether nobody needs to be able to reset.
    pub(crate) nobody_allowed: bool,
}

/// The findings about the people whom a plan affects; none if people were not read.
#[must_use]
pub(crate) fn findings(plan: &Plan, people: &ImpactResult, config: &LosingConfig<'_>) -> Vec<Finding> {
    let findings = match people {
        ImpactResult::Unaffected => Vec::new(),
        ImpactResult::Unknown(why) => config.limit.map(|limit| not_known(plan, limit, Some(why))).into_iter().collect(),
        ImpactResult::Counted(impact) if impact.by_date_alone => Vec::new(),
        ImpactResult::Counted(impact) => weigh_losses(plan, impact, config),
    };
    findings.into_iter().map(|finding| config.allow(finding)).collect()
}

fn weigh_losses(plan: &Plan, impact: &Impact, config: &LosingConfig<'_>) -> Vec<Finding> {
    let losses = &impact.losses;
    let mut found = Vec::new();
    match config.limit {
        // A limit that cannot be checked at all is not within its number.
        Some(limit) if losses.able == 0 && losses.unclear > 0 && !impact.unread.is_empty() => {
            found.push(not_known(plan, limit, impact.unread.first().map(|unread| &unread.why)));
        }
        Some(_) | None if losses.able == 0 && losses.unclear > 0 => found.push(unclear(plan, losses.unclear)),
        limit => found.extend(exceeded(plan, losses, limit)),
    }
    found.extend(nobody(plan, losses));
    found
}

fn exceeded(plan: &Plan, losses: &Losses, limit: Option<&(LosingLimit, Place)>) -> Option<Finding> {
    let Losses { sure, able: _, losing, reasons, unclear, now: _, then: _ } = losses;
    let most = limit.map_or(LosingLimit::Percent(0), |(most, _)| *most);
    let (is_more, allowed) = match most {
        LosingLimit::People(most) => (*losing > u64::from(most), most.to_string()),
        LosingLimit::Percent(most) => (losing * 100 > u64::from(most) * sure, format!("{most} %")),
    };
    let by = if limit.is_some() { "that `limits.losing` allows" } else { "that are allowed without `limits.losing`" };
    let tenths = losing * 1_000 / (*sure).max(1);
    let mut message = format!(
        "{losing} of {} in scope whose answer is known would lose the reset, {}.{} %: more than the {allowed} {by}",
        counted(*sure, "person", "people"),
        tenths / 10,
        tenths % 10
    );
    let why: Vec<_> =
        by_size(reasons).into_iter().map(|(reason, many)| format!("{many} because {}", words(reason))).collect();
    message.push_str(&format!("; {}", why.join(", ")));
    if *unclear > 0 {
        message.push_str(&format!("; of {unclear} more it is unclear"));
    }
    let first = by_size(reasons).first().map(|(reason, _)| reason.why);
    is_more.then(|| error(plan, DestructiveChange::TooManyLosing, message, first, limit))
}

/// Nobody in scope can reset after the plan, though somebody can now, or nobody could
/// whatever they registered and somebody could before.
fn nobody(plan: &Plan, losses: &Losses) -> Option<Finding> {
    let Losses { now, then, .. } = losses;
    if !then.nobody_can() {
        return None;
    }
    let was_closed = now.nobody_can() && !now.could;
    let (says, why) = match (now.able, then.could) {
        (able @ 1.., _) => (format!("can reset once this is applied, and {able} can now"), None),
        (0, false) if !was_closed => {
            let mut closed: Vec<_> = then.closed.iter().collect();
            closed.sort_by_key(|(_, many)| std::cmp::Reverse(**many));
            let why: Vec<_> =
                closed.iter().map(|(reason, many)| format!("{many} because {}", reason.words())).collect();
            let says = format!("could reset once this is applied, whatever they register: {}", why.join(", "));
            (says, closed.first().map(|(reason, _)| **reason))
        }
        (0, _) => return None,
    };
    let message = format!("none of the {} in scope {says}", counted(then.people, "person", "people"));
    Some(error(plan, DestructiveChange::NobodyCanReset, message, why, None))
}

fn not_known(plan: &Plan, limit: &(LosingLimit, Place), why: Option<&TenantError>) -> Finding {
    let code = DestructiveChange::TooManyLosing.code();
    let says = why.map(|why| format!(": {}", why.message)).unwrap_or_default();
    let message = format!("`limits.losing` is set, and it is unclear whether anybody loses the reset{says}");
    // No limit is high enough for a number that is not known.
    let hint = why.and_then(|why| why.hint.as_deref()).unwrap_or("`ssprctl doctor` says what is missing");
    Finding::error(code, message)
        .at(place(plan, None), "this may take it from them")
        .also(limit.1.clone(), "the limit")
        .hint(format!("{hint}; or pass --allow {code} to `plan` and `apply`, whoever loses it"))
}

fn unclear(plan: &Plan, unclear: u64) -> Finding {
    let message = match unclear {
        1 => "it is unclear of the 1 person who may be able to reset whether they lose it".to_owned(),
        many => format!("it is unclear of all {many} people who may be able to reset whether they lose it"),
    };
    Finding::warning(LOSING_UNCLEAR, message)
        .at(place(plan, None), "affects people")
        .hint("the reasons are below the number of people")
}

fn error(
    plan: &Plan,
    what: DestructiveChange,
    message: String,
    why: Option<AnswerReason>,
    limit: Option<&(LosingLimit, Place)>,
) -> Finding {
    let code = what.code();
    let or = match what {
        DestructiveChange::TooManyLosing => "raise `limits.losing` in ssprctl.yaml".to_owned(),
        DestructiveChange::NobodyCanReset
        | DestructiveChange::ScopeSwitchedOff
        | DestructiveChange::MethodsSwitchedOff
        | DestructiveChange::AdministratorsSwitchedOff
        | DestructiveChange::WritebackSwitchedOff => "write the code under `limits.allow` in ssprctl.yaml".to_owned(),
    };
    let finding = Finding::error(code, message)
        .at(place(plan, why), "this takes it from them")
        .hint(format!("if it is intended, pass --allow {code} to `plan` and `apply`, or {or}"));
    match limit {
        Some((_, limit)) => finding.also(limit.clone(), "the limit"),
        None => finding,
    }
}

impl LosingConfig<'_> {
    /// A finding that is allowed is a warning.
    fn allow(&self, finding: Finding) -> Finding {
        let allowed = (finding.code == DestructiveChange::TooManyLosing.code() && self.more_allowed)
            || (finding.code == DestructiveChange::NobodyCanReset.code() && self.nobody_allowed);
        if allowed { Finding { severity: Severity::Warning, ..finding }.hint("it is allowed") } else { finding }
    }
}

/// The place of the change that is behind a reason, or else of the first change that decides who can reset.
fn place(plan: &Plan, why: Option<AnswerReason>) -> Place {
    let changes = plan.changes();
    let named = |names: &[&str]| changes.iter().find(|change| names.contains(&change.setting.name));
    let deciding = [
        scope::USERS.name,
        scope::GROUP.name,
        methods::REQUIRED.name,
        methods::ALLOWED.name,
        authentication_methods::TARGETS.name,
        writeback::PASSWORDS.name,
        scope::ADMINISTRATORS.name,
    ];
    let behind: &[&str] = match why {
        Some(AnswerReason::ScopeNone | AnswerReason::NotInScope) => &[scope::USERS.name, scope::GROUP.name],
        Some(AnswerReason::AdministratorsOff) => &[scope::ADMINISTRATORS.name],
        Some(AnswerReason::WritebackOff) => &[writeback::PASSWORDS.name],
        Some(AnswerReason::MethodsMissing) => &[methods::REQUIRED.name, methods::ALLOWED.name],
        Some(AnswerReason::NothingAllowed | AnswerReason::MethodEnded) => &[methods::ALLOWED.name],
        Some(_) | None => &[],
    };
    let change = named(behind).or_else(|| named(&deciding)).or(changes.first());
    change.map_or_else(|| Place::new(&plan.source, 0, 0), |change| change.place.clone())
}

/// The reasons with their numbers, the largest first.
pub(crate) fn by_size(reasons: &BTreeMap<LossReason, u64>) -> Vec<(&LossReason, u64)> {
    let mut sorted: Vec<_> = reasons.iter().map(|(reason, many)| (reason, *many)).collect();
    sorted.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    sorted
}

/// A reason as the end of a sentence about people, with the methods that no longer count.
pub(crate) fn words(reason: &LossReason) -> String {
    let LossReason { why, methods } = reason;
    let methods: Vec<_> = methods.iter().map(|method| method.word()).collect();
    match methods.as_slice() {
        [] => why.words().to_owned(),
        [one] => format!("{} ({one} no longer counts)", why.words()),
        several => format!("{} ({} no longer count)", why.words(), several.join(" and ")),
    }
}

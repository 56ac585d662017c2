//! Which tenants share a block of output: those in sync are only counted, and those with the same changes are shown once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::apply::precondition::PreconditionFailed;
use crate::base::finding::{Finding, Label};
use crate::engine::result::{ApplyEnding, ApplyResult, DriftResult, TenantResult};
use crate::plan::change::{Change, Plan, UnknownSetting};
use crate::plan::same_change::identity;
use crate::render::text::effects::EffectRow;
use crate::render::text::shared_error::error_key;
use crate::render::text::{effects, hold, impact};
use crate::review::approve::{Refusal, Review};
use crate::review::impact::ImpactResult;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::UnreadFact;

/// Tenants that share one block of output; the first represents them all.
pub(crate) type GroupedTenants<'a, T> = [(&'a TenantResult<T>, &'a T)];

/// Tenants that share one block of output, or one error.
pub(crate) enum TenantGroup<'a, T> {
    /// Tenants with the same output; the first represents them all. Never empty.
    Alike(Vec<(&'a TenantResult<T>, &'a T)>),
    /// Tenants that could not be read for the same reason, with the error of the first. Never empty.
    Failed(Vec<&'a TenantResult<T>>, &'a TenantError),
}

/// Groups the tenants by `key`, in the order of the first of each group. A tenant without a key is a group of its own, and
/// tenants that are `silent` are left out.
pub(crate) fn group<'a, T>(
    tenants: &'a [TenantResult<T>],
    silent: impl Fn(&T) -> bool,
    key: impl Fn(&T) -> Option<String>,
) -> Vec<TenantGroup<'a, T>> {
    let mut groups: Vec<TenantGroup<'a, T>> = Vec::new();
    let mut known: BTreeMap<(Option<TenantErrorKind>, String), usize> = BTreeMap::new();
    for tenant in tenants {
        let key = match &tenant.result {
            Err(why) => Some((Some(why.kind), error_key("", why, &tenant.tenant))),
            Ok(result) if silent(result) => continue,
            Ok(result) => key(result).map(|key| (None, key)),
        };
        let place = key.map(|key| *known.entry(key).or_insert(groups.len()));
        match (place.and_then(|at| groups.get_mut(at)), &tenant.result) {
            (Some(TenantGroup::Alike(members)), Ok(result)) => members.push((tenant, result)),
            (Some(TenantGroup::Failed(members, _)), Err(_)) => members.push(tenant),
            (_, Ok(result)) => groups.push(TenantGroup::Alike(vec![(tenant, result)])),
            (_, Err(why)) => groups.push(TenantGroup::Failed(vec![tenant], why)),
        }
    }
    groups
}

/// Whether a review has nothing to show.
pub(crate) fn has_no_output(result: &impl AsRef<Review>) -> bool {
    let review = result.as_ref();
    let no_forecast = matches!(review.impact, None | Some(ImpactResult::Unaffected));
    review.held.is_empty()
        && review.plan.is_empty()
        && review.plan.unread.is_empty()
        && review.findings.is_empty()
        && no_forecast
}

/// Whether a drift report of a tenant has nothing to show.
pub(crate) fn no_drift(drifting: &DriftResult) -> bool {
    has_no_output(drifting) && drifting.pending.is_empty()
}

/// The text that tenants with the same drift share.
pub(crate) fn drift_key(drifting: &DriftResult) -> Option<String> {
    let plan = &drifting.review.plan;
    let mut key = group_key(drifting)?;
    for change in &drifting.pending {
        let _ = writeln!(key, "pending {}", identity(change, &plan.group_names));
    }
    // What is unknown is said once for all tenants of the group.
    let _ = writeln!(key, "{:?} {:?}", drifting.undecided, drifting.returned);
    Some(key)
}

/// A part of what is shown of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReviewPart {
    /// The changes, without the documents that are written.
    Changes,
    /// The requests with their changes.
    Requests,
    /// What waits until enough people are ready.
    Held,
    /// What is in effect once applied.
    Effects,
    /// The people whom it affects.
    People,
    /// What could not be read.
    Unread,
    Findings,
}

impl ReviewPart {
    /// What a plan shows.
    pub(crate) const PLANNED: &[Self] =
        &[Self::Changes, Self::Held, Self::Effects, Self::People, Self::Unread, Self::Findings];
}

/// The text that tenants with the same output share: the changes, the findings and their consequences. A group is its
/// name, because the same group has another id in every tenant.
pub(crate) fn group_key<T: AsRef<Review>>(result: &T) -> Option<String> {
    Some(key_of(result.as_ref(), ReviewPart::PLANNED))
}

/// The text that tenants share of which these parts are shown, and are the same.
fn key_of(review: &Review, parts: &[ReviewPart]) -> String {
    let Review { plan, findings, waived: _, silenced: _, held, impact: touched } = review;
    let mut key = String::new();
    for part in parts {
        match part {
            ReviewPart::Changes => plan.changes().iter().for_each(|change| key.push_str(&change_key(change, plan))),
            ReviewPart::Requests => {
                for step in &plan.steps {
                    let _ = writeln!(key, "{}", step.surface.name());
                    step.changes.iter().for_each(|change| key.push_str(&change_key(change, plan)));
                }
            }
            ReviewPart::Held => {
                for one in held {
                    let _ = writeln!(key, "held {} {:?}", identity(&one.change, &plan.group_names), hold::lines(one));
                }
            }
            ReviewPart::Effects => {
                for EffectRow { name, says } in effects::rows(plan) {
                    let _ = writeln!(key, "{name}: {says}");
                }
            }
            ReviewPart::People => {
                let lines = impact::lines(review).into_iter();
                for row in lines.flat_map(|(title, rows)| [vec![title], rows].concat()) {
                    let _ = writeln!(key, "{row}");
                }
                if let Some(forecast) = touched.as_ref().and_then(ImpactResult::forecast) {
                    let _ = writeln!(key, "{forecast:?}");
                }
            }
            ReviewPart::Unread => {
                let tenant = plan.tenant.to_string();
                for UnknownSetting { setting, place: at, why } in &plan.unknown {
                    let _ = writeln!(key, "{}", error_key(setting.name, why, &tenant));
                    place(&mut key, &Label { place: at.clone(), says: String::new() }, plan);
                }
                for UnreadFact { what, why } in &plan.unread {
                    let _ = writeln!(key, "{}", error_key(what, why, &tenant));
                }
            }
            ReviewPart::Findings => {
                findings.iter().for_each(|finding| key.push_str(&finding_key(finding, plan)));
            }
        }
    }
    key
}

/// A change as far as tenants share it, as in drift that they have in common.
fn change_key(change: &Change, plan: &Plan) -> String {
    format!("{}\n", identity(change, &plan.group_names))
}

/// A finding as far as tenants share it.
pub(crate) fn finding_key(finding: &Finding, plan: &Plan) -> String {
    let Finding { at, code, severity, message, also, hint } = finding;
    let mut key = format!("{code} {} {message:?} {hint:?}\n", severity.name());
    at.iter().chain(also).for_each(|label| place(&mut key, label, plan));
    key
}

/// Policies that differ by the tenant alone say the same at the same place of their own files.
fn place(key: &mut String, label: &Label, plan: &Plan) {
    let Label { place, says } = label;
    let (line, column) = place.line_column();
    let file = if place.source.path == plan.source.path { "" } else { place.source.path.as_str() };
    let _ = writeln!(key, "{file:?}:{line}:{column} {says:?}");
}

/// The text that tenants with the same result of an apply share, where it succeeded as a whole or sent nothing. Every other
/// result may be the tenant's own. `shown` is what is shown of the review of a tenant whose apply ended so: what nobody sees
/// makes no difference.
pub(crate) fn applied_alike(
    applied: &ApplyResult,
    shown: impl Fn(&ApplyEnding) -> &'static [ReviewPart],
) -> Option<String> {
    let word = match &applied.ending {
        ApplyEnding::InSync if applied.is_in_sync_in_full() => return Some("matched".to_owned()),
        ApplyEnding::InSync => "held".to_owned(),
        ApplyEnding::Declined => "declined".to_owned(),
        // Nothing was done, so there is nothing else to show but what could not be read.
        ApplyEnding::RingNotStarted { ring, after } => {
            return Some(format!("not begun {ring} {after} {}", key_of(&applied.review, &[ReviewPart::Unread])));
        }
        ApplyEnding::PreconditionFailed(PreconditionFailed::ReviewStopped) => return Some("stopped".to_owned()),
        // What moved is named by the message.
        ApplyEnding::PreconditionFailed(PreconditionFailed::ReviewOutdated(why)) => {
            return Some(format!("stale {}", why.message));
        }
        ApplyEnding::Refused(Refusal::Errors) => "refused for errors".to_owned(),
        ApplyEnding::Refused(Refusal::Unknown) => "refused for what is unknown".to_owned(),
        ApplyEnding::Executed(outcome) if outcome.steps.iter().any(|done| done.refused.is_some()) => return None,
        ApplyEnding::Executed(_) if applied.went_well() => "done".to_owned(),
        ApplyEnding::Executed(_) | ApplyEnding::PreconditionFailed(_) => return None,
    };
    Some(format!("{word} {}", key_of(&applied.review, shown(&applied.ending))))
}

//! Which tenants are told together: those that match are only counted, those that change alike are told once.

use crate::apply::outcome::{StepOutcome, StepResult};
use crate::plan::change::{Change, Plan};
use crate::render::report::{Applied, Ending, PerTenant};
use crate::review::approve::Review;
use crate::tenant::trouble::Trouble;

/// What is told at once.
pub(crate) enum Told<'a, T> {
    /// Tenants of which the same is to be told; the first speaks for all. Never empty.
    Alike(Vec<(&'a PerTenant<T>, &'a T)>),
    /// A tenant that could not be read.
    Failed(&'a PerTenant<T>, &'a Trouble),
}

/// The tenants, each with those that are `alike` and come later. Tenants that are `silent` are left out.
pub(crate) fn group<'a, T>(
    tenants: &'a [PerTenant<T>],
    silent: impl Fn(&T) -> bool,
    alike: impl Fn(&T, &T) -> bool,
) -> Vec<Told<'a, T>> {
    let mut groups: Vec<Told<'a, T>> = Vec::new();
    for tenant in tenants {
        match &tenant.result {
            Err(why) => groups.push(Told::Failed(tenant, why)),
            Ok(result) if silent(result) => {}
            Ok(result) => {
                let place = groups.iter_mut().find_map(|told| match told {
                    Told::Alike(members) if members.first().is_some_and(|(_, first)| alike(first, result)) => {
                        Some(members)
                    }
                    Told::Alike(_) | Told::Failed(..) => None,
                });
                match place {
                    Some(members) => members.push((tenant, result)),
                    None => groups.push(Told::Alike(vec![(tenant, result)])),
                }
            }
        }
    }
    groups
}

/// Whether there is nothing to tell about a review.
pub(crate) fn silent(result: &impl AsRef<Review>) -> bool {
    let review = result.as_ref();
    review.plan.is_empty() && review.plan.unread.is_empty() && review.findings.is_empty()
}

/// Whether two tenants change in the same way, with the same findings and nothing unknown.
pub(crate) fn alike<T: AsRef<Review>>(left: &T, right: &T) -> bool {
    let (left, right) = (left.as_ref(), right.as_ref());
    let known = |plan: &Plan| plan.unknown.is_empty() && plan.unread.is_empty();
    known(&left.plan)
        && known(&right.plan)
        && left.findings == right.findings
        && left.plan.managed_effects().eq(right.plan.managed_effects())
        && same_changes(&left.plan, &right.plan)
}

/// Whether an apply did the same to two tenants: all of it got through, or a person said no.
pub(crate) fn applied_alike(left: &Applied, right: &Applied) -> bool {
    match (&left.ending, &right.ending) {
        (Ending::Declined, Ending::Declined) => alike(&left.review, &right.review),
        (Ending::Done(one), Ending::Done(other)) => {
            let verified = |steps: &[StepOutcome]| steps.iter().all(|step| step.result == StepResult::Verified);
            verified(&one.steps) && verified(&other.steps) && alike(&left.review, &right.review)
        }
        _ => false,
    }
}

fn same_changes(left: &Plan, right: &Plan) -> bool {
    let same = |(a, b): (&Change, &Change)| a.setting == b.setting && a.before == b.before && a.after == b.after;
    let (left, right) = (left.changes(), right.changes());
    left.len() == right.len() && left.iter().zip(&right).all(same)
}

/// Whether every tenant was read and nothing speaks against its plan: only then can there be "no changes".
pub(crate) fn answered(tenants: &[PerTenant<Review>]) -> bool {
    tenants.iter().all(|tenant| tenant.result.as_ref().is_ok_and(|review| review.refusal().is_none()))
}

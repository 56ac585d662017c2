//! What an apply did, for a person at a terminal.

use std::collections::BTreeSet;

use crate::apply::outcome::StepOutcome;
use crate::engine::result::{ApplyEnding, ApplyResult, FleetView, TenantResult};
use crate::plan::change::{Change, merge_by_setting};
use crate::render::terminal::fleet::{self, FleetText};
use crate::render::terminal::plan::{held, planned};
use crate::render::terminal::rows::{block, join, rows, unread};
use crate::render::text::error::{
    acts_within, precondition_failed, refusal, refused_note, ring_not_started, rolled_back, step_result,
};
use crate::render::text::fleet::apply_row;
use crate::render::text::group::{GroupedTenants, ReviewPart, applied_alike, group};
use crate::render::text::impact::sum_of_applied;
use crate::render::text::safe::safe;
use crate::render::text::shared_error::{plan_without_own, requests_of};
use crate::render::text::style::{BAD, DOUBT, GOOD, HEADING, paint};
use crate::render::text::summary_lines::{IN_SYNC_AS_READ, NO_CHANGES, TenantCounts, applied_line};
use crate::render::text::value;
use crate::render::text::value::GroupNames;
use crate::review::approve::Review;

/// What an apply did. Of several tenants there is a table; those with the same result share a block.
#[must_use]
pub fn apply(tenants: &[TenantResult<ApplyResult>], view: FleetView<'_>) -> String {
    let several = tenants.len() > 1;
    let groups = group(tenants, |applied| several && applied.is_in_sync_in_full(), |one| applied_alike(one, shown));
    let end = |members: &GroupedTenants<'_, ApplyResult>| match members {
        [] => String::new(),
        [(_, applied)] => ending(applied),
        [(_, applied), ..] => {
            let plan = plan_without_own(applied.review.plan.clone());
            let ids = match shown(&applied.ending).contains(&ReviewPart::Unread) {
                true => requests_of(members.iter().map(|(_, one)| &one.review.plan)),
                false => Vec::new(),
            };
            let ids = if ids.is_empty() {
                String::new()
            } else {
                format!("\n  {}", FleetText { tenants, view }.requests(&ids))
            };
            let review = Review { plan, ..applied.review.clone() };
            ending(&ApplyResult { review, ending: applied.ending.clone() }) + &ids
        }
    };
    let mut blocks: Vec<_> = several.then(|| fleet::table_of(tenants, view, apply_row)).flatten().into_iter().collect();
    blocks.extend(groups.into_iter().map(|group| match several {
        true => fleet::block(tenants, view, group, end),
        false => block(group, end),
    }));
    blocks.extend(unread_of_executed(tenants));
    blocks.extend(sum_of_applied(tenants).map(|line| safe(&line).into_owned()));
    blocks.extend(TenantCounts::of_applied(tenants).line("changed"));
    let matched =
        |tenant: &TenantResult<ApplyResult>| tenant.result.as_ref().is_ok_and(ApplyResult::is_in_sync_in_full);
    let rolled_back = tenants.iter().any(|tenant| tenant.result.as_ref().is_ok_and(is_rollback));
    blocks.push(if !tenants.is_empty() && tenants.iter().all(matched) {
        paint(HEADING, if rolled_back { NOTHING_TO_ROLL_BACK } else { NO_CHANGES })
    } else {
        paint(HEADING, &applied_line(tenants))
    });
    join(&blocks)
}

/// The last line of a rollback that has nothing to reverse: it compares a tenant with a run, not with a policy.
const NOTHING_TO_ROLL_BACK: &str = "No changes: nothing of the run is left to roll back.";

fn is_rollback(applied: &ApplyResult) -> bool {
    !applied.review.plan.rolled_back.is_empty()
}

/// What could not be read of tenants to which something was sent, each thing once: their blocks show what was done alone.
fn unread_of_executed(tenants: &[TenantResult<ApplyResult>]) -> BTreeSet<String> {
    let applied = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let executed = applied.filter(|applied| matches!(applied.ending, ApplyEnding::Executed(_)));
    let texts = executed.map(|applied| match tenants.len() {
        1 => unread(&applied.review.plan),
        _ => unread(&plan_without_own(applied.review.plan.clone())),
    });
    texts.filter(|text| !text.is_empty()).collect()
}

/// What [`ending`] shows of a review.
fn shown(ending: &ApplyEnding) -> &'static [ReviewPart] {
    match ending {
        ApplyEnding::Refused(_) => ReviewPart::PLANNED,
        ApplyEnding::InSync => &[ReviewPart::Held, ReviewPart::Unread],
        ApplyEnding::Executed(_) => &[ReviewPart::Requests, ReviewPart::Held],
        ApplyEnding::RingNotStarted { .. } => &[ReviewPart::Unread],
        ApplyEnding::Declined | ApplyEnding::PreconditionFailed(_) => &[],
    }
}

fn ending(applied: &ApplyResult) -> String {
    let failed =
        |message: &str, hint: &str| format!("{} {}\n  hint: {}", paint(BAD, "error:"), safe(message), safe(hint));
    match &applied.ending {
        ApplyEnding::InSync if is_rollback(applied) => {
            "  everything that the run changed has its earlier value already; nothing was sent".to_owned()
        }
        ApplyEnding::InSync if !applied.review.held.is_empty() => {
            format!("{}\n\n  nothing else is to change; nothing was sent", held(&applied.review))
        }
        ApplyEnding::InSync if applied.is_in_sync_in_full() => {
            "  the tenant matches the policy; nothing was sent".to_owned()
        }
        ApplyEnding::InSync => {
            let end = format!("  the tenant is {IN_SYNC_AS_READ}; nothing was sent");
            let parts = [unread(&applied.review.plan), end];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
        }
        ApplyEnding::Declined => "  not approved; nothing was sent".to_owned(),
        ApplyEnding::RingNotStarted { ring, after } => {
            let (message, hint) = ring_not_started(ring, after);
            let waits = format!("  {}\n  hint: {}", safe(&message), safe(&hint));
            let parts = [unread(&applied.review.plan), waits];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
        }
        ApplyEnding::Refused(why) => {
            let (message, hint) = refusal(*why);
            format!("{}\n\n{}", planned(&applied.review), failed(message, hint))
        }
        ApplyEnding::PreconditionFailed(why) => {
            let (message, hint) = precondition_failed(why);
            failed(&message, &hint)
        }
        ApplyEnding::Executed(outcome) => {
            let steps = outcome.steps.iter().map(|done| {
                let plan = &applied.review.plan;
                let show = |change: &Change, names: &GroupNames| value::change(&change.before, &change.after, names);
                let shown = rows(&merge_by_setting(&done.step.changes), plan, show, |_| Vec::new());
                match step_result(done.step.surface, &done.result) {
                    None => {
                        let verified = paint(GOOD, &format!("✓ {} verified", done.step.surface.name()));
                        format!("{shown}\n  {verified}{}{}", refused(done), pending(done))
                    }
                    Some((message, hint)) => {
                        let mark = paint(BAD, &format!("✗ {}", done.step.surface.name()));
                        let (refused, pending) = (refused(done), pending(done));
                        format!("{shown}\n  {mark} {}{refused}{pending}\n    hint: {}", safe(&message), safe(&hint))
                    }
                }
            });
            let rollback = outcome.rollback.as_ref().map(|rollback| match rolled_back(rollback) {
                (message, None) => format!("  {}", paint(DOUBT, &message)),
                (message, Some(hint)) => failed(&message, &hint),
            });
            let held = Some(held(&applied.review)).filter(|held| !held.is_empty());
            steps.chain(rollback).chain(held).collect::<Vec<_>>().join("\n\n")
        }
    }
}

/// The note for a step that the service refused although the tenant shows it.
fn refused(done: &StepOutcome) -> String {
    refused_note(done).map(|note| paint(DOUBT, &format!(", {}", safe(&note)))).unwrap_or_default()
}

/// The note for a step that takes effect with a delay.
fn pending(done: &StepOutcome) -> String {
    done.acts_within_minutes().map(|minutes| format!("; {}", acts_within(minutes))).unwrap_or_default()
}

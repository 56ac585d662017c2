//! What an apply did.

use crate::apply::outcome::StepOutcome;
use crate::engine::result::{ApplyEnding, ApplyResult, FleetView, TenantResult};
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::diff::{TextDiff, lines_of};
use crate::render::markdown::escape::{code, fence, prose};
use crate::render::markdown::fleet::table;
use crate::render::markdown::lists;
use crate::render::markdown::plan::titled_held as held;
use crate::render::markdown::tenants::{OPEN, body, fold, policies, unreadable};
use crate::render::text::error::{
    acts_within, precondition_failed, refusal, refused_note, ring_not_started, rolled_back, step_result,
};
use crate::render::text::fleet::{NAMED, apply_row, ended};
use crate::render::text::group::{GroupedTenants, ReviewPart, TenantGroup, applied_alike, group};
use crate::render::text::impact::sum_of_applied;
use crate::render::text::notes;
use crate::render::text::shared_error::{plan_without_own, request_words, requests_of};
use crate::render::text::summary_lines::{NO_CHANGES, TenantCounts, applied_line};
use crate::render::text::value::GroupNames;

/// What was done to each tenant.
#[must_use]
pub fn apply(tenants: &[TenantResult<ApplyResult>], view: FleetView<'_>) -> String {
    let mut groups = group(tenants, matched, |one| applied_alike(one, shown));
    groups.sort_by_key(|group| match group {
        TenantGroup::Failed(..) => 0,
        TenantGroup::Alike(members) if members.iter().any(|(_, applied)| !applied.went_well()) => 1,
        TenantGroup::Alike(_) => 2,
    });
    let open = groups.len() <= OPEN;
    let parts = groups.iter().map(|group| match group {
        TenantGroup::Failed(tenants, why) => unreadable(tenants, why, open),
        TenantGroup::Alike(members) => applied(members, open),
    });
    let parts = parts.collect();
    Comment { command: "apply", summary: summary(tenants, view), parts, footer: footer(tenants) }.text()
}

fn summary(tenants: &[TenantResult<ApplyResult>], view: FleetView<'_>) -> Vec<String> {
    let already = tenants.iter().filter(|tenant| tenant.result.as_ref().is_ok_and(matched)).count();
    if already == tenants.len() && already > 0 {
        return vec![format!("**{NO_CHANGES}**")];
    }
    let reviews = tenants.iter().filter_map(|tenant| Some(&tenant.result.as_ref().ok()?.review));
    let mut lines: Vec<_> = notes::skipped(reviews).iter().map(|line| prose(line)).collect();
    lines.push(format!("**{}**", applied_line(tenants)));
    lines.extend(sum_of_applied(tenants).map(|line| prose(&line)));
    lines.extend(TenantCounts::of_applied(tenants).line("changed"));
    lines.extend(table(tenants, view, apply_row));
    lines
}

fn footer(tenants: &[TenantResult<ApplyResult>]) -> String {
    let well = tenants.iter().all(|tenant| tenant.result.as_ref().is_ok_and(ApplyResult::went_well));
    if well {
        String::new()
    } else {
        "Not everything was applied. Fix what is named above, then apply again: what is left to do is planned first."
            .to_owned()
    }
}

fn matched(applied: &ApplyResult) -> bool {
    applied.is_in_sync_in_full()
}

fn applied(members: &GroupedTenants<'_, ApplyResult>, open: bool) -> CommentPart {
    let Some((_, first)) = members.first() else { return fold(&[], "", "", open) };
    let (tenants, names): (Vec<_>, Vec<_>) = members.iter().map(|(one, _)| (*one, one.tenant.as_str())).unzip();
    let details = ending(first, members.len() > 1);
    let list = match members {
        [_] => lists::list(&first.review.plan, &first.review.findings),
        _ => {
            let plans = members.iter().map(|(_, one)| &one.review.plan);
            let ids = request_words(&requests_of(plans), NAMED, code).map(|words| format!("- {words}"));
            let list = lists::list(&plan_without_own(first.review.plan.clone()), &first.review.findings);
            list_of(&[list, ids.unwrap_or_default()])
        }
    };
    let details = if matches!(first.ending, ApplyEnding::Executed(_)) {
        body(vec![details, list])
    } else {
        list_of(&[list, details])
    };
    fold(&names, &ended(first), &body(vec![policies(&tenants, ""), details]), open)
}

/// What is shown of the review of a tenant.
fn shown(ending: &ApplyEnding) -> &'static [ReviewPart] {
    match ending {
        ApplyEnding::InSync => &[ReviewPart::Held, ReviewPart::Unread, ReviewPart::Findings],
        ApplyEnding::Executed(_) => &[ReviewPart::Requests, ReviewPart::Held, ReviewPart::Unread, ReviewPart::Findings],
        ApplyEnding::Refused(_)
        | ApplyEnding::Declined
        | ApplyEnding::RingNotStarted { .. }
        | ApplyEnding::PreconditionFailed(_) => &[ReviewPart::Unread, ReviewPart::Findings],
    }
}

/// How it ended, in full; for many tenants at once or for one.
fn ending(applied: &ApplyResult, many: bool) -> String {
    let plan = &applied.review.plan;
    match &applied.ending {
        ApplyEnding::InSync => held(&applied.review),
        ApplyEnding::Declined => String::new(),
        ApplyEnding::RingNotStarted { ring, after } => {
            let (message, hint) = ring_not_started(ring, after);
            format!("- {}\n  - hint: {}", prose(&message), prose(&hint))
        }
        ApplyEnding::Refused(why) => {
            let (message, hint) = refusal(*why);
            failed(message, hint)
        }
        ApplyEnding::PreconditionFailed(why) => {
            let (message, hint) = precondition_failed(why);
            failed(&message, &hint)
        }
        ApplyEnding::Executed(outcome) => {
            let steps =
                outcome.steps.iter().enumerate().map(|(index, done)| step(index, done, &plan.group_names, many));
            let rollback = outcome.rollback.as_ref().map(|rollback| {
                let (message, hint) = rolled_back(rollback);
                let hint = hint.map(|hint| format!("\n  - hint: {}", prose(&hint))).unwrap_or_default();
                format!("- **{}**{hint}", prose(&message))
            });
            let held = Some(held(&applied.review)).filter(|held| !held.is_empty());
            body(steps.chain(rollback).chain(held).collect())
        }
    }
}

fn step(index: usize, done: &StepOutcome, names: &GroupNames, many: bool) -> String {
    let StepOutcome { step, result, refused: _ } = done;
    let request = format!("- request {} to {}", index + 1, code(step.surface.name()));
    let pending = done.acts_within_minutes().map(|minutes| format!("; {}", acts_within(minutes))).unwrap_or_default();
    let refused = refused_note(done).map(|note| format!(", {}", prose(&note))).unwrap_or_default();
    let head = match step_result(step.surface, result) {
        None => format!("{request}: **verified**{refused}{pending}"),
        Some((message, hint)) => {
            format!("{request}: {}{refused}{pending}\n  - hint: {}", prose(&message), prose(&hint))
        }
    };
    let mut difference = TextDiff::default();
    for change in &step.changes {
        let [before, after] = [&change.before, &change.after].map(|value| lines_of(many, change.setting, value, names));
        difference.change(&before, &after);
    }
    body(vec![head, fence("diff", &difference.unified())])
}

fn failed(message: &str, hint: &str) -> String {
    format!("- **error**: {}\n  - hint: {}", prose(message), prose(hint))
}

/// Lists as one list.
fn list_of(lists: &[String]) -> String {
    let lists: Vec<_> = lists.iter().filter(|list| !list.is_empty()).map(String::as_str).collect();
    lists.join("\n")
}

//! Drift.

use crate::engine::result::{DriftResult, FleetView, TenantResult};
use crate::plan::change::Change;
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::diff::{TextDiff, lines_of};
use crate::render::markdown::escape::{code, fence, prose};
use crate::render::markdown::fleet::{self, FleetParts};
use crate::render::markdown::lists;
use crate::render::markdown::tenants::{body, grouped};
use crate::render::text::attribution::{Escaping, PENDING, REVERTS};
use crate::render::text::fleet::{Direction, review_row};
use crate::render::text::group::{GroupedTenants, drift_key, group, no_drift};
use crate::render::text::summary_lines::{TenantCounts, drift_line};
use crate::render::text::unread_item::UnreadItem;
use crate::render::text::{attribution, notes};

pub(super) const QUOTE: Escaping = Escaping { name: code, prose };

/// Where tenants are not as their policies say.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>], view: FleetView<'_>) -> String {
    text(tenants, view, Vec::new())
}

/// The same without rings, with more paragraphs below the summary.
pub(super) fn with_notes(tenants: &[TenantResult<DriftResult>], notes: Vec<String>) -> String {
    text(tenants, FleetView::default(), notes)
}

fn text(tenants: &[TenantResult<DriftResult>], view: FleetView<'_>, notes: Vec<String>) -> String {
    let reviews = tenants.iter().filter_map(|tenant| Some(&tenant.result.as_ref().ok()?.review));
    let mut summary: Vec<_> = notes::skipped(reviews).iter().map(|line| prose(line)).collect();
    summary.push(format!("**{}**", drift_line(tenants)));
    summary.extend(TenantCounts::of_drift(tenants).line("drifted"));
    let row = |tenant: &_| review_row(tenant, Direction::FromPolicy, |one: &DriftResult| one.pending.len());
    summary.extend(fleet::table(tenants, view, row));
    let reverts = attribution::revert_lines(tenants, &QUOTE);
    if !reverts.is_empty() {
        summary.push(format!("{REVERTS}\n\n- {}", reverts.join("\n- ")));
    }
    summary.extend(notes);
    let drifted = |one: &TenantResult<DriftResult>| {
        one.result.as_ref().is_ok_and(|drifting| !drifting.review.plan.steps.is_empty())
    };
    let footer = if tenants.iter().any(drifted) { footer() } else { String::new() };
    let parts = if tenants.len() > 1 {
        shared_parts(tenants)
    } else {
        let groups = group(tenants, no_drift, drift_key);
        grouped(groups, Direction::FromPolicy, |one| one.pending.len(), below)
    };
    Comment { command: "drift", summary, parts, footer }.text()
}

/// What several tenants share, each thing once.
fn shared_parts(tenants: &[TenantResult<DriftResult>]) -> Vec<CommentPart> {
    let fleet = FleetParts(tenants);
    let drifted = |one: &DriftResult| one.review.plan.changes();
    let drifted = fleet.changes(drifted, (Direction::FromPolicy, "drifted"), changed_by);
    let pending = fleet.changes(|one| one.pending.clone(), (Direction::ToPolicy, "pending"), |_, _| String::new());
    let notes = fleet.unknown(|one: &DriftResult| {
        let lines = attribution::undecided(one).into_iter();
        let undecided = lines.map(|line| UnreadItem::said(format!("- {}", prose(&line))));
        let tenant = one.review.plan.tenant.to_string();
        undecided.chain(attribution::unread(one).map(|why| lists::error_item(why, &tenant))).collect()
    });
    fleet.parts(drifted, pending.into_iter().chain(notes).collect())
}

/// Who changed each setting, and what is pending.
fn below(members: &GroupedTenants<'_, DriftResult>) -> String {
    let Some((_, drifting)) = members.first() else { return String::new() };
    let lists = [changed_by(members, &drifting.review.plan.changes()), notes(drifting)];
    let list: Vec<_> = lists.into_iter().filter(|list| !list.is_empty()).collect();
    body(vec![list.join("\n"), pending(members)])
}

/// What is to be applied, from the value of the tenant to the value of the policy.
fn pending(members: &GroupedTenants<'_, DriftResult>) -> String {
    let Some((_, drifting)) = members.first().filter(|(_, one)| !one.pending.is_empty()) else { return String::new() };
    let mut diff = TextDiff::default();
    for Change { setting, before, after, place: _ } in &drifting.pending {
        let names = &drifting.review.plan.group_names;
        let [before, after] = [before, after].map(|value| lines_of(members.len() > 1, setting, value, names));
        diff.change(&before, &after);
    }
    format!("{}:\n\n{}", PENDING.replacen('p', "P", 1), fence("diff", &diff.unified()))
}

/// Who changed each of these settings, as a list; settings for which that is the same in several tenants are one item.
fn changed_by(members: &GroupedTenants<'_, DriftResult>, changes: &[Change]) -> String {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for change in changes {
        let (name, lines) = (code(change.setting.name), attribution::lines(members, change.setting.name, &QUOTE));
        match groups.iter_mut().find(|(_, known)| members.len() > 1 && *known == lines) {
            Some((names, _)) => names.push(name),
            None => groups.push((vec![name], lines)),
        }
    }
    let line = |(names, lines): &(Vec<String>, Vec<String>)| {
        let names = names.join(", ");
        lines.iter().map(|line| format!("- {names}: {line}")).collect::<Vec<_>>()
    };
    groups.iter().flat_map(line).collect::<Vec<_>>().join("\n")
}

/// Of what it is unknown whether it is drift, and why the audit log could not be read, as a list.
fn notes(drifting: &DriftResult) -> String {
    let undecided = attribution::undecided(drifting).into_iter().map(|line| format!("- {}", prose(&line)));
    undecided.chain(attribution::unread(drifting).map(lists::error)).collect::<Vec<_>>().join("\n")
}

fn footer() -> String {
    format!(
        "`-` is what the policy says, `+` is what the tenant has. To restore the policy, apply it again. To accept the \
         value of the tenant, change the policy: {} writes the value into it.",
        code("ssprctl accept")
    )
}

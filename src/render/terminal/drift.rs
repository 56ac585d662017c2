//! Drift for a person at a terminal.

use crate::engine::result::{DriftResult, FleetView, TenantResult};
use crate::plan::change::Change;
use crate::render::terminal::fleet::{self, FleetText, unread_item};
use crate::render::terminal::rows::{block, body, doubt, join, rows};
use crate::render::text::attribution::{Escaping, PENDING, REVERTS};
use crate::render::text::fleet::{Direction, SharedItem, changes, review_row, shared};
use crate::render::text::group::{GroupedTenants, drift_key, group, no_drift};
use crate::render::text::safe::safe;
use crate::render::text::style::{HEADING, MUTED, paint};
use crate::render::text::summary_lines::{TenantCounts, drift_line};
use crate::render::text::unread_item::UnreadItem;
use crate::render::text::value::GroupNames;
use crate::render::text::{attribution, value};

const QUOTE: Escaping = Escaping { name: |text| safe(text).into_owned(), prose: |text| safe(text).into_owned() };

/// Where tenants are not as their policies say; what several share is shown once, below a table of all.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>], view: FleetView<'_>) -> String {
    let mut blocks = if tenants.len() > 1 {
        several(tenants, view)
    } else {
        group(tenants, no_drift, drift_key).into_iter().map(|group| block(group, drifted)).collect()
    };
    let reverts = attribution::revert_lines(tenants, &QUOTE);
    if !reverts.is_empty() {
        blocks.push(format!("{}\n  {}", paint(HEADING, REVERTS), reverts.join("\n  ")));
    }
    blocks.extend(TenantCounts::of_drift(tenants).line("drifted"));
    blocks.push(paint(HEADING, &drift_line(tenants)));
    join(&blocks)
}

/// The parts of drift: the table, what could not be read, what drifted and who changed it, what is pending, and findings.
fn several(tenants: &[TenantResult<DriftResult>], view: FleetView<'_>) -> Vec<String> {
    let text = FleetText { tenants, view };
    let row = |tenant: &_| review_row(tenant, Direction::FromPolicy, |one: &DriftResult| one.pending.len());
    let mut parts: Vec<_> = fleet::table_of(tenants, view, row).into_iter().collect();
    parts.extend(text.failed());
    let drifted = |one: &DriftResult| one.review.plan.changes();
    parts.extend(text.changes(drifted, Direction::FromPolicy, |members, change| {
        attribution::lines(members, change.setting.name, &QUOTE)
    }));
    let pending = |one: &DriftResult| {
        let plan = &one.review.plan;
        let show = |change: &Change, names: &_| Direction::ToPolicy.change(change, names);
        let line = |change: &Change| rows(std::slice::from_ref(change), plan, show, |_| Vec::new());
        let keyed = changes(plan, &one.pending).into_iter();
        keyed.map(|SharedItem { block, key, item }| SharedItem { block, key, item: line(&item) }).collect()
    };
    parts.extend(text.section(PENDING, shared(tenants, pending, |_, _| ())));
    parts.extend(text.unknown(|one| {
        let undecided = attribution::undecided(one).into_iter().map(|line| UnreadItem::said(format!("  {line}")));
        let tenant = one.review.plan.tenant.to_string();
        let log = attribution::unread(one).map(|why| unread_item("the audit log", why, &tenant));
        undecided.chain(log).collect()
    }));
    parts.extend(text.findings());
    parts
}

/// The drift, from the value of the policy to the value of the tenant, and who changed it.
fn drifted(members: &GroupedTenants<'_, DriftResult>) -> String {
    let Some((_, drifting)) = members.first() else { return String::new() };
    let show = |change: &Change, names: &GroupNames| value::change(&change.after, &change.before, names);
    let under = |change: &Change| attribution::lines(members, change.setting.name, &QUOTE);
    let unread = members.iter().find_map(|(_, drifting)| attribution::unread(drifting));
    let unread = unread.map(|why| doubt("the audit log", why));
    let undecided = attribution::undecided(drifting).into_iter().map(|line| format!("  {}", paint(MUTED, &line)));
    let more: Vec<_> = undecided.chain(unread).chain(pending(drifting)).collect();
    body(&drifting.review, show, under, more.join("\n\n"))
}

/// What is to be applied, from the value of the tenant to the value of the policy.
fn pending(drifting: &DriftResult) -> Option<String> {
    let show = |change: &Change, names: &GroupNames| value::change(&change.before, &change.after, names);
    let rows = rows(&drifting.pending, &drifting.review.plan, show, |_| Vec::new());
    (!rows.is_empty()).then(|| format!("  {}\n{rows}", paint(MUTED, PENDING)))
}

//! Drift for a person at a terminal.

use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::change::Change;
use crate::render::terminal::rows::{blocks, body, doubt, join};
use crate::render::text::attribution::{Escaping, REVERTS};
use crate::render::text::group::GroupedTenants;
use crate::render::text::safe::safe;
use crate::render::text::style::{HEADING, paint};
use crate::render::text::summary_lines::{TenantCounts, drift_line};
use crate::render::text::value::GroupNames;
use crate::render::text::{attribution, value};

const QUOTE: Escaping = Escaping { name: |text| safe(text).into_owned(), prose: |text| safe(text).into_owned() };

/// Where tenants are not as their policies say; tenants with the same drift share a block.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>]) -> String {
    let mut blocks = blocks(tenants, drifted);
    let reverts = attribution::revert_lines(tenants, &QUOTE);
    if !reverts.is_empty() {
        blocks.push(format!("{}\n  {}", paint(HEADING, REVERTS), reverts.join("\n  ")));
    }
    blocks.extend(TenantCounts::of(tenants).line("drifted"));
    let moved = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.review.plan.changes().len()));
    let moved: Vec<_> = moved.filter(|settings| *settings > 0).collect();
    blocks.push(paint(HEADING, &drift_line(moved.iter().sum(), moved.len(), tenants.len())));
    join(&blocks)
}

/// The drift, from the value of the policy to the value of the tenant, and who changed it.
fn drifted(members: &GroupedTenants<'_, DriftResult>) -> String {
    let Some((_, drifting)) = members.first() else { return String::new() };
    let show =
        |change: &Change, names: &GroupNames| value::change(change.setting, &change.after, &change.before, names);
    let under = |change: &Change| attribution::lines(members, change.setting.name, &QUOTE);
    let unread = members.iter().find_map(|(_, drifting)| attribution::unread(drifting));
    body(&drifting.review, show, under, unread.map(|why| doubt("the audit log", why)).unwrap_or_default())
}

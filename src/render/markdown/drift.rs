//! Drift.

use crate::engine::result::{DriftResult, TenantResult};
use crate::render::markdown::comment::Comment;
use crate::render::markdown::escape::{code, prose};
use crate::render::markdown::lists;
use crate::render::markdown::tenants::{Direction, reviews};
use crate::render::text::attribution;
use crate::render::text::attribution::{Escaping, REVERTS};
use crate::render::text::group::GroupedTenants;
use crate::render::text::summary_lines::{TenantCounts, drift_line};

const QUOTE: Escaping = Escaping { name: code, prose };

/// Where tenants are not as their policies say.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>]) -> String {
    let read = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let moved: Vec<_> = read().map(|drifting| drifting.review.plan.changes().len()).filter(|many| *many > 0).collect();
    let mut summary = vec![format!("**{}**", drift_line(moved.iter().sum(), moved.len(), tenants.len()))];
    summary.extend(TenantCounts::of(tenants).line("drifted"));
    let reverts = attribution::revert_lines(tenants, &QUOTE);
    if !reverts.is_empty() {
        summary.push(format!("{REVERTS}\n\n- {}", reverts.join("\n- ")));
    }
    let footer = if moved.is_empty() { String::new() } else { footer() };
    Comment { command: "drift", summary, parts: reviews(tenants, Direction::FromPolicy, changed_by), footer }.text()
}

/// Who changed each setting, as a list.
fn changed_by(members: &GroupedTenants<'_, DriftResult>) -> String {
    let Some((_, drifting)) = members.first() else { return String::new() };
    let lines = drifting.review.plan.changes().into_iter().flat_map(|change| {
        let name = change.setting.name;
        let lines = attribution::lines(members, name, &QUOTE);
        lines.into_iter().map(move |line| format!("- {}: {line}", code(name)))
    });
    let unread = members.iter().find_map(|(_, drifting)| attribution::unread(drifting));
    lines.chain(unread.map(lists::error)).collect::<Vec<_>>().join("\n")
}

fn footer() -> String {
    format!(
        "`-` is what the policy says, `+` is what the tenant has. To restore the policy, apply it again. To accept the \
         value of the tenant, change the policy: {} writes the value into it.",
        code("ssprctl accept")
    )
}

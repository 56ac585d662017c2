//! Drift.

use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::change::Change;
use crate::render::markdown::comment::Comment;
use crate::render::markdown::diff::{TextDiff, lines_of};
use crate::render::markdown::escape::{code, fence, prose};
use crate::render::markdown::lists;
use crate::render::markdown::tenants::{Direction, body, grouped};
use crate::render::text::attribution;
use crate::render::text::attribution::{Escaping, PENDING, REVERTS};
use crate::render::text::group::{GroupedTenants, drift_key, group, no_drift};
use crate::render::text::summary_lines::{TenantCounts, drift_line};

const QUOTE: Escaping = Escaping { name: code, prose };

/// Where tenants are not as their policies say.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>]) -> String {
    let mut summary = vec![format!("**{}**", drift_line(tenants))];
    summary.extend(TenantCounts::of_drift(tenants).line("drifted"));
    let reverts = attribution::revert_lines(tenants, &QUOTE);
    if !reverts.is_empty() {
        summary.push(format!("{REVERTS}\n\n- {}", reverts.join("\n- ")));
    }
    let drifted = |one: &TenantResult<DriftResult>| {
        one.result.as_ref().is_ok_and(|drifting| !drifting.review.plan.steps.is_empty())
    };
    let footer = if tenants.iter().any(drifted) { footer() } else { String::new() };
    let groups = group(tenants, no_drift, drift_key);
    let parts = grouped(groups, Direction::FromPolicy, |one| one.pending.len(), below);
    Comment { command: "drift", summary, parts, footer }.text()
}

/// Who changed each setting, and what is pending.
fn below(members: &GroupedTenants<'_, DriftResult>) -> String {
    body(vec![changed_by(members), pending(members)])
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

/// Who changed each setting, as a list.
fn changed_by(members: &GroupedTenants<'_, DriftResult>) -> String {
    let Some((_, drifting)) = members.first() else { return String::new() };
    let lines = drifting.review.plan.changes().into_iter().flat_map(|change| {
        let name = change.setting.name;
        let lines = attribution::lines(members, name, &QUOTE);
        lines.into_iter().map(move |line| format!("- {}: {line}", code(name)))
    });
    let unread = members.iter().find_map(|(_, drifting)| attribution::unread(drifting));
    let undecided = attribution::undecided(drifting).into_iter().map(|line| format!("- {}", prose(&line)));
    lines.chain(undecided).chain(unread.map(lists::error)).collect::<Vec<_>>().join("\n")
}

fn footer() -> String {
    format!(
        "`-` is what the policy says, `+` is what the tenant has. To restore the policy, apply it again. To accept the \
         value of the tenant, change the policy: {} writes the value into it.",
        code("ssprctl accept")
    )
}

//! What `doctor` found, for a person at a terminal.

use crate::doctor::check::{Check, CheckState};
use crate::engine::result::TenantResult;
use crate::render::text::error::error_block;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, DOUBT, GOOD, HEADING, MUTED, paint};
use crate::render::text::summary_lines::count;

/// The widths of the columns with the subject of a check and with its name, in characters.
const ABOUT_WIDTH: usize = 23;
const NAME_WIDTH: usize = 20;

/// A line for each check of each tenant, and a line that sums them up.
#[must_use]
pub(crate) fn terminal(tenants: &[TenantResult<Vec<Check>>]) -> String {
    let mut lines = Vec::new();
    for TenantResult { tenant, path, result } in tenants {
        lines.push(format!("{}  {}\n", paint(HEADING, &safe(tenant)), paint(MUTED, &safe(path))));
        match result {
            Err(why) => lines.push(error_block(why)),
            Ok(checks) => lines.extend(checks.iter().map(line)),
        }
        lines.push(String::new());
    }
    lines.push(paint(HEADING, &summary(tenants)));
    format!("{}\n", lines.join("\n"))
}

/// The line that sums up the checks.
#[must_use]
pub(crate) fn summary(tenants: &[TenantResult<Vec<Check>>]) -> String {
    let checks = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).flatten();
    let many = |state| checks().filter(|check| check.state == state).count();
    let failed = many(CheckState::Failed) + tenants.iter().filter(|tenant| tenant.result.is_err()).count();
    format!(
        "Checked: {} good, {} in doubt, {} missing, {failed} failed, in {}.",
        many(CheckState::Good),
        many(CheckState::Warning),
        many(CheckState::Missing),
        count(tenants.len(), "tenant")
    )
}

/// The word for the state of a check.
#[must_use]
pub(crate) fn word(state: CheckState) -> &'static str {
    match state {
        CheckState::Good => "ok",
        CheckState::Warning => "doubt",
        CheckState::Missing => "missing",
        CheckState::Failed => "failed",
    }
}

fn line(check: &Check) -> String {
    let Check { about, name, state, says, fix } = check;
    let style = match state {
        CheckState::Good => GOOD,
        CheckState::Warning => DOUBT,
        CheckState::Missing | CheckState::Failed => BAD,
    };
    let word = paint(style, &format!("{:8}", word(*state)));
    let fix = fix.as_ref().map(|fix| format!("\n          hint: {}", safe(fix))).unwrap_or_default();
    format!("  {word}{about:ABOUT_WIDTH$}{name:NAME_WIDTH$} {}{fix}", safe(says))
}

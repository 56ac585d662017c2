//! What `doctor` found, for a person at a terminal.

use crate::doctor::check::{Check, CheckState};
use crate::render::report::TenantResult;
use crate::render::text::error::trouble;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, DOUBT, GOOD, HEADING, MUTED, paint};

/// The columns of what a line is about and of what was looked at.
const ABOUT_WIDTH: usize = 23;
const NAME_WIDTH: usize = 21;

/// Every line of every tenant, and one that counts.
#[must_use]
pub fn terminal(tenants: &[TenantResult<Vec<Check>>]) -> String {
    let mut lines = Vec::new();
    for TenantResult { tenant, path, result } in tenants {
        lines.push(format!("{}  {}\n", paint(HEADING, &safe(tenant)), paint(MUTED, &safe(path))));
        match result {
            Err(why) => lines.push(trouble(why)),
            Ok(checks) => lines.extend(checks.iter().map(line)),
        }
        lines.push(String::new());
    }
    lines.push(paint(HEADING, &summary(tenants)));
    format!("{}\n", lines.join("\n"))
}

/// The line that counts.
#[must_use]
pub fn summary(tenants: &[TenantResult<Vec<Check>>]) -> String {
    let checks = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).flatten();
    let count = |state| checks().filter(|check| check.state == state).count();
    let failed = count(CheckState::Failed) + tenants.iter().filter(|tenant| tenant.result.is_err()).count();
    format!(
        "Checked: {} good, {} in doubt, {} missing, {failed} failed, in {} tenants.",
        count(CheckState::Good),
        count(CheckState::Warning),
        count(CheckState::Missing),
        tenants.len()
    )
}

/// The word for a state.
#[must_use]
pub fn word(state: CheckState) -> &'static str {
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
    format!("  {word}{about:ABOUT_WIDTH$}{name:NAME_WIDTH$}{}{fix}", safe(says))
}

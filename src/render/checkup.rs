//! What `doctor` found, for a person at a terminal.

use crate::render::report::PerTenant;
use crate::render::style::{BAD, DOUBT, GOOD, HEADING, MUTED, paint};
use crate::render::text::safe;
use crate::render::trouble::trouble;
use crate::review::check::{Check, State};

/// The columns of what a line is about and of what was looked at.
const ABOUT_WIDTH: usize = 23;
const NAME_WIDTH: usize = 21;

/// Every line of every tenant, and one that counts.
#[must_use]
pub fn terminal(tenants: &[PerTenant<Vec<Check>>]) -> String {
    let mut lines = Vec::new();
    for PerTenant { tenant, path, result } in tenants {
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
pub fn summary(tenants: &[PerTenant<Vec<Check>>]) -> String {
    let checks = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).flatten();
    let count = |state| checks().filter(|check| check.state == state).count();
    let failed = count(State::Failed) + tenants.iter().filter(|tenant| tenant.result.is_err()).count();
    format!(
        "Checked: {} good, {} in doubt, {} missing, {failed} failed, in {} tenants.",
        count(State::Good),
        count(State::Doubt),
        count(State::Missing),
        tenants.len()
    )
}

/// The word for a state.
#[must_use]
pub fn word(state: State) -> &'static str {
    match state {
        State::Good => "ok",
        State::Doubt => "doubt",
        State::Missing => "missing",
        State::Failed => "failed",
    }
}

fn line(check: &Check) -> String {
    let Check { about, name, state, says, fix } = check;
    let style = match state {
        State::Good => GOOD,
        State::Doubt => DOUBT,
        State::Missing | State::Failed => BAD,
    };
    let word = paint(style, &format!("{:8}", word(*state)));
    let fix = fix.as_ref().map(|fix| format!("\n          hint: {}", safe(fix))).unwrap_or_default();
    format!("  {word}{about:ABOUT_WIDTH$}{name:NAME_WIDTH$}{}{fix}", safe(says))
}

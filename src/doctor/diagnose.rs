//! Makes the checks of `doctor` from observations. A failed check never hides another.

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::doctor::check::{Check, CheckState, Observations, ServiceObservation};
use crate::doctor::{dates, policy, token};

/// How far a clock may be off before services refuse the tokens that it signs.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// All checks of a tenant. With `write`, a check of something that only `apply` needs is an error and not a warning; with
/// `people`, the permissions to read people are checked, too.
#[must_use]
pub(crate) fn diagnose(
    desired: &Desired,
    seen: &Observations,
    (calendar, today): (&TenantCalendar, Date),
    write: bool,
    people: bool,
) -> Vec<Check> {
    let mut checks = service(seen);
    for (service, ServiceObservation { credential, identity }) in &seen.services {
        checks.extend(token::checks(desired, *service, credential, seen.now, write));
        if people {
            checks.extend(token::people(*service, credential));
        }
        checks.extend(token::tenant(desired, *service, identity, &seen.id));
    }
    checks.extend(policy::checks(desired, seen));
    checks.extend(dates::checks(desired, seen, calendar, today));
    without_repetition(checks)
}

/// Replaces the reason of a failed check by a reference, if an earlier check has failed for the same reason.
fn without_repetition(checks: Vec<Check>) -> Vec<Check> {
    let mut unique: Vec<Check> = Vec::new();
    for check in checks {
        let before = unique.iter().find(|before| check.state >= CheckState::Missing && before.says == check.says);
        let short = before.map(|before| Check::new(check.about, check.name, check.state, same(before)));
        unique.push(short.unwrap_or(check));
    }
    unique
}

fn same(before: &Check) -> String {
    format!("not known, for the same reason: {}, {}", before.about, before.name)
}

fn service(seen: &Observations) -> Vec<Check> {
    let about = "the sign-in service";
    let date = match &seen.service {
        Ok(date) => *date,
        Err(error) => return vec![Check::from_error(about, "reachable", error)],
    };
    let mut checks = vec![Check::new(about, "reachable", CheckState::Good, "yes")];
    if let Some(date) = date {
        let skew = seen.now.duration_since(date);
        let seconds = skew.as_secs().unsigned_abs();
        let side = if skew.is_negative() { "behind" } else { "ahead of" };
        let says = format!("this machine's clock is {seconds} s {side} the service's");
        checks.push(if skew.abs() > MAX_CLOCK_SKEW {
            Check::new(about, "clock", CheckState::Failed, says)
                .fix("set this machine's clock: the validity of tokens depends on it")
        } else if seconds <= 2 {
            Check::new(about, "clock", CheckState::Good, "agrees with this machine's")
        } else {
            Check::new(about, "clock", if seconds > 60 { CheckState::Warning } else { CheckState::Good }, says)
        });
    }
    checks
}

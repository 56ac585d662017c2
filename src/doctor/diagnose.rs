//! What the way to a tenant has and lacks, line by line: no line hides another.

use jiff::SignedDuration;

use crate::catalog::desired::Desired;
use crate::doctor::check::{Check, CheckState, Observations, ServiceObservation};
use crate::doctor::{policy, token};

/// How far a clock may be off before services refuse what it signs.
const FAR: SignedDuration = SignedDuration::from_mins(5);

/// Every line about a tenant. `write` counts what only `apply` needs as missing, too.
#[must_use]
pub fn diagnose(desired: &Desired, seen: &Observations, write: bool) -> Vec<Check> {
    let mut checks = service(seen);
    for (system, ServiceObservation { credential, identity }) in &seen.systems {
        checks.extend(token::checks(desired, *system, credential, seen.now, write));
        checks.extend(token::tenant(desired, *system, identity, &seen.id));
    }
    checks.extend(policy::checks(desired, seen));
    told_once(checks)
}

/// What fails for a reason that was told already points there.
fn told_once(checks: Vec<Check>) -> Vec<Check> {
    let mut told: Vec<Check> = Vec::new();
    for check in checks {
        let before = told.iter().find(|before| check.state >= CheckState::Missing && before.says == check.says);
        let short = before.map(|before| Check::new(check.about, check.name, check.state, same(before)));
        told.push(short.unwrap_or(check));
    }
    told
}

fn same(before: &Check) -> String {
    format!("not known, for the same reason: {}, {}", before.about, before.name)
}

fn service(seen: &Observations) -> Vec<Check> {
    let about = "the sign-in service";
    let date = match &seen.service {
        Ok(date) => *date,
        Err(trouble) => return vec![Check::from_error(about, "reachable", trouble)],
    };
    let mut checks = vec![Check::new(about, "reachable", CheckState::Good, "yes")];
    if let Some(date) = date {
        let skew = seen.now.duration_since(date);
        let seconds = skew.as_secs().unsigned_abs();
        let side = if skew.is_negative() { "behind" } else { "ahead of" };
        let says = format!("this machine's clock is {seconds} s {side} the service's");
        checks.push(if skew.abs() > FAR {
            Check::new(about, "clock", CheckState::Failed, says)
                .fix("set this machine's clock: tokens are judged by it")
        } else if seconds <= 2 {
            Check::new(about, "clock", CheckState::Good, "agrees with this machine's")
        } else {
            Check::new(about, "clock", if seconds > 60 { CheckState::Warning } else { CheckState::Good }, says)
        });
    }
    checks
}

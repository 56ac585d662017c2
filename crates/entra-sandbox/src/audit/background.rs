//! Events that users cause every day: registrations and resets. They are generated, always the same for a day.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::event::{Actor, EventKind, Target, event};
use crate::state::registration::RegistrationReport;
use crate::state::tenant::{Account, Tenant};

/// How long ago the people who were refused tried to reset a password.
const TRIED: SignedDuration = SignedDuration::from_hours(20);

const RESET: EventKind = EventKind {
    service: "Self-service Password Management",
    activity: "Reset password (self-service)",
    category: "UserManagement",
    operation: "Update",
};
const PROGRESS: EventKind = EventKind { activity: "Self-service password reset flow activity progress", ..RESET };
const REGISTERED: EventKind =
    EventKind { activity: "User registered for self-service password reset", operation: "Add", ..RESET };
const UPDATED: EventKind = EventKind { service: "Core Directory", activity: "Update user", ..RESET };

/// The events of the last `days` days, newest first.
#[must_use]
pub(crate) fn events(tenant: &Tenant, days: i64, now: Timestamp) -> Vec<Value> {
    let crowd: Vec<_> = tenant.accounts.iter().filter(|account| account.password.is_none()).collect();
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let mut events = Vec::new();
    for back in 0..days {
        let Ok(date) = today.checked_sub(Span::new().days(back)) else { break };
        let day = i64::from(date.year()) * 366 + i64::from(date.day_of_year());
        let Some(person) = usize::try_from(day).ok().and_then(|day| crowd.get(day % crowd.len().max(1))) else { break };
        let first = Time::constant(8, 12, 40, 0);
        let plan = match day % 3 {
            0 => vec![(REGISTERED, 0)],
            1 => vec![(RESET, 2), (PROGRESS, 0)],
            _ => vec![(UPDATED, 0)],
        };
        for (at, (kind, minutes)) in plan.into_iter().enumerate() {
            let moment = date.to_datetime(first).checked_add(Span::new().minutes(minutes));
            let Some(moment) = moment.and_then(|moment| moment.to_zoned_datetime(TimeZone::UTC)).ok() else { continue };
            let target = Target {
                id: Some(person.id.to_string()),
                name: Some(person.display_name.clone()),
                kind: "User",
                changes: Vec::new(),
            };
            let seed = tenant.id.as_u128() ^ u128::from(day.unsigned_abs()) << 64 ^ at as u128;
            events.push(event(kind, &Actor::person(person), &target, Uuid::from_u128(seed), moment.timestamp()));
        }
    }
    events.extend(refused(tenant, now));
    let is_past =
        |event: &Value| event["activityDateTime"].as_str().is_some_and(|moment| moment <= &*format!("{now:.7}"));
    events.retain(is_past);
    events
}

/// The events of the people who tried to reset a password and were refused, by what the tenant's policies are now.
fn refused(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
    let tried = |account: &&Account| account.profile.as_ref().is_some_and(|profile| profile.tried);
    let mut events = Vec::new();
    for (account, minutes) in tenant.accounts.iter().filter(tried).zip(0..) {
        let Some(reason) = refusal(tenant, account) else { continue };
        let Ok(moment) = now.checked_sub(TRIED + SignedDuration::from_mins(minutes)) else { continue };
        let target = Target {
            id: Some(account.id.to_string()),
            name: Some(account.display_name.clone()),
            kind: "User",
            changes: Vec::new(),
        };
        let seed = Uuid::from_u128(account.id.as_u128() ^ 0x7e57);
        let mut refused = event(PROGRESS, &Actor::person(account), &target, seed, moment);
        refused["result"] = json!("failure");
        refused["resultReason"] = json!(reason);
        events.push(refused);
    }
    events
}

/// The reason that the service logs where it refuses to reset a password; `None` where it would do it. The words are those of
/// the older list of Microsoft's page on the reports of password reset.
fn refusal(tenant: &Tenant, account: &Account) -> Option<&'static str> {
    let report = RegistrationReport::with_joiners(tenant);
    let user = report.user(report.index_of(account.id)?);
    if tenant.password_reset.read::<i64>("enablementType") == Some(0) {
        return Some("Password reset has been disabled entirely for this tenant.");
    }
    if !user.enabled {
        return Some(
            "This user is not a member of the password reset users group. Add this user to that group to resolve this.",
        );
    }
    if user.synchronised && tenant.on_premises.read("passwordWritebackSupported") != Some(true) {
        return Some("User's password is managed on-premises. You can enable Password Writeback to resolve this");
    }
    let insufficient =
        "User's account has insufficient authentication methods defined. Add authentication info to resolve this";
    (!user.registered).then_some(insufficient)
}

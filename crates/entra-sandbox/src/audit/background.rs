//! Events that users cause every day: registrations and resets. They are generated, always the same for a day.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::audit::event::{Actor, EventKind, Target, event};
use crate::state::tenant::Tenant;

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
    let is_past =
        |event: &Value| event["activityDateTime"].as_str().is_some_and(|moment| moment <= &*format!("{now:.7}"));
    events.retain(is_past);
    events
}

//! What all pages of the dashboard share: the sign of a state, times, links, and how a number of people has changed.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::Value;
use serde_json::{Value as Json, json};

use crate::controller::condition::ConditionStatus;
use crate::controller::fleet::FleetState;
use crate::controller::git::short;
use crate::controller::people::PeopleCounts;
use crate::controller::state::{SourceState, TenantState};
use crate::controller::tenant_view::SettingComparison;
use crate::render::html::page::{Markup, fill, grouped};
use crate::render::html::trend::change;

/// A state with the shape and the tone that go with its word.
pub(super) fn state(state: FleetState) -> Json {
    let (sign, tone) = match state {
        FleetState::InSync => ("●", "good"),
        FleetState::InSyncAsRead => ("◍", "warn"),
        FleetState::Drifted => ("◆", "bad"),
        FleetState::Pending => ("◐", "warn"),
        FleetState::Held => ("■", "warn"),
        FleetState::Unreadable => ("⊘", "bad"),
        FleetState::Failed => ("✖", "bad"),
        FleetState::Unknown => ("○", "muted"),
        FleetState::Suspended => ("‖", "muted"),
    };
    json!({ "sign": sign, "tone": tone, "word": state.words() })
}

/// A comparison with the shape and the tone that go with its word.
pub(super) fn comparison(comparison: SettingComparison) -> Json {
    let (sign, tone, word) = match comparison {
        SettingComparison::Differs => ("◆", "bad", "differs"),
        SettingComparison::Held => ("■", "warn", "held until enough people are ready"),
        SettingComparison::Unknown => ("○", "muted", "unknown"),
        SettingComparison::Same => ("●", "good", "as written"),
        SettingComparison::Unmanaged => ("–", "muted", "not managed"),
    };
    json!({ "sign": sign, "tone": tone, "word": word })
}

/// The sentence of every page where the controller cannot follow its source; nothing where it can.
pub(super) fn source_note(source: &SourceState) -> Markup {
    let ready = &source.conditions.ready;
    fill(
        "dashboard-source",
        values(json!({
            "bad": ready.status == ConditionStatus::False,
            "reason": ready.reason.name(),
            "message": ready.message,
            "revision": source.last_applied.as_ref().map(|mark| short(&mark.revision)),
        })),
    )
}

/// Why nothing is known of what was read.
pub(super) const NOT_READ: &str = "this controller has not read the tenant since it started";

/// The time of a page, to the second.
pub(super) fn as_of(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A time to the minute, without the day if that is today.
pub(super) fn time(at: Timestamp, now: Timestamp) -> String {
    let day = |at: Timestamp| at.to_zoned_datetime(TimeZone::UTC).date();
    let format = if day(at) == day(now) { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(format).to_string()
}

/// A part of a path, with everything that has a meaning in one escaped.
pub(super) fn segment(text: &str) -> String {
    let mut path = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path
}

/// The path of the page of a tenant.
pub(super) fn tenant_path(tenant: &str) -> String {
    format!("/t/{}", segment(tenant))
}

/// How many people of a tenant can reset; then how that has changed since the count before, what applying the policy and the
/// next date do to it, and whether it was counted with another revision. Nothing without a count.
pub(super) fn people(tenant: &TenantState) -> Option<Json> {
    let people = tenant.people()?;
    let (able, counts) = (people.able()?, people.counts.as_ref()?);
    let trend = people.previous().map(|(day, before)| format!("{} since {day}", change(before, able)));
    let old = tenant.present_revision().and_then(|present| counts.other_revision(present));
    Some(
        json!({ "able": grouped(able), "trend": trend, "ahead": PeopleCounts::outlook(&[counts], grouped), "old": old }),
    )
}

/// Why it is not known how many people of a tenant can reset.
pub(super) fn why_uncounted(tenant: &TenantState, counts_people: bool) -> String {
    let error = tenant.people().and_then(|people| people.error.clone());
    match (tenant.is_suspended(), counts_people) {
        (true, _) => "people of a suspended tenant are not counted".to_owned(),
        (false, false) => "the controller counts people only with --count-people".to_owned(),
        (false, true) => error.unwrap_or_else(|| "people were not counted yet".to_owned()),
    }
}

/// A value of serde as a value of a template.
pub(super) fn values(json: Json) -> Value {
    Value::from(minijinja::value::Serde(json))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_state_has_a_shape_of_its_own() {
        let signs: BTreeSet<String> = FleetState::ALL.into_iter().map(|one| state(one)["sign"].to_string()).collect();
        assert_eq!(signs.len(), FleetState::ALL.len());
    }

    #[test]
    fn the_reason_why_nobody_was_counted_is_the_true_one() {
        let failed = serde_json::json!({ "tried": "2026-11-28T01:00:00Z", "day": "2026-11-28", "error": "HTTP 403" });
        let mut tenant = TenantState { people: serde_json::from_value(failed).ok(), ..TenantState::default() };
        assert_eq!(why_uncounted(&tenant, true), "HTTP 403");
        tenant.suspended = true;
        assert_eq!(why_uncounted(&tenant, true), "people of a suspended tenant are not counted");
        let new = TenantState::default();
        assert_eq!(why_uncounted(&new, true), "people were not counted yet");
        assert_eq!(why_uncounted(&new, false), "the controller counts people only with --count-people");
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(segment("contoso.onmicrosoft.com"), "contoso.onmicrosoft.com");
        assert_eq!(segment("a/../b?c#d\"e<ä"), "a%2F..%2Fb%3Fc%23d%22e%3C%C3%A4");
    }

    #[test]
    fn a_time_of_today_has_no_day() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(time(now, now), "00:00");
        assert_eq!(time(now - jiff::SignedDuration::from_mins(1), now), "1969-12-31 23:59");
    }
}

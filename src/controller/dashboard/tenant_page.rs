//! The page of one tenant: what the policy says, what the tenant has and what takes effect, side by side, and what happened.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use crate::controller::condition::Reason;
use crate::controller::dashboard::trend;
use crate::controller::dashboard::words::{
    NOT_READ, as_of, comparison, people, segment, state, time, values, why_uncounted,
};
use crate::controller::fleet::{FleetState, message};
use crate::controller::git::short;
use crate::controller::reconcile::DriftEntry;
use crate::controller::state::{HistoryEntry, ObservedRevision, TenantState};
use crate::controller::tenant_view::{ReadingGap, SettingComparison, SettingView, TenantView, WaiverView};
use crate::render::html::page::{Markup, fill, grouped, plural};
use crate::render::html::timeline::timeline;
use crate::tenant::surface::Service;

/// Everything that the page shows.
pub(super) struct ShownTenant<'a> {
    pub(super) tenant: &'a str,
    pub(super) state: &'a TenantState,
    /// What was read of it; `None` if nothing was since the start.
    pub(super) view: Option<&'a TenantView>,
    /// When its saved sign-ins end; `None` if it was not reconciled since the start.
    pub(super) sign_ins: Option<Vec<(Service, Timestamp)>>,
    /// The runs that wrote to it.
    pub(super) runs: Json,
    /// The number of the last change.
    pub(super) number: String,
    /// What is wrong with the source.
    pub(super) note: Markup,
    /// Whether the controller counts people.
    pub(super) counts_people: bool,
    pub(super) now: Timestamp,
}

/// The body of the page.
pub(super) fn body(facts: &ShownTenant<'_>) -> Markup {
    let ShownTenant { tenant, state: known, view, sign_ins, runs, number, note, counts_people, now } = facts;
    let mark = |mark: &ObservedRevision| json!({ "revision": short(&mark.revision), "at": time(mark.at, *now) });
    let differ = known.differing().map(|many| plural(many as u64, "setting differs", "settings differ"));
    let differ = differ.unwrap_or_else(|| "it is unknown which settings differ".to_owned());
    let (changed, drawing) = changed(known, *view);
    let values = values(json!({
        "tenant": tenant,
        "number": number,
        "summary": format!("{}, {differ} from the policy", FleetState::of(known).words()),
        "now": as_of(*now),
        "state": state(FleetState::of(known)),
        "message": short_message(known),
        "path": known.path,
        "ring": known.ring,
        "waits": known.waits_for_ring,
        "attempted": known.compared().map(mark),
        "failed": known.failed_attempt().map(mark),
        "compared": known.differing().is_some(),
        "applied": known.last_applied.as_ref().map(mark),
        "suspended": known.is_suspended(),
        "next": known.next.filter(|_| !known.is_suspended()).map(|at| time(at, *now)),
        "read": view.map(|view| time(view.read, *now)),
        "was_read": view.is_some_and(|view| view.is_read),
        "not_read": NOT_READ,
        "settings": view.map(settings),
        "drift": known.drift.iter().map(|entry| drifted(entry, &changed)).collect::<Vec<_>>(),
        "history": known.history.iter().rev().map(|entry| past(entry, *now)).collect::<Vec<_>>(),
        "runs": runs,
        "people": forecast(known, *counts_people, *now),
        "waivers": waivers(*view, *now),
        "sign_ins": sign_ins.as_ref().map(|ends| ends.iter().map(|end| sign_in(*end, *now)).collect::<Vec<_>>()),
        "gaps": view.map(|view| {
            let gap = |gap: &ReadingGap| json!({ "what": gap.what, "why": gap.why });
            view.gaps.iter().map(gap).collect::<Vec<_>>()
        }),
    }));
    let trend = trend::of_tenant(known.people()).unwrap_or_default();
    let (trend, timeline, note) = (Value::from(trend), Value::from(drawing), Value::from(note.clone()));
    fill("dashboard-tenant", context! { trend, timeline, note, ..values })
}

/// The message of the state; where settings differ, how many, because the table below says which and who changed them.
fn short_message(known: &TenantState) -> String {
    match (FleetState::of(known), known.drift.len() as u64) {
        (FleetState::Drifted, many @ 1..) => {
            let differ = plural(many, "setting is", "settings are");
            format!("{differ} not as the policy says; who changed what is below")
        }
        _ => message(known),
    }
}

/// What the policy manages, then what it leaves to the tenant, in a fold.
fn settings(view: &TenantView) -> Vec<Json> {
    let is_managed = |one: &&SettingView| one.comparison != SettingComparison::Unmanaged;
    let (managed, others): (Vec<_>, Vec<_>) = view.settings.iter().partition(is_managed);
    let folded = plural(others.len() as u64, "setting", "settings");
    let folded = format!("{folded} that the policy leaves to the tenant");
    let rows = |settings: Vec<&SettingView>| settings.into_iter().map(setting).collect::<Vec<_>>();
    vec![json!({ "rows": rows(managed) }), json!({ "rows": rows(others), "folded": folded })]
}

fn setting(view: &SettingView) -> Json {
    let SettingView { setting, desired, actual, effective, comparison: compared } = view;
    json!({
        "name": setting.name,
        "href": format!("/settings/{}", segment(setting.name)),
        "portal": setting.portal,
        "desired": desired.as_ref().map(|(words, _)| words),
        "place": desired.as_ref().map(|(_, place)| place),
        "actual": actual.as_ref().ok(),
        "why": actual.as_ref().err(),
        "effective": effective.as_ref().ok().map(|(words, _)| words),
        "by": effective.as_ref().ok().map(|(_, by)| by),
        "effective_why": effective.as_ref().err(),
        "comparison": comparison(*compared),
    })
}

/// When the settings changed that differ now, and the drawing of it; nothing of those that a run has put back since.
fn changed(known: &TenantState, view: Option<&TenantView>) -> (Vec<Json>, Markup) {
    let differs = |setting: &&Json| known.drift.iter().any(|entry| setting["setting"] == entry.setting.as_str());
    let settings: Vec<&Json> = view.into_iter().flat_map(|view| &view.drifted).filter(differs).collect();
    timeline(&settings, "drift-")
}

fn drifted(entry: &DriftEntry, changed: &[Json]) -> Json {
    let DriftEntry { setting, expected, found, place, who, pending, drifted } = entry;
    let (sign, tone, kind) = match (pending, drifted) {
        (true, _) => ("◐", "warn", "pending: not applied yet"),
        (false, true) => ("◆", "bad", "drifted: the tenant changed"),
        (false, false) => ("○", "muted", "unknown whether the policy or the tenant changed"),
    };
    let nobody = if *pending { "not looked for: the change is pending" } else { "unknown: the audit log was not read" };
    let when = changed.iter().find(|one| one["name"] == setting.as_str());
    json!({
        "when": when.map(|one| &one["bracket"]), "event": when.map(|one| &one["event"]),
        "confidence": when.map(|one| json!({ "word": one["confidence"], "sign": one["sign"], "tone": one["tone"] })),
        "setting": setting, "expected": expected, "found": found, "place": place,
        "who": who.as_deref().unwrap_or(nobody), "sign": sign, "tone": tone, "kind": kind,
    })
}

/// The reason in small letters and words.
fn reason(reason: Reason) -> String {
    if reason == Reason::InSync {
        return FleetState::InSync.words().to_owned();
    }
    let mut words = String::new();
    for letter in reason.name().chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn past(entry: &HistoryEntry, now: Timestamp) -> Json {
    let like = state(FleetState::of_reason(entry.reason));
    json!({
        "at": time(entry.at, now), "reason": reason(entry.reason), "message": entry.message,
        "revision": short(&entry.revision), "sign": like["sign"], "tone": like["tone"],
    })
}

/// The numbers of people at each moment, or why there are none.
fn forecast(known: &TenantState, counts_people: bool, now: Timestamp) -> Json {
    let Some(counts) = known.people().and_then(|people| people.counts.as_ref()) else {
        return json!({ "why": why_uncounted(known, counts_people) });
    };
    let moments = counts.moments().map(|(word, moment)| {
        let title = match word {
            "today" => "Today",
            "after_plan" => "Today, with the policy applied",
            _ => "On the next date, with the policy applied",
        };
        let of = |state: &str| moment.states.get(state).map(|many| grouped(*many));
        json!({
            "title": title, "date": moment.date.to_string(), "losing": grouped(moment.losing),
            "able": of("able"), "short": of("short"), "unregistered": of("unregistered"),
            "not_permitted": of("notPermitted"), "unclear": of("unclear"),
        })
    });
    json!({
        "counted": time(counts.counted, now),
        "moments": moments.collect::<Vec<_>>(),
        "trend": people(known).map(|people| people["trend"].clone()),
        "old": people(known).map(|people| people["old"].clone()),
    })
}

fn waivers(view: Option<&TenantView>, now: Timestamp) -> Json {
    let waivers = match view.map(|view| &view.waivers) {
        None => return json!({ "why": NOT_READ }),
        Some(Err(why)) => return json!({ "why": why }),
        Some(Ok(waivers)) => waivers,
    };
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let row = |waiver: &WaiverView| {
        let WaiverView { rule, reason, finding, place, expires } = waiver;
        let left = today.until((Unit::Day, *expires)).map_or(0, |span| span.get_days());
        let tone = if left <= 14 { "warn" } else { "" };
        json!({ "rule": rule, "reason": reason, "finding": finding, "place": place,
                "expires": expires.to_string(), "days": left, "tone": tone })
    };
    json!({ "rows": waivers.iter().map(row).collect::<Vec<_>>() })
}

fn sign_in((service, ends): (Service, Timestamp), now: Timestamp) -> Json {
    let days = now.duration_until(ends).as_hours() / 24;
    let tone = if days <= 14 { "bad" } else { "muted" };
    let left = match u64::try_from(days) {
        Err(_) => "has ended".to_owned(),
        Ok(0) => "within a day".to_owned(),
        Ok(days) => format!("in {}", plural(days, "day", "days")),
    };
    let service = match service {
        Service::Portal => "the API of the portal",
        Service::Graph => "Microsoft Graph",
    };
    json!({ "service": service, "ends": time(ends, now), "days": left, "tone": tone })
}

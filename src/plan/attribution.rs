//! Who changed a setting, as far as the tenant's audit log proves it. Nobody is named on a guess: where the log leaves a
//! doubt about who it was, the answer is "unknown" with the doubt.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::base::value::Value;
use crate::catalog;
use crate::catalog::setting::Setting;
use crate::plan::change::Plan;
use crate::plan::drift_state::{ChangeWindow, DriftState};
use crate::tenant::audit::{Actor, AuditEvent, AuditQuery, AuditResult, AuditTrail};
use crate::tenant::error::TenantError;
use crate::tenant::surface::{AuditActivity, Surface};

/// An event may come to the log this much later than it happened, and be stamped so.
const LAG: SignedDuration = SignedDuration::from_hours(1);
/// How long the log of a tenant with Entra ID P1 or P2 keeps events; others keep them for less.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A setting that drifted, with the time in which it did.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftedSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// The document in which it drifted.
    pub surface: Surface,
    /// What the tenant has.
    pub found: Value,
    /// When it came to have it; `None` where nothing is known of that.
    pub window: Option<ChangeWindow>,
}

/// Who changed a setting, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// When it was changed, as far as runs have seen it.
    pub window: Option<ChangeWindow>,
    /// Who did it, or why that is not known.
    pub author: Result<ChangedBy, UnknownReason>,
}

/// What the log says about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedBy {
    /// How sure that is.
    pub confidence: Confidence,
    /// Who did it.
    pub actor: Actor,
    /// The event; of several by the same one, the newest.
    pub event: AuditEvent,
    /// How many events it may have been, all by the same one.
    pub events: usize,
}

/// How sure it is who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// One event alone fits, and it names the setting.
    Certain,
    /// Only one actor's events fit.
    Likely,
}

/// Why it is not known who did something.
#[derive(Clone, Debug, PartialEq)]
pub enum UnknownReason {
    /// No run has seen the setting with another value, so that it is not known when it changed, or that it did.
    NoChangeWindow,
    /// The log has no event that fits; `early` when one may still be on its way.
    NoEvent {
        /// Whether events of that time may still be on their way to the log.
        early: bool,
    },
    /// All events of that time are about other settings.
    OtherSettings,
    /// Several actors' events fit, or may fit.
    SeveralActors(usize),
    /// An event fits, but the log does not say whose it is.
    NoActor,
    /// The log has more events of that time than were read.
    TooMany,
    /// The bracket begins earlier than the log reaches.
    TooLong,
    /// The service that holds the setting keeps a log of its own, which is not read.
    OtherLog,
    /// The log could not be read.
    Unreadable(TenantError),
}

/// The drifted settings of a plan, each with the time that earlier runs leave for it.
#[must_use]
pub fn drifted_settings(plan: &Plan, seen: &DriftState) -> Vec<DriftedSetting> {
    let changes = plan.steps.iter().flat_map(|step| step.changes.iter().map(|change| (step.surface, change)));
    let case = changes.map(|(surface, change)| DriftedSetting {
        setting: change.setting,
        surface,
        found: change.before.clone(),
        window: seen.change_window(change.setting.name, &change.before),
    });
    case.collect()
}

/// What to ask the log for, so that every case can be judged: one question for each kind of event. Nothing for cases without
/// a bracket.
#[must_use]
pub fn queries(cases: &[DriftedSetting]) -> Vec<AuditQuery> {
    let mut wanted: BTreeMap<&'static str, AuditQuery> = BTreeMap::new();
    for case in cases {
        let Some(ChangeWindow::Between { after, by }) = case.window else { continue };
        let until = late(by);
        for AuditActivity { name: activity, service } in audit_activities(case) {
            let query = wanted.entry(activity).or_insert(AuditQuery { activity, service, since: after, until });
            query.since = query.since.min(after);
            query.until = query.until.max(until);
        }
    }
    wanted.into_values().collect()
}

/// Judges one case by what the log answered to [`queries`]; `now` is when it answered.
#[must_use]
pub fn attribute(
    case: &DriftedSetting,
    answers: &[(AuditQuery, Result<AuditTrail, TenantError>)],
    now: Timestamp,
) -> Attribution {
    let verdict = match case.window {
        Some(_) if case.surface.spec().audit.is_empty() => Err(UnknownReason::OtherLog),
        Some(ChangeWindow::Between { after, by }) => {
            gather(case, answers).and_then(|events| find_author(case, &events, after, by, now))
        }
        Some(ChangeWindow::UnchangedSince(_)) | None => Err(UnknownReason::NoChangeWindow),
    };
    Attribution { window: case.window, author: verdict }
}

/// The events that can have moved the setting, whenever they happened.
fn gather<'a>(
    case: &DriftedSetting,
    answers: &'a [(AuditQuery, Result<AuditTrail, TenantError>)],
) -> Result<Vec<&'a AuditEvent>, UnknownReason> {
    let mut found = Vec::new();
    for AuditActivity { name: activity, .. } in audit_activities(case) {
        match answers.iter().find(|(query, _)| query.activity == *activity) {
            Some((_, Ok(AuditTrail { whole: false, .. }))) => return Err(UnknownReason::TooMany),
            Some((_, Ok(trail))) => found.extend(trail.events.iter()),
            Some((_, Err(trouble))) => return Err(UnknownReason::Unreadable(trouble.clone())),
            None => return Err(UnknownReason::NoEvent { early: false }),
        }
    }
    // A failed attempt changed nothing, and neither did what was done to another policy.
    found.retain(|event| event.result != AuditResult::Failure && is_at(case, event));
    found.sort_by_key(|event| std::cmp::Reverse(event.at));
    Ok(found)
}

fn find_author(
    case: &DriftedSetting,
    events: &[&AuditEvent],
    after: Timestamp,
    by: Timestamp,
    now: Timestamp,
) -> Result<ChangedBy, UnknownReason> {
    let within: Vec<_> = events.iter().copied().filter(|event| after < event.at && event.at <= by).collect();
    if within.is_empty() {
        // An event that is stamped late can only be told by the setting it names: the value has not moved since.
        let stamped = |event: &&AuditEvent| by < event.at && event.at <= late(by) && names(case, event);
        let found: Vec<_> = events.iter().copied().filter(stamped).collect();
        return single_author(Confidence::Likely, &found, now < late(by));
    }
    let fitting: Vec<_> = within.iter().copied().filter(|event| !is_about_others(case, event)).collect();
    if fitting.is_empty() {
        return Err(UnknownReason::OtherSettings);
    }
    let named = fitting.iter().all(|event| names(case, event));
    let covered = after > now.saturating_sub(RETENTION).unwrap_or(after);
    match (within.as_slice(), named, covered) {
        (_, false, false) => Err(UnknownReason::TooLong),
        ([_], true, true) => single_author(Confidence::Certain, &fitting, false),
        _ => single_author(Confidence::Likely, &fitting, now < late(by)),
    }
}

/// The last moment at which an event of this one may be stamped or come to the log.
fn late(moment: Timestamp) -> Timestamp {
    moment.saturating_add(LAG).unwrap_or(moment)
}

/// The one actor of all these events, which have the newest first and of which at least one must surely have taken effect.
/// `early` tells whether more of them may be on their way.
fn single_author(confidence: Confidence, events: &[&AuditEvent], early: bool) -> Result<ChangedBy, UnknownReason> {
    let newest =
        events.iter().find(|event| event.result == AuditResult::Success).ok_or(UnknownReason::NoEvent { early })?;
    let mut actors: Vec<&Actor> = Vec::new();
    for event in events {
        let actor = event.actor.as_ref().ok_or(UnknownReason::NoActor)?;
        if !actors.iter().any(|known| known.is(actor)) {
            actors.push(actor);
        }
    }
    match actors.as_slice() {
        [one] => Ok(ChangedBy { confidence, actor: (*one).clone(), event: (*newest).clone(), events: events.len() }),
        several => Err(UnknownReason::SeveralActors(several.len())),
    }
}

/// The audit activities that can have given a setting the value it has.
fn audit_activities(drifted: &DriftedSetting) -> &'static [AuditActivity] {
    drifted.setting.audit.map_or(drifted.surface.spec().audit, |audit| audit(&drifted.found))
}

/// Whether an event is about the document of the case: a tenant has many objects of the kinds that are managed.
fn is_at(case: &DriftedSetting, event: &AuditEvent) -> bool {
    let object = case.surface.spec().object;
    object.is_none_or(|selector| event.targets.iter().any(|name| name.contains(selector.marker)))
}

/// Whether an event names the setting: by a property, or because its activity is about nothing else.
fn names(case: &DriftedSetting, event: &AuditEvent) -> bool {
    let about_nothing_else = [AuditActivity::ENABLE_WRITEBACK, AuditActivity::DISABLE_WRITEBACK]
        .iter()
        .any(|activity| begins(&event.activity, activity.name));
    about_nothing_else || event.properties.iter().any(|property| is_of(case.setting, property))
}

/// Whether an event names other settings and nothing that is not known.
fn is_about_others(case: &DriftedSetting, event: &AuditEvent) -> bool {
    let known = |property: &String| catalog::ALL.iter().any(|setting| is_of(setting, property));
    !names(case, event) && !event.properties.is_empty() && event.properties.iter().all(known)
}

fn is_of(setting: &Setting, property: &str) -> bool {
    let last = property.rsplit(['.', '/']).next().unwrap_or(property).trim();
    setting.audit_names.iter().chain(setting.keys).any(|name| name.eq_ignore_ascii_case(last))
}

fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

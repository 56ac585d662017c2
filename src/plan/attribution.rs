//! Finds out from the tenant's audit log who changed a setting. Nobody is named on a guess: if the log leaves more than one
//! answer, the author is unknown, with the reason.

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

/// An event may appear in the log up to this much later than it happened, and may carry that later time.
const LAG: SignedDuration = SignedDuration::from_hours(1);
/// How long the audit log of a tenant with Entra ID P1 or P2 goes back; without those licences it is shorter.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A drifted setting, with the time in which it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftedSetting {
    /// The setting whose value drifted.
    pub setting: &'static Setting,
    /// The document that holds the drifted value.
    pub surface: Surface,
    /// The value that the tenant has now.
    pub found: Value,
    /// The time in which the setting changed to that value; `None` if no run has seen the value before.
    pub window: Option<ChangeWindow>,
}

/// Who changed a setting, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The time in which the setting changed, as far as earlier runs narrow it down.
    pub window: Option<ChangeWindow>,
    /// Who changed it, or why that is not known.
    pub author: Result<ChangedBy, UnknownReason>,
}

/// The author of a change, with the events that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedBy {
    /// How certain it is that the actor changed the setting.
    pub confidence: Confidence,
    /// The person or application that changed the setting.
    pub actor: Actor,
    /// The newest event of the actor that matches the change.
    pub event: AuditEvent,
    /// How many events of the actor match the change.
    pub events: usize,
}

/// How certain it is who changed a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// Exactly one event matches; it names the setting, and gives it no other value than it has.
    Certain,
    /// All matching events are of one actor.
    Likely,
}

/// Why it is not known who changed a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum UnknownReason {
    /// No run has seen the setting with another value, so the time of the change is not known, nor that there was one.
    NoChangeWindow,
    /// The log has no event that matches.
    NoEvent {
        /// Whether events of that time may still appear in the log.
        early: bool,
    },
    /// All events of that time name other settings.
    OtherSettings,
    /// All events of that time that name the setting give it another value than it has.
    OtherValues,
    /// Events of this many actors match.
    SeveralActors(usize),
    /// An event matches, but the log does not name its actor.
    NoActor,
    /// The log has more events of that time than are read.
    TooMany,
    /// The time of the change begins before the oldest event of the log.
    TooLong,
    /// The service that holds the setting has a log of its own, which is not read.
    OtherLog,
    /// The log could not be read.
    Unreadable(TenantError),
}

/// The drifted settings of a plan, each with the time of its change from the drift state `seen`.
#[must_use]
pub(crate) fn drifted_settings(plan: &Plan, seen: &DriftState) -> Vec<DriftedSetting> {
    let changes = plan.steps.iter().flat_map(|step| step.changes.iter().map(|change| (step.surface, change)));
    let case = changes.map(|(surface, change)| DriftedSetting {
        setting: change.setting,
        surface,
        found: change.before.clone(),
        window: seen.change_window(change.setting.name, &change.before),
    });
    case.collect()
}

/// The queries that [`attribute`] needs for these drifted settings, one for each audit activity. A setting whose time of
/// change is not known needs none.
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

/// Finds the author of one change in the answers to [`queries`]; `now` is the time of the answers.
#[must_use]
pub fn attribute(
    case: &DriftedSetting,
    answers: &[(AuditQuery, Result<AuditTrail, TenantError>)],
    now: Timestamp,
) -> Attribution {
    let author = match case.window {
        Some(_) if case.surface.spec().audit.is_empty() => Err(UnknownReason::OtherLog),
        Some(ChangeWindow::Between { after, by }) => {
            gather(case, answers).and_then(|events| find_author(case, &events, after, by, now))
        }
        Some(ChangeWindow::UnchangedSince(_)) | None => Err(UnknownReason::NoChangeWindow),
    };
    Attribution { window: case.window, author }
}

/// The events that can have changed the setting, at any time.
fn gather<'a>(
    case: &DriftedSetting,
    answers: &'a [(AuditQuery, Result<AuditTrail, TenantError>)],
) -> Result<Vec<&'a AuditEvent>, UnknownReason> {
    let mut found = Vec::new();
    for AuditActivity { name: activity, .. } in audit_activities(case) {
        match answers.iter().find(|(query, _)| query.activity == *activity) {
            Some((_, Ok(AuditTrail { whole: false, .. }))) => return Err(UnknownReason::TooMany),
            Some((_, Ok(trail))) => found.extend(trail.events.iter()),
            Some((_, Err(error))) => return Err(UnknownReason::Unreadable(error.clone())),
            None => return Err(UnknownReason::NoEvent { early: false }),
        }
    }
    // A failed attempt changed nothing, and an event about another object does not concern this one.
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
        // An event with a late time counts only if it names the setting, which has had the same value since then.
        let is_late = |event: &&AuditEvent| {
            let in_time = by < event.at && event.at <= late(by);
            in_time && names(case, event) && gives_value(case, event) != Some(false)
        };
        let found: Vec<_> = events.iter().copied().filter(is_late).collect();
        return single_author(Confidence::Likely, &found, now < late(by));
    }
    let about: Vec<_> = within.iter().copied().filter(|event| !is_about_others(case, event)).collect();
    if about.is_empty() {
        return Err(UnknownReason::OtherSettings);
    }
    let matching: Vec<_> = about.into_iter().filter(|event| gives_value(case, event) != Some(false)).collect();
    if matching.is_empty() {
        return Err(UnknownReason::OtherValues);
    }
    let named = matching.iter().all(|event| names(case, event));
    let covered = after > now.saturating_sub(RETENTION).unwrap_or(after);
    match (within.as_slice(), named, covered) {
        (_, false, false) => Err(UnknownReason::TooLong),
        ([_], true, true) => single_author(Confidence::Certain, &matching, false),
        _ => single_author(Confidence::Likely, &matching, now < late(by)),
    }
}

/// The latest time at which an event of `moment` may appear in the log.
fn late(moment: Timestamp) -> Timestamp {
    moment.saturating_add(LAG).unwrap_or(moment)
}

/// The one actor of all these events, which are sorted from the newest. At least one event must have succeeded for certain.
/// `early` says whether more events may still appear in the log.
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

/// Whether an event concerns the document that drifted: a tenant has many objects of the kinds that are managed.
fn is_at(case: &DriftedSetting, event: &AuditEvent) -> bool {
    let object = case.surface.spec().object;
    object.is_none_or(|selector| event.targets.iter().any(|name| name.contains(selector.marker)))
}

/// Whether an event names the setting: by a property, or because its activity concerns no other setting.
fn names(case: &DriftedSetting, event: &AuditEvent) -> bool {
    let is_about_writeback = [AuditActivity::ENABLE_WRITEBACK, AuditActivity::DISABLE_WRITEBACK]
        .iter()
        .any(|activity| begins(&event.activity, activity.name));
    is_about_writeback || event.properties.iter().any(|property| is_of(case.setting, property))
}

/// Whether an event gives the setting the value that was found; `None` if the log does not say so, or in words that are not
/// understood. Microsoft publishes how no value is written, so only switches and numbers are compared.
fn gives_value(case: &DriftedSetting, event: &AuditEvent) -> Option<bool> {
    let (_, new) = event.new_values.iter().find(|(property, _)| is_of(case.setting, property))?;
    let new = new.trim();
    match case.found {
        Value::Bool(found) => match new.to_ascii_lowercase().as_str() {
            "true" | "enabled" | "yes" | "1" => Some(found),
            "false" | "disabled" | "no" | "0" => Some(!found),
            _ => None,
        },
        Value::Number(found) => new.parse::<u32>().ok().map(|new| new == found),
        _ => None,
    }
}

/// Whether an event names other settings only, and no property that this program does not know.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{methods, notifications};

    /// An event that gives the setting another value than it has cannot be its cause; words that nobody knows exclude nothing.
    #[test]
    fn an_event_gives_the_value_another_one_or_nobody_knows() {
        let switch = |on| (&notifications::USERS, "NotifyUsersOfReset", Value::Bool(on));
        let number = |number| (&methods::REQUIRED, "NumberOfRequiredContactMethodsForUsers", Value::Number(number));
        for ((setting, property, found), new, expected) in [
            (switch(true), "true", Some(true)),
            (switch(true), "False", Some(false)),
            (switch(false), "true", Some(false)),
            (switch(false), "Disabled", Some(true)),
            (switch(false), "NotifyEverybody", None),
            (number(2), "2", Some(true)),
            (number(1), " 2 ", Some(false)),
            (number(1), "one", None),
        ] {
            let case = DriftedSetting { setting, surface: setting.surface, found, window: None };
            let event = AuditEvent {
                id: String::new(),
                at: Timestamp::UNIX_EPOCH,
                activity: "Update SSPR Settings".to_owned(),
                result: AuditResult::Success,
                actor: None,
                properties: vec![property.to_owned()],
                new_values: BTreeMap::from([(property.to_owned(), new.to_owned())]),
                targets: Vec::new(),
            };
            assert_eq!(gives_value(&case, &event), expected, "{new} for {:?}", case.found);
        }
    }
}

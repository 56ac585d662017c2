//! Changes that somebody took back between two runs: both runs saw the same value, and the audit log has events that lead away
//! from it and back.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::plan::attribution::{Author, LAG, author_of};
use crate::plan::change::Plan;
use crate::plan::drift_state::{ChangeWindow, DriftState};
use crate::plan::drifted_setting::DriftedSetting;
use crate::plan::logged_change::logged_texts;
use crate::plan::own_requests::OwnWrites;
use crate::tenant::audit::{AuditEvent, AuditQuery, AuditResult, AuditTrail};
use crate::tenant::error::TenantError;
use crate::tenant::surface::{AuditActivity, Surface};

/// A change of a setting that was taken back.
#[derive(Clone, Debug, PartialEq)]
pub struct Revert {
    /// The setting that was taken back.
    pub setting: &'static Setting,
    /// The event that led away from the value that both runs saw.
    pub changed: RevertEvent,
    /// The event that led back to it.
    pub back: RevertEvent,
}

/// One of the two events of a revert.
#[derive(Clone, Debug, PartialEq)]
pub struct RevertEvent {
    /// Who did it; `None` where the log does not say.
    pub author: Option<Author>,
    /// The event that shows it.
    pub event: AuditEvent,
}

/// The managed settings of a plan that have the value that the run before saw, each with the time in which events can lead away
/// from it and back. `seen` is the drift state before this run.
#[must_use]
pub(crate) fn unchanged_settings(plan: &Plan, seen: &DriftState) -> Vec<DriftedSetting> {
    let changed = plan.steps.iter().flat_map(|step| step.changes.iter().map(|change| change.setting));
    let managed = plan.unchanged.iter().copied().chain(changed).filter(|setting| has_values(setting.surface));
    let one = |setting: &'static Setting| {
        let found = plan.actual.get(setting.name)?;
        let (first, last) = seen.seen_unchanged(setting.name, found).filter(|(_, last)| *last < plan.taken)?;
        // An event may appear an hour late, so that the run before did not see it. What led to the value is before that.
        let after = last.saturating_sub(LAG).unwrap_or(last).max(first);
        let window = Some(ChangeWindow::Between { after, by: plan.taken });
        Some((
            setting.name,
            DriftedSetting { setting, surface: setting.surface, found: found.clone(), previous: None, window },
        ))
    };
    let by_name: BTreeMap<&str, DriftedSetting> = managed.filter_map(one).collect();
    by_name.into_values().collect()
}

/// Whether the log has the values of single settings of a document. Objects of which there are many are logged as a whole, and
/// the authentication methods policy by its methods.
fn has_values(surface: Surface) -> bool {
    surface.spec().object.is_none() && surface != Surface::AuthenticationMethods
}

/// The queries that [`reverts`] needs for these settings, one for each audit activity.
#[must_use]
pub fn revert_queries(unchanged: &[DriftedSetting]) -> Vec<AuditQuery> {
    let mut wanted: BTreeMap<&'static str, AuditQuery> = BTreeMap::new();
    for case in unchanged {
        let Some(ChangeWindow::Between { after: since, by: until }) = case.window else { continue };
        for AuditActivity { name: activity, service } in activities(case) {
            let query = wanted.entry(activity).or_insert(AuditQuery { activity, service, since, until });
            query.since = query.since.min(since);
            query.until = query.until.max(until);
        }
    }
    wanted.into_values().collect()
}

/// The activities that lead away from the value of a setting, or to it.
fn activities(case: &DriftedSetting) -> Vec<&'static AuditActivity> {
    let Some(of_value) = case.setting.audit else { return case.surface.spec().audit.iter().collect() };
    let other = if let Value::Bool(on) = case.found { of_value(&Value::Bool(!on)) } else { &[] };
    // The authentication methods policy is logged by its methods, and not by the values of settings.
    let all = of_value(&case.found).iter().chain(other);
    let by_name: BTreeMap<&str, _> = all.map(|activity| (activity.name, activity)).collect();
    by_name.into_values().filter(|activity| **activity != AuditActivity::METHODS_POLICY).collect()
}

/// What was changed and taken back in the answers to [`revert_queries`], the oldest first for each setting.
///
/// # Errors
/// Why the log could not be read, where one of the answers is an error.
pub fn reverts(
    unchanged: &[DriftedSetting],
    answers: &[(AuditQuery, Result<AuditTrail, TenantError>)],
    own: &OwnWrites,
) -> Result<Vec<Revert>, TenantError> {
    let mut found = Vec::new();
    for case in unchanged {
        let mut events: Vec<&AuditEvent> = Vec::new();
        for AuditActivity { name: activity, .. } in activities(case) {
            if let Some((_, answer)) = answers.iter().find(|(query, _)| query.activity == *activity) {
                events.extend(answer.as_ref().map_err(Clone::clone)?.events.iter());
            }
        }
        found.extend(reverts_of(case, events, own));
    }
    Ok(found)
}

fn reverts_of(case: &DriftedSetting, mut events: Vec<&AuditEvent>, own: &OwnWrites) -> Vec<Revert> {
    let Some(ChangeWindow::Between { after, by }) = case.window else { return Vec::new() };
    events.retain(|event| event.result == AuditResult::Success && after < event.at && event.at <= by);
    events.sort_by_key(|event| event.at);
    let texts = |event: &&AuditEvent| logged_texts(case.setting, event);
    // Without a last event that leads to the value that was found, the log does not say what came of the others.
    let Some((_, home)) = events.iter().rev().find_map(texts) else { return Vec::new() };
    if home.value.as_ref().is_some_and(|value| *value != case.found) {
        return Vec::new();
    }
    let turn = |event: &AuditEvent| RevertEvent { author: author_of(case, own, event, &events), event: event.clone() };
    let (mut found, mut away) = (Vec::new(), None);
    for event in &events {
        let Some((old, new)) = texts(event) else { continue };
        match away {
            None if old == home && new != home => away = Some(event),
            Some(first) if new == home => {
                found.push(Revert { setting: case.setting, changed: turn(first), back: turn(event) });
                away = None;
            }
            None | Some(_) => {}
        }
    }
    found
}

/// Combines queries: one for each activity, over the time of all of them.
#[must_use]
pub(crate) fn combined(queries: impl IntoIterator<Item = AuditQuery>) -> Vec<AuditQuery> {
    let mut all: BTreeMap<&'static str, AuditQuery> = BTreeMap::new();
    for query in queries {
        let (since, until): (Timestamp, Timestamp) = (query.since, query.until);
        let known = all.entry(query.activity).or_insert(query);
        known.since = known.since.min(since);
        known.until = known.until.max(until);
    }
    all.into_values().collect()
}

//! Finds out from the tenant's audit log who changed a setting. Nobody is named on a guess: if the log leaves more than one
//! answer, the author is unknown, with the reason.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::ids::RunId;
use crate::plan::drift_state::{ChangeWindow, digest};
use crate::plan::drifted_setting::DriftedSetting;
use crate::plan::logged_change::{LoggedChange, leaves_alone, names};
use crate::plan::own_requests::OwnWrites;
use crate::tenant::audit::{Actor, AuditEvent, AuditQuery, AuditResult, AuditTrail};
use crate::tenant::error::TenantError;
use crate::tenant::surface::AuditActivity;

/// An event may appear in the log up to this much later than it happened, and may carry that later time.
pub(crate) const LAG: SignedDuration = SignedDuration::from_hours(1);
/// How long the audit log of a tenant with Entra ID P1 or P2 goes back; without those licences it is shorter.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Who changed a setting, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// The time in which the setting changed, as far as earlier runs narrow it down.
    pub window: Option<ChangeWindow>,
    /// Who changed it, or why that is not known.
    pub author: Result<ChangedBy, UnknownReason>,
    /// From when on the log has every event of that time, if a later look can give another answer; `None` otherwise.
    pub log_complete_at: Option<Timestamp>,
}

/// The author of a change, with the events that prove it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedBy {
    /// Who changed the setting.
    pub author: Author,
    /// The newest event of the author that matches the change; `None` if only the journal of a run shows it.
    pub event: Option<AuditEvent>,
    /// How many events of the author match the change.
    pub events: usize,
    /// What speaks against it; empty if nothing does.
    pub doubts: Vec<Doubt>,
}

/// Who changed a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A person or an application.
    Actor(Actor),
    /// A run of this program, whose journal is here.
    Run {
        /// The run, as its journal is named.
        run: RunId,
        /// When it sent the request.
        at: Timestamp,
    },
    /// The application as which this program signs in, in a run whose journal is not here.
    OwnApplication(Actor),
}

/// How certain it is who changed a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// One event alone can be the cause. It names the setting, leads from the value that was last seen to the one that was
    /// found, and the log has had the time to show every other event.
    Certain,
    /// Everything that is known points to this author, and something is missing: see [`Doubt`].
    Likely,
}

/// Why an author is not certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "AttributionDoubt")]
pub enum Doubt {
    /// The log may still lack events of that time; `logCompleteAt` says until when.
    LogIncomplete,
    /// The log does not go back to all of that time.
    LogTooShort,
    /// The log does not show the change; the journal of the run does.
    NotInLog,
    /// The event does not name the setting.
    SettingNotNamed,
    /// The event gives the setting no value that can be compared with the one that was found.
    NoValue,
    /// The event gives no value before it, or none was seen before, that could be compared.
    NoPreviousValue,
    /// The event begins at another value than the one that was last seen, so that another change is missing.
    OtherPreviousValue,
    /// Several events of the author can be the cause.
    SeveralEvents,
    /// There are other events of that time, which are not counted.
    OtherEvents,
    /// The event is dated after the change was seen.
    LateEvent,
}

/// Why it is not known who changed a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum UnknownReason {
    /// No run has seen the setting with another value, so the time of the change is not known, nor that there was one.
    NoChangeWindow,
    /// The log has no event that matches.
    NoEvent,
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

impl ChangedBy {
    /// How certain it is.
    #[must_use]
    pub fn confidence(&self) -> Confidence {
        if self.doubts.is_empty() { Confidence::Certain } else { Confidence::Likely }
    }
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

/// Finds the author of one change in the answers to [`queries`], which are of the time `now`, and among our own writes.
#[must_use]
pub fn attribute(
    case: &DriftedSetting,
    answers: &[(AuditQuery, Result<AuditTrail, TenantError>)],
    own: &OwnWrites,
    now: Timestamp,
) -> Attribution {
    let Some(ChangeWindow::Between { after, by }) = case.window else {
        let reason = if case.surface.spec().audit.is_empty() && case.window.is_some() {
            UnknownReason::OtherLog
        } else {
            UnknownReason::NoChangeWindow
        };
        return Attribution { window: case.window, author: Err(reason), log_complete_at: None };
    };
    let early = now < late(by);
    let logged = gather(case, answers).and_then(|events| Evidence { case, own, after, by, now }.author(&events));
    let author = logged.or_else(|reason| by_journal(case, own, &reason, early).ok_or(reason));
    let may_change = match &author {
        Ok(found) => found.doubts.contains(&Doubt::LogIncomplete),
        Err(UnknownReason::NoEvent | UnknownReason::OtherSettings | UnknownReason::OtherValues) => early,
        Err(
            UnknownReason::NoChangeWindow
            | UnknownReason::SeveralActors(_)
            | UnknownReason::NoActor
            | UnknownReason::TooMany
            | UnknownReason::TooLong
            | UnknownReason::OtherLog
            | UnknownReason::Unreadable(_),
        ) => false,
    };
    Attribution { window: case.window, author, log_complete_at: may_change.then(|| late(by)) }
}

/// The author by the journals alone, for a change that the log does not show, or that is in a log that is not read.
fn by_journal(case: &DriftedSetting, own: &OwnWrites, reason: &UnknownReason, early: bool) -> Option<ChangedBy> {
    let may_still_appear = match reason {
        UnknownReason::NoEvent | UnknownReason::OtherSettings | UnknownReason::OtherValues => early,
        UnknownReason::TooMany | UnknownReason::TooLong | UnknownReason::OtherLog | UnknownReason::Unreadable(_) => {
            false
        }
        // The log has events that speak for others as well.
        UnknownReason::NoChangeWindow | UnknownReason::SeveralActors(_) | UnknownReason::NoActor => return None,
    };
    let request = own.verified_request(case)?;
    let doubts = may_still_appear.then_some(Doubt::LogIncomplete).into_iter().chain([Doubt::NotInLog]).collect();
    let author = Author::Run { run: request.run.clone(), at: request.at };
    Some(ChangedBy { author, event: None, events: 0, doubts })
}

/// The events that can have changed the setting, at any time.
fn gather<'a>(
    case: &DriftedSetting,
    answers: &'a [(AuditQuery, Result<AuditTrail, TenantError>)],
) -> Result<Vec<&'a AuditEvent>, UnknownReason> {
    let mut found = Vec::new();
    if case.surface.spec().audit.is_empty() {
        return Err(UnknownReason::OtherLog);
    }
    for AuditActivity { name: activity, .. } in audit_activities(case) {
        match answers.iter().find(|(query, _)| query.activity == *activity) {
            Some((_, Ok(AuditTrail { whole: false, .. }))) => return Err(UnknownReason::TooMany),
            Some((_, Ok(trail))) => found.extend(trail.events.iter()),
            Some((_, Err(error))) => return Err(UnknownReason::Unreadable(error.clone())),
            None => return Err(UnknownReason::NoEvent),
        }
    }
    // A failed attempt changed nothing, and an event about another object does not concern this one.
    found.retain(|event| event.result != AuditResult::Failure && is_at(case, event));
    found.sort_by_key(|event| std::cmp::Reverse(event.at));
    Ok(found)
}

/// What is known of one change, besides the events of the log.
struct Evidence<'a> {
    case: &'a DriftedSetting,
    own: &'a OwnWrites,
    /// The last run that saw another value.
    after: Timestamp,
    /// The first run that saw the value found.
    by: Timestamp,
    now: Timestamp,
}

impl Evidence<'_> {
    /// The author by the events of the log, which are sorted from the newest.
    fn author(&self, events: &[&AuditEvent]) -> Result<ChangedBy, UnknownReason> {
        let Self { case, own: _, after, by, now } = *self;
        let within: Vec<_> = events.iter().copied().filter(|event| self.is_within(event, events)).collect();
        if within.is_empty() {
            // An event with a late time counts only if it names the setting, which has had the same value since then.
            let is_late = |event: &&AuditEvent| {
                let in_time = by < event.at && event.at <= late(by);
                in_time && names(case.setting, event) && !leaves_alone(case.setting, event) && self.can_be(event)
            };
            let found: Vec<_> = events.iter().copied().filter(is_late).collect();
            return self.single_author(&found, events, vec![Doubt::LateEvent]);
        }
        let about: Vec<_> = within.iter().copied().filter(|event| !leaves_alone(case.setting, event)).collect();
        if about.is_empty() {
            return Err(UnknownReason::OtherSettings);
        }
        let matching: Vec<_> = about.into_iter().filter(|event| self.can_be(event)).collect();
        if matching.is_empty() {
            return Err(UnknownReason::OtherValues);
        }
        let named = matching.iter().all(|event| names(case.setting, event));
        let covered = after > now.saturating_sub(RETENTION).unwrap_or(after);
        if !named && !covered {
            return Err(UnknownReason::TooLong);
        }
        let mut doubts = Vec::new();
        doubts.extend((!covered).then_some(Doubt::LogTooShort));
        doubts.extend((within.len() > matching.len()).then_some(Doubt::OtherEvents));
        self.single_author(&matching, events, doubts)
    }

    /// Whether an event is of the time of the change. An event of a request of ours counts by the time of the request.
    fn is_within(&self, event: &AuditEvent, events: &[&AuditEvent]) -> bool {
        let Self { case, own, after, by, now: _ } = *self;
        own.request_of(case, event, events).is_some() || (after < event.at && event.at <= by)
    }

    /// Whether an event does not give the setting another value than it has.
    fn can_be(&self, event: &AuditEvent) -> bool {
        LoggedChange::of(self.case.setting, event).to.is_none_or(|to| to == self.case.found)
    }

    /// The one author of all these events, which are sorted from the newest. One event at least must surely have succeeded.
    fn single_author(
        &self,
        found: &[&AuditEvent],
        events: &[&AuditEvent],
        mut doubts: Vec<Doubt>,
    ) -> Result<ChangedBy, UnknownReason> {
        let newest = found.iter().find(|event| event.result == AuditResult::Success).ok_or(UnknownReason::NoEvent)?;
        let mut authors: Vec<Author> = Vec::new();
        for event in found {
            let author = author_of(self.case, self.own, event, events).ok_or(UnknownReason::NoActor)?;
            if !authors.iter().any(|known| is_same(known, &author)) {
                authors.push(author);
            }
        }
        let several = authors.len();
        let author = authors.pop().filter(|_| several == 1).ok_or(UnknownReason::SeveralActors(several))?;
        // Other events may explain why this one begins at another value.
        let alone = found.len() == 1 && doubts.is_empty();
        doubts.extend(self.value_doubt(newest).filter(|doubt| alone || *doubt != Doubt::OtherPreviousValue));
        doubts.extend((self.now < late(self.by)).then_some(Doubt::LogIncomplete));
        doubts.extend((found.len() > 1).then_some(Doubt::SeveralEvents));
        doubts.sort_unstable();
        Ok(ChangedBy { author, event: Some((*newest).clone()), events: found.len(), doubts })
    }

    /// What the values of an event leave open.
    fn value_doubt(&self, event: &AuditEvent) -> Option<Doubt> {
        let LoggedChange { from, to } = LoggedChange::of(self.case.setting, event);
        if !names(self.case.setting, event) {
            return Some(Doubt::SettingNotNamed);
        }
        match (to, from, &self.case.previous) {
            (None, _, _) => Some(Doubt::NoValue),
            (Some(_), None, _) | (Some(_), Some(_), None) => Some(Doubt::NoPreviousValue),
            (Some(_), Some(from), Some(previous)) => (digest(&from) != *previous).then_some(Doubt::OtherPreviousValue),
        }
    }
}

/// Who caused an event; `None` where the log does not say and it is none of ours. `events` are all that may be ours.
pub(crate) fn author_of(
    case: &DriftedSetting,
    own: &OwnWrites,
    event: &AuditEvent,
    events: &[&AuditEvent],
) -> Option<Author> {
    if let Some(request) = own.request_of(case, event, events) {
        return Some(Author::Run { run: request.run.clone(), at: request.at });
    }
    let actor = event.actor.clone()?;
    Some(if own.is_application(&actor) { Author::OwnApplication(actor) } else { Author::Actor(actor) })
}

/// Whether two events have one author: a run of this program is one author, however many requests it sent.
fn is_same(one: &Author, other: &Author) -> bool {
    match (one, other) {
        (Author::Actor(one), Author::Actor(other)) | (Author::OwnApplication(one), Author::OwnApplication(other)) => {
            one.is(other)
        }
        (Author::Run { run: one, .. }, Author::Run { run: other, .. }) => one == other,
        (Author::Actor(_) | Author::Run { .. } | Author::OwnApplication(_), _) => false,
    }
}

/// The latest time at which an event of `moment` may appear in the log.
pub(crate) fn late(moment: Timestamp) -> Timestamp {
    moment.saturating_add(LAG).unwrap_or(moment)
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

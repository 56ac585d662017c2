//! The state of the source and of each tenant, which survives restarts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::controller::condition::{ConditionStatus, Conditions, Reason};
use crate::controller::event::Event;
use crate::controller::people::PeopleStatus;
use crate::controller::reconcile::DriftEntry;
use crate::policy::schema;

/// The version of the format; another one is not read.
const FORMAT_VERSION: u32 = 1;
/// How many past events are stored for a tenant.
const LONGEST_HISTORY: usize = 20;

/// The state of the controller between runs, in the folder of `--state`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl controller state")]
pub struct ControllerState {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// Where the policies come from.
    pub source: SourceState,
    /// Each tenant, as its policy names it.
    pub tenants: BTreeMap<String, TenantState>,
}

/// Where the policies come from, and the result of reading them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceState {
    /// The address of the repository, or the folder. It never holds a secret.
    pub(crate) address: String,
    /// The branch; absent for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) branch: Option<String>,
    /// Ready, Reconciling and Stalled.
    pub conditions: Conditions,
    /// The revision that was found last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempted: Option<ObservedRevision>,
    /// The active revision: the last valid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_applied: Option<ObservedRevision>,
    /// How often in a row it could not be read.
    pub(crate) failures: u32,
    /// When it is read next (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) next: Option<Timestamp>,
    /// A digest of the last notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "told")]
    pub(crate) notified: Option<String>,
}

/// What the controller knows of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantState {
    /// The path of its policy.
    pub path: String,
    /// Ready, Reconciling and Stalled.
    pub conditions: Conditions,
    /// Its ring; absent without rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ring: Option<String>,
    /// The earlier ring for which this tenant waits, because not every tenant of that is in sync; absent where it waits for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for_ring: Option<String>,
    /// Whether somebody suspended it by a request.
    pub suspended: bool,
    /// Whether `ssprctl.yaml` suspends it.
    pub suspended_by_file: bool,
    /// The last attempt to compare it, and with which revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempted: Option<ObservedRevision>,
    /// The last attempt by which it was compared; absent where it was not yet, or where an older version wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_compared: Option<ObservedRevision>,
    /// The last revision with which the tenant was in sync.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_applied: Option<ObservedRevision>,
    /// The settings that differ from the policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<DriftEntry>,
    /// The facts about the tenant that could not be read when it was compared last; no managed setting depends on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// How often in a row it failed.
    pub failures: u32,
    /// When it is reconciled next (RFC 3339, UTC); absent if not before the commit changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub next: Option<Timestamp>,
    /// How many people can reset; absent without `--count-people`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) people: Option<PeopleStatus>,
    /// The last events, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) history: Vec<HistoryEntry>,
    /// A digest of the last notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(rename = "told")]
    pub notified: Option<String>,
}

/// A revision and when it was read or compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservedRevision {
    /// The commit, or the digest of a folder.
    pub revision: String,
    /// When (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
}

/// Something that happened to a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryEntry {
    /// When (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) at: Timestamp,
    /// The revision that it was compared with.
    pub(crate) revision: String,
    /// The reason of the condition.
    pub(crate) reason: Reason,
    /// The message for people.
    pub(crate) message: String,
}

impl HistoryEntry {
    /// The entry as an event of its tenant.
    pub(crate) fn event(self, tenant: &str, well: bool) -> Event {
        let Self { at, revision, reason, message } = self;
        Event { tenant: Some(tenant.to_owned()), revision, reason, well, message, drift: Vec::new(), at }
    }
}

impl Default for ControllerState {
    fn default() -> Self {
        Self { format_version: FORMAT_VERSION, source: SourceState::default(), tenants: BTreeMap::new() }
    }
}

impl ControllerState {
    /// Reads what an earlier run wrote.
    ///
    /// # Errors
    /// When it is damaged, or of another version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let state: Self = serde_json::from_str(text).map_err(|_| "it is damaged".to_owned())?;
        if state.format_version != FORMAT_VERSION {
            let found = state.format_version;
            return Err(format!("it has the format {found}, and this program knows {FORMAT_VERSION}"));
        }
        Ok(state)
    }

    /// Serializes the state for [`ControllerState::parse`].
    ///
    /// # Errors
    /// Never for what this program makes; the type says so because JSON writers do.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| format!("{text}\n"))
    }
}

impl TenantState {
    /// Whether somebody or `ssprctl.yaml` suspends it.
    #[must_use]
    pub(crate) fn is_suspended(&self) -> bool {
        self.suspended || self.suspended_by_file
    }

    /// What is known of its people. Of a suspended tenant that is nothing: its numbers would become old.
    pub(crate) fn people(&self) -> Option<&PeopleStatus> {
        self.people.as_ref().filter(|_| !self.is_suspended())
    }

    /// How many settings differ from the policy; `None` if the last attempt could not compare them all
    /// and found none.
    pub(crate) fn differing(&self) -> Option<usize> {
        let ready = &self.conditions.ready;
        let is_compared = ready.status == ConditionStatus::True || ready.reason == Reason::Refused;
        (is_compared || !self.drift.is_empty()).then_some(self.drift.len())
    }

    /// When it was compared last, and with which revision.
    pub(crate) fn compared(&self) -> Option<&ObservedRevision> {
        let known = if self.differing().is_some() { &self.last_attempted } else { &self.last_applied };
        self.last_compared.as_ref().or(known.as_ref())
    }

    /// The last attempt, where it is not the one by which the tenant was compared.
    pub(crate) fn failed_attempt(&self) -> Option<&ObservedRevision> {
        self.last_attempted.as_ref().filter(|attempt| self.compared() != Some(*attempt))
    }

    /// The revision with which it was last compared, or was tried to be.
    pub(crate) fn present_revision(&self) -> Option<&str> {
        self.last_attempted.as_ref().map(|mark| mark.revision.as_str())
    }

    /// Suspends or resumes the tenant on request. Returns the entry of its history; `None` if it was so already. One that is
    /// resumed is due at once.
    pub(crate) fn set_suspended(&mut self, suspended: bool, now: Timestamp) -> Option<HistoryEntry> {
        if !suspended {
            self.next = Some(now);
        }
        if self.suspended == suspended {
            return None;
        }
        self.suspended = suspended;
        let (reason, message) = match (suspended, self.suspended_by_file) {
            (true, _) => (Reason::Suspended, "it is neither read nor written until it is resumed"),
            (false, true) => (Reason::Resumed, "it is still suspended by ssprctl.yaml"),
            (false, false) => (Reason::Resumed, "it is reconciled now"),
        };
        let revision = self.last_attempted.as_ref().map(|mark| mark.revision.clone()).unwrap_or_default();
        let entry = HistoryEntry { at: now, revision, reason, message: message.to_owned() };
        self.note(entry.clone());
        Some(entry)
    }

    /// Adds an entry to the history unless it repeats the last one.
    pub(crate) fn note(&mut self, entry: HistoryEntry) {
        let same = |last: &HistoryEntry| last.reason == entry.reason && last.message == entry.message;
        if self.history.last().is_some_and(same) {
            return;
        }
        self.history.push(entry);
        let surplus = self.history.len().saturating_sub(LONGEST_HISTORY);
        self.history.drain(..surplus);
    }
}

/// The JSON Schema of [`ControllerState`].
#[must_use]
pub(crate) fn state_schema() -> Json {
    schema::of::<ControllerState>()
}

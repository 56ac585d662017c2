//! Conditions as in Kubernetes and Flux: Ready, Reconciling and Stalled, each with a reason and since when it holds.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub enum ConditionStatus {
    /// The condition holds.
    True,
    /// The condition does not hold.
    False,
    /// Nothing is known yet.
    #[default]
    Unknown,
}

impl ConditionStatus {
    pub(crate) const ALL: [Self; 3] = [Self::True, Self::False, Self::Unknown];

    /// The word in metrics.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

/// Why a condition has its status. A closed list: words may be added, and never change their meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub enum Reason {
    /// Nothing has happened yet.
    #[default]
    Waiting,
    /// Work is in progress.
    Progressing,
    /// It failed and is retried.
    Retrying,
    /// There is nothing to work on.
    Idle,
    /// The tenant is as the policy says.
    #[serde(rename = "InLine")]
    InSync,
    /// The policy was applied, and the tenant shows it.
    Applied,
    /// The tenant was as this revision says, and no longer is.
    Drifted,
    /// The tenant is not as this revision says yet.
    Pending,
    /// The policy would be applied, but a freeze window prevents it.
    Frozen,
    /// The branch or the folder was read and its policies are active.
    Fetched,
    /// The branch or the folder cannot be read.
    Unreadable,
    /// The commit is not signed by anybody who is trusted.
    Unsigned,
    /// A policy or the repository's own file is invalid.
    InvalidPolicy,
    /// A rule, or the service itself, refuses the policy.
    Refused,
    /// A credential, scope, role or licence is missing.
    NoAccess,
    /// The tenant, or a part of it, cannot be read.
    Unavailable,
    /// Somebody changed the tenant between the read and the write; the edit was not overwritten.
    Stale,
    /// Written, but the tenant does not show it, or shows something else.
    Unverified,
    /// Somebody suspended the tenant; only in events.
    Suspended,
    /// Somebody resumed the tenant; only in events.
    Resumed,
    /// People who can reset will not be able to from a date that lies ahead.
    LosesReset,
}

impl Reason {
    /// The published word in status, state, notifications and logs.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Progressing => "Progressing",
            Self::Retrying => "Retrying",
            Self::Idle => "Idle",
            Self::InSync => "InLine",
            Self::Applied => "Applied",
            Self::Drifted => "Drifted",
            Self::Pending => "Pending",
            Self::Frozen => "Frozen",
            Self::Fetched => "Fetched",
            Self::Unreadable => "Unreadable",
            Self::Unsigned => "Unsigned",
            Self::InvalidPolicy => "InvalidPolicy",
            Self::Refused => "Refused",
            Self::NoAccess => "NoAccess",
            Self::Unavailable => "Unavailable",
            Self::Stale => "Stale",
            Self::Unverified => "Unverified",
            Self::Suspended => "Suspended",
            Self::Resumed => "Resumed",
            Self::LosesReset => "LosesReset",
        }
    }
}

/// One condition of a tenant, as Kubernetes has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why it has this status, in one word.
    pub(crate) reason: Reason,
    /// The message for people, with what to do.
    pub message: String,
    /// Since when it has this status (RFC 3339, UTC); absent while nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) since: Option<Timestamp>,
}

impl Condition {
    /// Sets the status. `since` changes only with the status.
    pub(crate) fn set(&mut self, status: ConditionStatus, reason: Reason, message: impl Into<String>, now: Timestamp) {
        let since = self.since.filter(|_| self.status == status).or(Some(now));
        *self = Self { status, reason, message: message.into(), since };
    }
}

/// The three conditions of a tenant or of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conditions {
    /// Everything is as the policy says.
    pub ready: Condition,
    /// Work is in progress, or a retry is scheduled.
    pub reconciling: Condition,
    /// Nothing is retried until somebody changes something.
    pub stalled: Condition,
}

impl Conditions {
    /// Each with the name it has in metrics.
    #[must_use]
    pub(crate) fn named(&self) -> [(&'static str, &Condition); 3] {
        let Self { ready, reconciling, stalled } = self;
        [("Ready", ready), ("Reconciling", reconciling), ("Stalled", stalled)]
    }

    /// Ready: the work succeeded.
    pub(crate) fn set_ready(&mut self, reason: Reason, message: impl Into<String>, now: Timestamp) {
        self.ready.set(ConditionStatus::True, reason, message, now);
        self.clear_progress(now);
    }

    fn clear_progress(&mut self, now: Timestamp) {
        self.reconciling.set(ConditionStatus::False, Reason::Idle, "", now);
        self.stalled.set(ConditionStatus::False, Reason::Idle, "", now);
    }

    /// Not ready, although nothing failed: the tenant differs.
    pub(crate) fn set_not_ready(&mut self, reason: Reason, message: impl Into<String>, now: Timestamp) {
        self.clear_progress(now);
        self.ready.set(ConditionStatus::False, reason, message, now);
    }

    /// Not ready: it failed and is retried.
    pub(crate) fn set_retrying(&mut self, reason: Reason, message: impl Into<String>, now: Timestamp) {
        self.ready.set(ConditionStatus::False, reason, message, now);
        self.stalled.set(ConditionStatus::False, Reason::Idle, "", now);
        self.reconciling.set(ConditionStatus::True, Reason::Retrying, "it is retried automatically", now);
    }

    /// Stalled: it failed and is not retried before something changes.
    pub(crate) fn set_stalled(&mut self, reason: Reason, message: impl Into<String>, now: Timestamp) {
        let message = message.into();
        self.ready.set(ConditionStatus::False, reason, message.clone(), now);
        self.reconciling.set(ConditionStatus::False, Reason::Idle, "", now);
        self.stalled.set(ConditionStatus::True, reason, message, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_named_as_it_is_serialized() -> serde_json::Result<()> {
        let schema = schemars::schema_for!(Reason).to_value();
        let words: Vec<_> = schema["oneOf"].as_array().into_iter().flatten().map(|one| one["const"].clone()).collect();
        assert_eq!(words.len(), 21, "{schema:#}");
        for word in words {
            let reason: Reason = serde_json::from_value(word.clone())?;
            assert_eq!(word, reason.name());
        }
        Ok(())
    }

    #[test]
    fn the_moment_is_that_of_the_status() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        let mut condition = Condition::default();
        condition.set(ConditionStatus::False, Reason::Drifted, "a", at(1));
        condition.set(ConditionStatus::False, Reason::Unavailable, "b", at(2));
        assert_eq!(
            (condition.since, condition.reason, condition.message.as_str()),
            (Some(at(1)), Reason::Unavailable, "b")
        );
        condition.set(ConditionStatus::True, Reason::InSync, "", at(3));
        assert_eq!(condition.since, Some(at(3)));
    }

    #[test]
    fn the_time_of_not_ready_is_that_of_the_first_failure() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
        let mut conditions = Conditions::default();
        conditions.set_not_ready(Reason::Drifted, "a", at(1));
        conditions.set_not_ready(Reason::Drifted, "b", at(2));
        assert_eq!(conditions.ready.since, Some(at(1)), "off since the first time");
    }
}

//! The last events of the process, for `/events` and `controller logs`.

use std::collections::VecDeque;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::controller::condition::Reason;
use crate::controller::event::Event;
use crate::policy::schema;

/// The most events that are in memory; further ones replace the oldest.
const MOST: usize = 1000;
/// The most bytes of a message; the status has the whole one.
const LONGEST_MESSAGE: usize = 1000;

/// The last events, oldest first. Each has a number, which begins with 1 when the process starts.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    events: VecDeque<NumberedEvent>,
    last: u64,
}

/// An event as `/events` answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NumberedEvent {
    /// Its number since the process started.
    pub(crate) number: u64,
    /// When (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) at: Timestamp,
    /// The tenant, as its policy names it; absent for the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
    /// The revision in question; empty when none is known.
    pub(crate) revision: String,
    /// The reason of the condition, or that somebody suspended or resumed the tenant.
    pub(crate) reason: Reason,
    /// Whether the tenant or the source is ready.
    pub(crate) well: bool,
    /// What happened, for people.
    pub(crate) message: String,
}

/// The document of `/events`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl controller events")]
pub(crate) struct Events {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub(crate) format_version: u32,
    /// When the process started (RFC 3339, UTC): numbers of different processes are not compared.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) started: Timestamp,
    /// The events, oldest first; at most a thousand.
    pub(crate) events: Vec<NumberedEvent>,
}

impl EventLog {
    /// Adds an event, and drops the oldest of too many.
    pub(crate) fn push(&mut self, event: Event) {
        let Event { tenant, revision, reason, well, mut message, drift: _, at } = event;
        if message.len() > LONGEST_MESSAGE {
            message.truncate(message.floor_char_boundary(LONGEST_MESSAGE));
            message.push('…');
        }
        self.last += 1;
        self.events.push_back(NumberedEvent { number: self.last, at, tenant, revision, reason, well, message });
        if self.events.len() > MOST {
            self.events.pop_front();
        }
    }

    /// The events after that of a number.
    pub(crate) fn after(&self, number: u64) -> Vec<NumberedEvent> {
        self.events.iter().filter(|event| event.number > number).cloned().collect()
    }
}

/// The JSON Schema of [`Events`].
#[must_use]
pub(crate) fn events_schema() -> Json {
    schema::of::<Events>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_events_make_room_and_numbers_go_on() {
        let mut log = EventLog::default();
        for number in 0..1003 {
            let message = format!("{number}{}", "ä".repeat(800));
            let (tenant, revision, at) = (None, String::new(), Timestamp::UNIX_EPOCH);
            log.push(Event { tenant, revision, reason: Reason::Fetched, well: true, message, drift: Vec::new(), at });
        }
        let all = log.after(0);
        assert_eq!((all.len(), all.first().map(|event| event.number)), (1000, Some(4)));
        assert!(all.iter().all(|event| event.message.len() <= LONGEST_MESSAGE + '…'.len_utf8()));
        assert_eq!(log.after(1002).len(), 1);
        assert!(log.after(1003).is_empty() && log.after(u64::MAX).is_empty());
    }
}

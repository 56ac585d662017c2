//! The clock of the sandbox: the machine's or, in tests, a moved one or a fixed moment.

use jiff::{SignedDuration, Timestamp};

/// The time for `Date` headers, the lifetime of tokens and the times of audit events.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The time of the machine on which the server runs.
    System,
    /// That time moved by a length, so that tests that start processes run on a fixed day.
    Shifted(SignedDuration),
    /// The same moment at every call.
    Fixed(Timestamp),
}

impl Clock {
    /// The present moment in UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Shifted(length) => Timestamp::now() + *length,
            Self::Fixed(moment) => *moment,
        }
    }
}

//! The time of the services, which is the machine's or, in tests, a fixed moment.

use jiff::Timestamp;

/// Where the services take the time from: for `Date` headers, the lifetime of tokens and the times of audit events.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's own clock.
    System,
    /// Always this moment.
    Fixed(Timestamp),
}

impl Clock {
    /// The present moment in UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Fixed(moment) => *moment,
        }
    }
}

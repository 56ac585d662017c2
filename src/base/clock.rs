//! The only place that reads a clock. All other code gets a [`Clock`] or a timestamp, so that tests can fix the time.

use jiff::{SignedDuration, Timestamp};

/// Where the time comes from: the machine, or a fixed moment in tests.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    System,
    /// The machine's clock moved by a length of time, for tests that start the program.
    Shifted(SignedDuration),
    /// A fixed time, for tests.
    Fixed(Timestamp),
    /// A time that starts at a moment and goes on with the time of the runtime, for tests that simulate it.
    Running(Timestamp, Stopwatch),
}

impl Clock {
    /// The present moment in UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Shifted(length) => Timestamp::now() + *length,
            Self::Fixed(moment) => *moment,
            Self::Running(start, since) => *start + since.elapsed(),
        }
    }
}

/// Measures elapsed time for progress and timeouts; never shown as a point in time. It goes with the time of the runtime, which
/// is simulated in some tests, so that it agrees with how long the program sleeps.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(tokio::time::Instant);

impl Stopwatch {
    /// Starts a measurement of time.
    #[must_use]
    pub fn start() -> Self {
        Self(tokio::time::Instant::now())
    }

    /// The time since the start of the measurement.
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// A length of time in its two largest units, for people.
#[must_use]
pub(crate) fn age(age: SignedDuration) -> String {
    let minutes = age.as_mins();
    let (days, hours, minutes) = (minutes / (24 * 60), minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) if minutes == 0 => "less than a minute".to_owned(),
        (0, 0) => format!("{minutes}m"),
        (0, hours) => format!("{hours}h{minutes}m"),
        (days, hours) => format!("{days}d{hours}h"),
    }
}

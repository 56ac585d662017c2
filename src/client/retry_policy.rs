//! How long the client waits, and how often it tries again.

use std::time::Duration;

/// Bounds on waiting. The default suits a person at a terminal and a pipeline alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Longest time to connect, TLS included; shorter than `request`, so that "never connected" can be told.
    pub connect: Duration,
    /// Longest time to connect on the machine's own link, where an answer comes at once or never.
    pub link: Duration,
    /// Longest time for one request, from the first byte sent to the last byte read.
    pub request: Duration,
    /// Longest run of a program that hands out tokens, such as the Azure CLI.
    pub program: Duration,
    /// Time between questions whether a person has typed the code, where the service names none; and how much longer the
    /// time gets when the service asks for that.
    pub code_step: Duration,
    /// How often a read is repeated after its first attempt. Writes are never repeated.
    pub retries: usize,
    /// Pause before the first repetition; doubles each time, unless the service names one.
    pub first_pause: Duration,
    /// Longest time that all pauses of one read may take together; a service that asks for more is not waited for.
    pub all_pauses: Duration,
    /// Time from one request to the next while a long report is read: the service allows five in ten seconds.
    pub report_pause: Duration,
    /// Time from one answer about Conditional Access to the next request: the service allows one request a second in a
    /// tenant, and does not say how long to wait.
    pub access_pause: Duration,
    /// Longest time that all pauses of a run take together, over all its tenants; after that no read is repeated, because a
    /// service that is in trouble is not helped by asking again.
    pub run_pauses: Duration,
    /// How pauses vary, so that many runs do not come back at the same moment.
    pub jitter: Jitter,
}

/// How pauses vary. Each grows by up to as much again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Not at all.
    None,
    /// At random.
    Random,
    /// As this number says, for tests.
    Seeded(u64),
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            link: Duration::from_secs(2),
            request: Duration::from_secs(30),
            program: Duration::from_secs(60),
            code_step: Duration::from_secs(5),
            retries: 3,
            first_pause: Duration::from_millis(500),
            all_pauses: Duration::from_secs(60),
            report_pause: Duration::from_secs(2),
            access_pause: Duration::from_secs(1),
            run_pauses: Duration::from_secs(600),
            jitter: Jitter::Random,
        }
    }
}

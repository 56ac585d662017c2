//! How long the client waits for a response, and how often it repeats a read.

use std::time::Duration;

/// Time limits and pauses. The default suits both a person at a terminal and a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Longest time to connect, TLS included; shorter than `request`, so that "never connected" is recognised.
    pub connect: Duration,
    /// Longest time to connect on the machine's own link (169.254.0.0/16), where a response comes at once or never.
    pub link: Duration,
    /// Longest time for one request, from the first byte sent to the last byte read.
    pub request: Duration,
    /// Longest run of a program that hands out tokens, such as the Azure CLI.
    pub program: Duration,
    /// Time between two polls for a device code, if the service names none; and how much longer it gets after `slow_down`
    /// (RFC 8628, section 3.5).
    pub code_step: Duration,
    /// How often a read is repeated after its first attempt. Writes are never repeated.
    pub retries: usize,
    /// Pause before the first repetition; doubles each time, unless the service names one.
    pub first_pause: Duration,
    /// Longest time that all pauses of one read may take together. If the service asks for more, the read fails.
    pub all_pauses: Duration,
    /// Time for each request about reports and the audit log in the long run, of which five may be sent at once: the service
    /// allows five in ten seconds for each application and tenant.
    pub report_pause: Duration,
    /// Time from one answer about Conditional Access to the next request: the service allows one request a second in a
    /// tenant, and does not say how long to wait.
    pub access_pause: Duration,
    /// How often a request to the metadata service of a machine is repeated after its first attempt.
    pub metadata_retries: usize,
    /// Shortest pause while that service is updated, which it says by 410.
    pub update_pause: Duration,
    /// Longest time that all pauses of a run take together, over all its tenants. After that no read is repeated, so as not to
    /// load a failing service further.
    pub run_pauses: Duration,
    /// How pauses vary, so that many runs do not retry at the same moment.
    pub jitter: Jitter,
}

/// How pauses vary: each grows by a factor between one and two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jitter {
    /// Pauses do not vary.
    None,
    /// Pauses vary at random.
    Random,
    /// Pauses vary as this seed determines, for tests.
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
            metadata_retries: 7,
            update_pause: Duration::from_secs(10),
            run_pauses: Duration::from_secs(600),
            jitter: Jitter::Random,
        }
    }
}

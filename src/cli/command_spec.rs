//! What holds for every run of one command.

/// How `--timeout` acts on a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timeout {
    /// The command is stopped when the time is over.
    Whole,
    /// The command itself looks at the time and reports the tenants that are not done by then.
    PerTenant,
    /// The command begins no further request when the time is over, finishes the one in flight and reports.
    FinishWrites,
    /// The command runs until it is interrupted.
    None,
}

/// What holds for every run of a command.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandSpec {
    /// Whether it connects to tenants.
    pub(crate) tenant: bool,
    /// Whether it reads or writes state.
    pub(crate) state: bool,
    pub(crate) timeout: Timeout,
    /// Whether `--also` may write its result in further formats.
    pub(crate) also: bool,
    /// Whether `--surfaces` may choose the services.
    pub(crate) services: bool,
    /// Whether `--faults` may be given without `--sandbox`.
    pub(crate) faults: bool,
}

impl CommandSpec {
    /// A command that touches no tenant and has one output.
    pub(crate) const OFFLINE: Self =
        Self { tenant: false, state: false, timeout: Timeout::Whole, also: false, services: false, faults: false };
    /// A command that reads tenants and has one output.
    pub(crate) const READS: Self = Self { tenant: true, state: true, ..Self::OFFLINE };
}

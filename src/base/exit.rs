//! The process exit codes, as published in the README. Scripts depend on them: never renumber.

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// Done; for `plan` also when there are changes, unless `--detailed-exitcode`.
    Done,
    /// Failed: the message says what and what to do.
    Failed,
    /// There are changes (`plan --detailed-exitcode`), drift (`drift`), people who fall out (`forecast`), or an assumption
    /// that is broken (`conformance`).
    Changes,
    /// A policy is invalid.
    Invalid,
    /// Refused by a rule or a limit, or not approved by the person who was asked.
    Refused,
    /// A tenant or a policy is not what the review saw, or the snapshot is too old; nothing was sent to that tenant.
    Stale,
    /// Applied, but the tenant does not show it, or shows something else.
    Unverified,
    /// Failed part-way and rolled back.
    RolledBack,
    /// A credential, scope, role or licence is missing.
    NoAccess,
    /// Interrupted; the request in flight was completed first.
    Interrupted,
}

impl Exit {
    /// Every way to end, in the order of the README's table.
    pub const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::Changes,
        Self::Invalid,
        Self::Refused,
        Self::Stale,
        Self::Unverified,
        Self::RolledBack,
        Self::NoAccess,
        Self::Interrupted,
    ];

    /// The number the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Invalid => 3,
            Self::Refused => 4,
            Self::Stale => 5,
            Self::Unverified => 6,
            Self::RolledBack => 7,
            Self::NoAccess => 8,
            Self::Interrupted => 130,
        }
    }
}

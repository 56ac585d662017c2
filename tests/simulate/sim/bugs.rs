//! Mistakes that the program does not make. The simulation makes each in the place of the program, to prove that it would be
//! found.

/// A deliberate bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Before a write the document is not read again: what the plan saw is taken for what the tenant has.
    NoFence,
    /// Lines of the journal are not synced to disk.
    NoFlush,
    /// The name of a new journal is not synced to disk.
    NoFolderFlush,
    /// Each line of the journal is written when the next one is, so after what it announces.
    LateJournal,
    /// A line for which the disk has no space counts as written.
    IgnoredFullDisk,
    /// A write without a response is sent again.
    BlindRetry,
    /// A refused write counts as one that was not sent.
    BelievedRefusal,
    /// After an accepted write the tenant is not read: what was sent is taken for what it has.
    BelievedAcceptance,
    /// One read that shows a write is enough.
    OneRead,
    /// Reads go on until one shows the write, and what they showed last does not count.
    TimeoutIsSuccess,
    /// A rollback takes the tenant for what the run left, whatever somebody did since.
    UncheckedRollback,
    /// A rollback leaves out its last request.
    ShortRollback,
    /// Checksums in the journal are not compared.
    NoChecksum,
    /// Numbers in the journal are not compared.
    NoLineNumbers,
    /// An interrupted run is recovered by one read at once.
    HastyRecovery,
    /// The last request of an interrupted run is forgotten.
    ForgottenRequest,
    /// The run that follows an interrupted one does not look at the journals.
    NoRecovery,
    /// A signal to stop changes nothing.
    IgnoredSignal,
}

impl Bug {
    /// Every bug.
    pub(crate) const ALL: [Self; 18] = [
        Self::NoFence,
        Self::NoFlush,
        Self::NoFolderFlush,
        Self::LateJournal,
        Self::IgnoredFullDisk,
        Self::BlindRetry,
        Self::BelievedRefusal,
        Self::BelievedAcceptance,
        Self::OneRead,
        Self::TimeoutIsSuccess,
        Self::UncheckedRollback,
        Self::ShortRollback,
        Self::NoChecksum,
        Self::NoLineNumbers,
        Self::HastyRecovery,
        Self::ForgottenRequest,
        Self::NoRecovery,
        Self::IgnoredSignal,
    ];
}

//! Floor 5: make it so, and prove it. Nothing is decided here: an apply may only stop, or go on.

pub(crate) mod entry;
pub(crate) mod execute;
pub(crate) mod journal;
pub(crate) mod lock;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod precondition;
pub(crate) mod recovery;
mod rollback;
pub(crate) mod run_record;
mod send;
pub(crate) mod verify;

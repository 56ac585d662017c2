//! Floor 5: make it so, and prove it. Nothing is decided here: an apply may only stop, or go on.

pub mod entry;
pub mod execute;
pub mod journal;
pub mod lock;
pub mod options;
pub mod outcome;
pub mod precondition;
pub mod recovery;
mod rollback;
pub mod run_record;
mod send;
pub mod verify;

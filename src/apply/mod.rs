//! Floor 5: writes an approved plan to the tenant and verifies the result. Nothing is decided here: an apply only
//! continues, stops or rolls back.

pub(crate) mod disk;
pub(crate) mod entry;
pub(crate) mod execute;
pub(crate) mod journal;
pub(crate) mod journal_archive;
pub(crate) mod line;
pub(crate) mod lock;
pub(crate) mod options;
pub(crate) mod outcome;
pub(crate) mod precondition;
pub(crate) mod recovery;
mod rollback;
pub(crate) mod run_record;
mod send;
#[cfg(test)]
mod tests;
pub(crate) mod verify;

//! Floor 5: make it so, and prove it. Nothing is decided here: an apply may only stop, or go on.

pub mod bounds;
pub mod entry;
pub mod execute;
pub mod fence;
pub mod journal;
pub mod lock;
pub mod outcome;
pub mod past;
pub mod recover;
mod rollback;
mod send;
pub mod verify;

//! Floor 5: make it so, and prove it. Nothing is decided here: an apply may only stop, or go on.

pub mod bounds;
pub mod execute;
pub mod fence;
pub mod outcome;
pub mod verify;

//! Floor 3: what would change. Pure: no I/O, no clock of its own, everything sorted, everything comparable.

pub mod accept;
pub mod adopt;
pub mod attribute;
pub mod build;
pub mod change;
pub mod diff;
pub mod drift;
pub mod effect;
pub mod effective;
pub mod in_force;
pub mod kept;
pub mod live;
pub mod locations;
pub mod order;
pub mod pin;
pub mod public;
pub mod route;
pub mod score;
pub mod sighting;
pub mod undo;
mod unpinned;

//! Floor 1: what people write. [`load`] reads files and folders into policies, each value with its place.
//!
//! To add a key: one field in [`document`]. The schema, the check, the places and the overlay follow from it.

mod check;
pub mod codes;
pub mod document;
pub mod edit;
mod extends;
mod find;
pub mod load;
mod loaded;
pub mod managed;
mod overlay;
pub mod questions;
pub(crate) mod read;
pub mod repository;
mod roots;
pub mod schema;
mod schema_messages;
pub mod single_file;
pub(crate) mod suggest;
mod syntax;
mod tree;
pub mod waiver;
pub mod write;
mod yaml;

pub use loaded::{Policy, PolicySet};

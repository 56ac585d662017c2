//! Floor 1: policies as people write them. [`load`] reads files and folders into policies, each value with its place.
//!
//! To add a key: one field in [`document`]. The schema, the check, the places and the overlay follow from it.

pub(crate) mod check;
pub(crate) mod codes;
pub(crate) mod document;
pub(crate) mod edit;
mod extends;
pub(crate) mod find;
pub(crate) mod gate;
pub(crate) mod load;
mod loaded;
pub(crate) mod located_tests;
pub(crate) mod managed;
mod overlay;
pub(crate) mod questions;
pub(crate) mod read;
pub(crate) mod readiness;
pub(crate) mod repository;
pub(crate) mod roots;
pub(crate) mod schema;
mod schema_messages;
pub(crate) mod single_file;
pub(crate) mod suggest;
mod syntax;
pub(crate) mod test_file;
mod tree;
pub(crate) mod unread;
pub(crate) mod waiver;
pub(crate) mod write;
pub(crate) mod yaml;

pub use loaded::PolicySet;
pub(crate) use loaded::{Policy, PolicyOrigin};

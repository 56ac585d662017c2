//! Floor 1: what people write.

pub mod document;
pub mod managed;
pub mod questions;

//! Placeholder prose, replaced below.
pub mod base;
pub mod policy;
pub mod tenant;

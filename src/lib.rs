//! Placeholder prose, replaced below.
pub mod apply;
pub mod base;
pub mod catalog;
pub mod plan;
pub mod policy;
pub mod review;
pub mod tenant;

//! The converged authentication methods policy: what a tenant keeps of it, what it starts with, and the rules of a change.

pub mod defaults;
pub mod policy;
pub mod portal;
pub mod rules;

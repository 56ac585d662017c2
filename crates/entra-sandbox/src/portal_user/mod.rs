//! A person who works in the portal: edits of one setting, as `sandbox set` and tests make them.

mod conditional_access;
mod device_configuration;
pub(crate) mod edit;
pub(crate) mod input;

pub use edit::{set, set_as};
pub use input::{EditError, SETTINGS};

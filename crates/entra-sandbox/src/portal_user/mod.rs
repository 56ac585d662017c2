//! A person who works in the portal: edits of one setting at a time, for `sandbox set` and for tests.

mod conditional_access;
mod device_configuration;
pub(crate) mod edit;
pub(crate) mod input;

pub use edit::{SETTINGS, set, set_as};
pub use input::EditError;

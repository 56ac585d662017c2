//! The output of every command for a person at a terminal.

pub(crate) mod accept;
mod advice;
mod apply;
pub(crate) mod conformance;
pub(crate) mod doctor;
mod drift;
pub(crate) mod explain;
mod fleet;
mod forecast;
pub(crate) mod history;
pub(crate) mod import;
mod plan;
mod rows;
pub(crate) mod show;
pub(crate) mod test;
pub(crate) mod validate;
pub(crate) mod why;
pub(crate) mod words;

pub(crate) use advice::advice;
pub use apply::apply;
pub use drift::drift;
pub(crate) use forecast::forecast;
pub use plan::plan;

//! Scripted faults: what tests and the file of `--faults` can script, when a fault acts, and what it does to a reply.

pub(crate) mod fault;
pub(crate) mod file;
pub(crate) mod pages;
pub(crate) mod reply;
pub(crate) mod schedule;

pub use fault::{Action, Fault, Faults, Moment, PageFault, RequestFilter, RetryAfter, ShapeChange};
pub use file::FaultsFile;

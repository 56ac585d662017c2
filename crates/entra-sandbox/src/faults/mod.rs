//! Scripted faults: what a test or a file of `--faults` asks for, when each acts, and what it does to a reply.

pub(crate) mod fault;
pub(crate) mod file;
pub(crate) mod reply;
pub(crate) mod schedule;

pub use fault::{Action, Fault, Faults, Moment, RequestFilter, RetryAfter, ShapeChange};
pub use file::FaultsFile;

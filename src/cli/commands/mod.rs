//! One file for each command: its arguments, its formats and `run`.

pub(crate) mod accept;
pub(crate) mod advise;
pub(crate) mod announce;
pub(crate) mod apply;
pub(crate) mod completions;
pub(crate) mod conformance;
pub(crate) mod controller;
pub(crate) mod doctor;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod forecast;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod login;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod rollback;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod snapshot;
pub(crate) mod test;
pub(crate) mod validate;
pub(crate) mod why;

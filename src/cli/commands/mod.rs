//! One file for each command: its arguments, its formats and `run`.

pub mod accept;
pub mod announce;
pub mod apply;
pub mod completions;
pub mod controller;
pub mod doctor;
pub mod drift;
pub mod explain;
pub mod history;
pub mod import;
pub mod init;
pub mod login;
pub mod man;
pub mod plan;
pub mod rollback;
pub mod sandbox;
pub mod schema;
pub mod show;
pub mod snapshot;
pub mod validate;

//! Floor 9: the command line. `dispatch` parses and runs one command, `commands` has one file for each, `context` builds once
//! what they share; only this floor prints, reads the environment and knows clap.

pub mod approval;
pub mod args;
pub mod command_args;
pub mod command_spec;
pub mod commands;
pub mod context;
pub mod dispatch;
pub mod journals;
pub mod output;
pub mod policies;
pub mod progress;
pub mod sandbox;
pub mod schemas;
pub mod shutdown;

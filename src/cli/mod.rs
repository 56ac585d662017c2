//! Floor 9: the command line. `dispatch` parses and runs one command, `commands` has one file for each, `context` builds once
//! what they share; only this floor prints, reads the environment (but for git's own) and knows clap.

pub(crate) mod approval;
pub(crate) mod args;
mod clock_shift;
pub(crate) mod command_args;
pub(crate) mod commands;
pub(crate) mod completion_words;
pub(crate) mod context;
pub(crate) mod control;
pub(crate) mod dispatch;
pub(crate) mod format;
mod git_repository;
mod hyperlinks;
pub(crate) mod journals;
mod mails;
mod named_files;
mod old_state;
pub(crate) mod output;
pub(crate) mod people_file;
pub(crate) mod policies;
mod question;
mod reading_time;
pub(crate) mod sandbox;
mod scaffold;
pub(crate) mod schemas;
pub(crate) mod shutdown;
pub(crate) mod state;
pub(crate) mod unexpanded;

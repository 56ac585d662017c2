//! The real binary against a tenant that misbehaves: what it ends with, what it says, and that nothing is written that
//! should not be. What it prints when all is well is in the scenarios.

mod accept;
mod access;
mod advise;
mod announce;
mod base;
mod calendar;
mod canary;
mod changed_since;
mod colour;
mod common_drift;
mod company;
mod completions;
mod conformance;
mod conformance_write;
mod doctor;
mod drawings;
mod embedded;
mod embedded_runs;
mod endings;
#[cfg(target_os = "linux")]
mod every_byte;
mod evidence;
mod exceptions;
mod explain;
mod faults;
mod fleet;
mod forecast;
mod forecast_by;
mod formats;
mod full_disk;
mod gate;
mod harness;
mod hints;
mod history;
mod hold;
mod hostile;
mod hostile_answers;
mod hostile_inputs;
mod hybrid;
#[cfg(target_os = "linux")]
mod hyperlinks;
mod impact;
mod import;
#[cfg(target_os = "linux")]
mod init;
mod journal_archive;
#[cfg(unix)]
mod killed;
mod last_line;
mod licences;
mod limits;
mod losing;
mod made_up_people;
mod mails;
mod move_in;
mod named_files;
mod network;
mod options;
mod output;
mod page_facts;
mod pages;
mod partial;
#[cfg(target_os = "linux")]
mod pending;
mod people_file;
mod policy_tests;
mod prompt;
mod public;
#[cfg(target_os = "linux")]
mod quiet;
mod read_in_part;
mod readiness;
mod resume;
mod rings;
mod rollback_words;
mod saved;
#[cfg(target_os = "linux")]
mod screens;
mod secrets;
mod sign_in_secrets;
mod stale;
mod state;
mod surfaces;
mod test_files;
mod too_large;
mod unnamed;
mod why;
#[cfg(target_os = "linux")]
mod width;

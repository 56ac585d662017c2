//! The whole way, over real HTTP: policies that are planned, applied and verified against the emulator through the client
//! that a real tenant gets.

mod access;
mod administrators;
mod allowed_from;
mod apply;
mod attribution;
mod calendar;
mod effects;
mod exact;
mod groups;
mod harness;
mod impact;
mod import;
mod import_law;
mod losses;
mod matrix;
mod migration;
mod person;
mod proof;
mod properties;
mod public;
mod questions;
mod recovery;
mod saved;
mod score;
mod settings;
mod two_administrators;
mod windows_sign_in;

//! `ssprctl.yaml`, the file that a repository may have at its root: its sections, and how it is read and checked.

pub(crate) mod calendar;
mod check;
pub(crate) mod config;
pub(crate) mod controller;
pub(crate) mod load;

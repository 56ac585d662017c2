//! Reference pages under `docs/`, made from the tables of the program.

pub mod permissions;
pub mod reference;

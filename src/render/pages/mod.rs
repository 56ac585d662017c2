//! Reference pages under `docs/`, made from the tables of the program.

pub(crate) mod permissions;
mod personas;
pub(crate) mod reference;

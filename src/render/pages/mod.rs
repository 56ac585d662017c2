//! Reference pages under `docs/`, made from the tables of the program.

pub(crate) mod permissions;
pub(crate) mod reference;

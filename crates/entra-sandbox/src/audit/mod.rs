//! The directory's audit log: the events of changes to policies, and generated events of users.

pub(crate) mod background;
pub(crate) mod event;
pub(crate) mod record;

//! What the client asks of the services: one row for each kind of request, and the permissions that a command needs for them.

pub(crate) mod permissions;
pub(crate) mod spec;
pub(crate) mod table;

//! What the tenants consist of, and where they are stored.

pub(crate) mod folder;
pub(crate) mod raw_json;
pub(crate) mod registration;
pub(crate) mod role;
pub(crate) mod tenant;
pub(crate) mod world;

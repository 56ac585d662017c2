//! The tenants: their documents, users, groups and applications, and the memory or folder in which they are stored.

pub(crate) mod folder;
pub(crate) mod raw_json;
pub(crate) mod registration;
pub(crate) mod role;
pub(crate) mod tenant;
pub(crate) mod world;

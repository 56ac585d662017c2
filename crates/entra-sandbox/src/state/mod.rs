//! What the tenants consist of, and where they are stored.

pub mod folder;
pub mod raw_json;
pub mod registration;
pub mod role;
pub mod tenant;
pub mod world;

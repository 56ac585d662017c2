//! Floor 1: what a tenant's documents and reports hold, and the traits through which a tenant is read and written.
//!
//! A new document is one [`surface::Surface`] with its row and its list in `known_keys`, its file in `client/documents`, its
//! routes in the crate `entra-sandbox`, and its rows in `catalog`.

pub mod api;
pub mod audit;
pub mod authentication_methods;
pub mod conditional_access;
pub mod device_configuration;
pub mod document;
pub mod error;
pub mod facts;
pub mod group;
pub mod identity;
pub mod known_keys;
pub mod licence;
pub mod managed_object;
pub mod publication;
pub mod registration;
pub mod score;
pub mod snapshot;
pub mod surface;
pub mod wire_schema;

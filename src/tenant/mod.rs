//! Floor 1: what a tenant's documents and reports hold, and the traits through which a tenant is read and written.
//!
//! A new document is one [`surface::Surface`] with its row and its list in `known_keys`, its file in `client/documents`, its
//! routes in the crate `entra-sandbox`, and its rows in `catalog`.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod authentication_methods;
pub(crate) mod conditional_access;
pub(crate) mod device_configuration;
pub(crate) mod document;
pub(crate) mod error;
pub(crate) mod facts;
pub(crate) mod group;
pub(crate) mod identity;
pub(crate) mod known_keys;
pub(crate) mod licence;
pub(crate) mod managed_object;
pub(crate) mod new_tenant;
pub(crate) mod publication;
pub(crate) mod registration;
pub(crate) mod score;
pub(crate) mod snapshot;
pub(crate) mod surface;
pub(crate) mod wire_schema;

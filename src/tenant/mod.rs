//! Floor 1: what is seen of a tenant, and the traits through which it is seen and changed.
//!
//! A new system (an API document) is one [`surface::Surface`], its two endpoint functions in `client`, its routes in
//! `emulator`, and its rows in `catalog`.

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

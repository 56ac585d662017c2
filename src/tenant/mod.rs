//! Floor 1: what is seen of a tenant, and the traits through which it is seen and changed.
//!
//! A new system (an API document) is one [`surface::Surface`], its two endpoint functions in `client`, its routes in
//! `emulator`, and its rows in `catalog`.

pub mod audit;
pub mod circumstances;
pub mod conditional_access;
pub mod contract;
pub mod converged;
pub mod device_configuration;
pub mod document;
pub mod group;
pub mod identity;
pub mod kept;
pub mod licence;
pub mod port;
pub mod registration;
pub mod score;
pub mod snapshot;
pub mod surface;
pub mod trouble;

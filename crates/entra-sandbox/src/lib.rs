//! A Microsoft Entra tenant in a process: the portal's password reset API, the parts of Graph around it, and a token endpoint,
//! on loopback HTTP. `docs/emulator.md` tells what is documented from what is assumed.
//!
//! It has its own opinion of the services: nothing here comes from the client side, so that one mistake in spelling cannot
//! satisfy both. A new tenant is one file in [`seed`], a new portal endpoint one row in [`portal`], a new Graph resource one
//! file in `graph`, a new setting of a portal user one arm in [`portal_user`].

mod assertion;
pub mod audit;
pub mod clock;
mod connection;
mod contract;
mod delivery;
mod device;
pub mod fault;
pub mod fault_file;
mod form;
mod graph;
pub mod ledger;
mod login;
pub mod methods;
pub mod person;
pub mod portal;
mod portal_access;
mod portal_devices;
pub mod portal_user;
pub mod raw;
pub mod registration;
pub mod role;
mod script;
pub mod seed;
pub mod serve;
mod service;
pub mod state;
pub mod store;
mod throttle;
pub mod token;
mod typed;
pub mod wire;
pub mod world;

pub use clock::Clock;
pub use fault::Faults;
pub use person::Person;
pub use role::Role;
pub use token::Audience;
pub use world::World;

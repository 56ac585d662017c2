//! A Microsoft Entra tenant in a process: the portal's password reset API, the parts of Graph around it, and a token
//! endpoint, on loopback HTTP. `docs/emulator.md` says which behaviour is documented and which is assumed.
//!
//! The crate depends on no client. It spells routes, keys, defaults and rules from the public record of the services,
//! so that a client cannot share a mistake with it. A new tenant is one file in [`seed`], a new portal endpoint one row
//! in `portal`, a new Graph resource one file in `graph`, a new setting one arm in [`portal_user`], a new method one
//! row in `methods`.

mod audit;
mod clock;
pub mod faults;
mod graph;
mod http;
mod methods;
mod oauth;
mod portal;
pub mod portal_user;
pub mod seed;
mod state;

pub use clock::Clock;
pub use faults::Faults;
pub use http::server::{RunningServer, ServedRequest, ServerOptions, serve};
pub use methods::policy::Migration;
pub use oauth::person::{DELEGATED_SCOPES, Person};
pub use oauth::token::Audience;
pub use state::folder::StateError;
pub use state::raw_json::RawJson;
pub use state::role::Role;
pub use state::tenant::{App, DirectorySync, FederatedCredential, Tenant};
pub use state::world::World;

//! A Microsoft Entra tenant in a process: the portal's password reset API, the parts of Graph around it, and a token endpoint,
//! on loopback HTTP. `docs/emulator.md` tells what is documented from what is assumed.
//!
//! It has its own opinion of the services: nothing here comes from the client side, so that one mistake in spelling cannot
//! satisfy both. A new tenant is one file in [`seed`], a new portal endpoint one row in [`portal`], a new Graph resource one
//! file in `graph`, a new setting of a portal user one arm in [`portal_user`].

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

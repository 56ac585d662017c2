//! Floor 4: `conformance` asks a tenant which of the assumptions hold that this program and the embedded tenants make about
//! the services. Nothing that it returns comes from the tenant but statuses: every word is from a table of this folder.

pub(crate) mod answers;
pub(crate) mod assumption;
mod audit;
mod fields;
mod graph;
mod graph_trials;
pub(crate) mod judge;
mod portal;
mod portal_trials;
mod probe;
mod rules;
pub(crate) mod shape;
mod sign_in;
pub(crate) mod state;
pub(crate) mod table;
pub(crate) mod trial;

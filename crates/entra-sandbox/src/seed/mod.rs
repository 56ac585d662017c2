//! The tenants that exist at first. Their ids never change, because policies, tests and documentation name them.
//!
//! A new tenant is one file here and one line in [`all`].

mod access;
mod adatum;
mod contoso;
mod devices;
mod fabrikam;
mod fleet;
mod northwind;
mod parts;
mod tailspin;

use crate::state::tenant::Tenant;

/// Every seeded tenant in its first state.
#[must_use]
pub fn all() -> Vec<Tenant> {
    vec![contoso::tenant(), fabrikam::tenant(), northwind::tenant(), adatum::tenant(), tailspin::tenant()]
}

pub use fleet::{LARGEST_FLEET, fleet};
pub use parts::{APP_SECRET, PASSWORD};

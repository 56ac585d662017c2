//! Floor 7: the loop that keeps tenants in line with a branch or a folder. It decides when to look at what, remembers what
//! came of it, and tells people and machines. How a tenant is read and written it leaves to whoever implements
//! [`work::Reconcile`], so that it goes the same way as `apply`.
//!
//! To add a state: one variant of [`condition::Reason`] and its case in [`settle`]. To add a receiver of notifications: one
//! file in `notify` and one variant of `policy::upkeep::Receiver`.

pub mod address;
pub mod condition;
mod follow;
pub mod freeze;
pub mod git;
pub mod http;
pub mod metrics;
pub mod news;
pub mod notify;
pub mod pass;
pub mod run;
pub mod schedule;
pub mod settle;
pub mod shared;
pub mod signals;
pub mod source;
pub mod state;
pub mod status;
pub mod store;
pub mod work;

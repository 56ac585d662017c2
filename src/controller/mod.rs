//! Floor 7: the loop that keeps tenants in line with a branch or a folder. It decides when to look at what, remembers what
//! came of it, and tells people and machines. How a tenant is read and written it leaves to whoever implements
//! [`work::Reconcile`], so that it goes the same way as `apply`.
//!
//! To add a state: one variant of [`condition::Reason`] and its case in [`settle`]. To add a receiver of notifications: one
//! file in `notify` and one variant of `policy::upkeep::Receiver`.

pub mod address;
pub mod condition;
pub mod event;
pub mod freeze;
pub mod git;
pub mod http;
pub mod metrics;
pub mod notify;
pub mod reconcile;
pub mod reconciler;
pub mod round;
pub mod run;
pub mod schedule;
pub mod shared;
pub mod source;
mod source_poll;
pub mod state;
pub mod status;
pub mod store;
pub mod tenant_status;
pub mod wakeup;

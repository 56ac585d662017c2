//! Floor 8: the loop that reconciles tenants with a branch or a folder. It decides which tenants are due, stores what each
//! came to, and notifies people and machines. How a tenant is read and written is behind [`reconcile::Reconcile`], which
//! [`reconciler`] implements with the functions of `engine` that `apply` uses.
//!
//! To add a state: one variant of [`condition::Reason`] and its case in [`tenant_status`]. To add a receiver of
//! notifications: one file in `notify` and one variant of `ReceiverKind`.

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

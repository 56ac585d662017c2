//! Floor 8: the loop that reconciles tenants with a branch or a folder. It decides which tenants are due, stores the
//! result of each, and notifies people and machines. How a tenant is read and written is behind
//! [`reconcile::Reconcile`], which [`reconciler`] implements with the functions of `engine` that `apply` uses.
//!
//! To add a state: one variant of [`condition::Reason`] and its case in [`tenant_status`]. To add a receiver of
//! notifications: one file in `notify` and one variant of `ReceiverKind`.

pub(crate) mod address;
pub(crate) mod client_limits;
pub(crate) mod commit_blobs;
pub(crate) mod commit_tree;
pub(crate) mod condition;
pub(crate) mod control_socket;
pub(crate) mod control_token;
mod count;
pub(crate) mod dashboard;
pub(crate) mod event;
pub(crate) mod event_log;
pub(crate) mod fleet;
pub(crate) mod freeze;
pub(crate) mod git;
pub(crate) mod git_command;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod metrics;
pub(crate) mod notify;
pub(crate) mod people;
pub(crate) mod reconcile;
pub(crate) mod reconciler;
pub(crate) mod remote;
pub(crate) mod round;
pub(crate) mod run;
pub(crate) mod schedule;
pub(crate) mod server;
pub(crate) mod shared;
pub(crate) mod source;
pub(crate) mod source_files;
mod source_poll;
pub(crate) mod state;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod tenant_status;
pub(crate) mod tenant_view;
pub(crate) mod wakeup;

//! A review as a file: what was planned, from what, and what was found on it. `plan --out` writes one.
//!
//! Nothing in the file is ever sent. Applying it plans again from the policies and the tenant, and goes on only where that
//! comes to the very requests that the file holds: a file can stop an apply and never cause one.

pub mod compare;
pub mod format;
pub mod read;
pub mod saved_value;
pub mod write;

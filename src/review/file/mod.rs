//! A review as a file, with the plan, the values that it was made from, and the findings. `plan --out` writes one.
//!
//! Nothing in the file is ever sent. `apply --plan` plans again from the policies and the tenant, and continues only if the
//! requests are exactly those of the file: a file can prevent an apply and never cause one.

pub(crate) mod compare;
pub(crate) mod format;
pub(crate) mod read;
pub(crate) mod saved_exception;
pub(crate) mod saved_value;
pub(crate) mod write;

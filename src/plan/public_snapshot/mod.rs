//! A snapshot that may be published, for plans without any credential.
//!
//! It has texts and names of a tenant only if a policy already has them. Everything else that a plan does not need is left
//! out or replaced. It is signed with a private key, and checked with the public one.

pub(crate) mod format;
pub(crate) mod publish;
pub(crate) mod read;

//! A snapshot that may be seen by anybody, for plans without any credential.
//!
//! Texts and names that a tenant brings along are in it only where a policy already says them; everything else that is not
//! needed to plan is left out or replaced. It is signed with one half of a key, and checked with the other.

pub mod format;
pub mod publish;
pub mod read;

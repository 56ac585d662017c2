//! Floor 4: `doctor` checks whether a tenant has everything that a policy needs: credentials, permissions, roles, licences
//! and documents.

pub(crate) mod check;
mod dates;
pub(crate) mod diagnose;
pub(crate) mod observe;
mod policy;
mod token;

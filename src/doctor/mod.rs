//! Floor 4: `doctor` checks whether a tenant has everything that a policy needs: credentials, permissions, roles, licences
//! and documents.

pub mod check;
pub mod diagnose;
pub mod observe;
mod policy;
mod token;

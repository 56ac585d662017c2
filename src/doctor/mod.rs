//! Floor 4: whether everything that a policy needs is there: credentials, permissions, roles, licences and documents.

pub mod check;
pub mod diagnose;
pub mod observe;
mod policy;
mod token;

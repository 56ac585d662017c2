//! The sources of tokens: environment, token cache, Azure CLI, applications and managed identities.
//!
//! A new kind of sign-in is one file with one [`source::TokenSource`] and its place in the order of
//! [`credentials::Credentials`].

mod application;
mod arc;
mod azure_cli;
pub(crate) mod cache;
pub(crate) mod cache_key;
mod certificate;
pub(crate) mod claims;
pub(crate) mod credentials;
pub(crate) mod device_code;
mod discovery;
pub(crate) mod encryption;
mod environment;
mod federated;
mod fixed;
mod grant;
mod managed_identity;
pub(crate) mod refresh;
pub(crate) mod session;
pub(crate) mod sign_in_errors;
mod source;

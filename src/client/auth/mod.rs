//! Tokens, from wherever a person or a pipeline keeps them.
//!
//! A new kind of sign-in is one file with one [`source::TokenSource`] and its place in the order of
//! [`credentials::Credentials`].

mod application;
mod azure_cli;
mod certificate;
mod claims;
pub(crate) mod credentials;
mod environment;
mod federated;
mod fixed;
mod grant;
mod managed_identity;
pub(crate) mod session;
mod source;

//! Tokens, from wherever a person or a pipeline keeps them.
//!
//! A new kind of sign-in is one file with one [`source::TokenSource`] and its place in the order of
//! [`credentials::Credentials`].

mod azure_cli;
mod claims;
mod client_secret;
pub(crate) mod credentials;
mod environment;
mod fixed;
pub(crate) mod session;
mod source;

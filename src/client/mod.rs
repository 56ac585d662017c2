//! Floor 2: HTTP to a real tenant. Nothing else in the program speaks to one.
//!
//! A new document is one [`Surface`](crate::tenant::surface::Surface), a function that reads it and one that writes it in
//! `portal` or `graph`, and their arms in `reader` and `writer`. A new kind of sign-in is one file in `auth`. A new cloud is
//! one row in `cloud`.

mod audit;
mod auth;
mod barrier;
mod body;
mod circumstances;
mod classify;
mod cloud;
mod connect;
mod endpoints;
mod envelope;
mod errand;
mod examine;
mod exchange;
mod graph;
mod http;
mod kept;
mod members;
mod pace;
mod page;
mod paging;
mod patience;
mod portal;
mod purpose;
mod quote;
mod reader;
#[cfg(test)]
mod recorded;
mod registration;
mod retry;
mod role;
mod score;
mod sign_in;
mod token;
mod transport;
mod writer;

pub use auth::claims::TokenClaims;
pub use auth::credentials::Credentials;
pub use auth::device_code::DeviceCode;
pub use connect::{ConnectOptions, connect};
pub(crate) use endpoints::is_loopback;
pub use endpoints::{EndpointOverrides, Endpoints};
pub use examine::{RefreshTokenLifetime, TokenInfo};
pub use http::HttpClient;
pub(crate) use http::chain;
pub use patience::{Jitter, RetryPolicy};
pub use purpose::{Permission, RequiredAccess, permissions, scopes};
pub use reader::TenantReader;
pub use sign_in::SignInResult;
pub use token::Token;
pub use writer::TenantWriter;

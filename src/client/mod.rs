//! Floor 2: HTTP to a real tenant. Nothing else in the program connects to one.
//!
//! A new document is one [`Surface`](crate::tenant::surface::Surface), a file in `documents` that reads and writes it, and its
//! rows in `operations/table`. A new kind of sign-in is one file in `auth`. A new cloud is one row in `cloud`.

mod accounts;
mod audit;
mod auth;
mod body;
mod classify;
mod cloud;
mod connect;
mod connect_error;
mod documents;
#[cfg(test)]
mod endpoint_tests;
mod endpoints;
mod error_body;
mod exchange;
mod facts;
mod graph;
mod http;
mod inspect;
mod json_body;
mod members;
mod operations;
mod paging;
mod person;
mod portal;
mod probe;
mod proxy;
mod rate_limit;
mod reader;
#[cfg(test)]
mod recorded;
mod registration;
mod retry;
mod retry_policy;
mod role;
mod sanitize;
mod score;
mod sign_in;
mod token;
mod transport;
mod trial;
mod writer;

pub(crate) use accounts::AccountColumns;
pub(crate) use auth::cache_key::{CacheKey, KeyUnavailable};
pub(crate) use auth::claims::TokenClaims;
pub use auth::credentials::Credentials;
pub use auth::device_code::DeviceCode;
pub(crate) use auth::encryption::{DecryptError, EncryptionKey, is_encrypted};
pub use connect::ConnectOptions;
pub use connect::connect;
pub use endpoints::EndpointOverrides;
pub(crate) use endpoints::is_loopback;
pub use http::HttpClient;
pub(crate) use http::chain;
#[cfg(unix)]
pub(crate) use http::socket_client;
pub(crate) use inspect::{RefreshTokenLifetime, TokenInfo};
pub(crate) use operations::permissions::permissions_for_people;
pub use operations::permissions::{Permission, RequiredAccess, permissions, scopes};
pub(crate) use operations::table::Operation;
pub(crate) use probe::{ProbeAnswer, ProbeRequest};
pub use reader::TenantReader;
pub use retry_policy::{Jitter, RetryPolicy};
pub use sign_in::SignInResult;
pub use token::Token;
pub(crate) use trial::{TrialAnswer, TrialRequest};
pub use writer::TenantWriter;

//! The HTTP server: connections, requests and replies, and the way from one to the other.

pub(crate) mod connection;
pub(crate) mod delivery;
pub(crate) mod message;
pub(crate) mod rate_limits;
pub(crate) mod server;
pub(crate) mod service;

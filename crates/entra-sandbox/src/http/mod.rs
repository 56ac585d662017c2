//! The HTTP server, and the path of a request from the connection to the service and back.

pub(crate) mod connection;
pub(crate) mod delivery;
pub(crate) mod message;
pub(crate) mod rate_limits;
pub(crate) mod server;
pub(crate) mod service;

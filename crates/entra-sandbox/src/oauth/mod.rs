//! The sign-in service: token endpoints, device codes, client assertions, and the tokens themselves.

pub(crate) mod client_assertion;
pub(crate) mod device_code;
pub(crate) mod form;
pub(crate) mod person;
pub(crate) mod sign_in_state;
pub(crate) mod token;
pub(crate) mod token_endpoint;

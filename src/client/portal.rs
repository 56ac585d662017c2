//! Builds requests to the Entra portal API: those that all documents share, and those that read no document (the state of
//! writeback, the tenant that a token belongs to). Each document has its own file in
//! [`documents`](crate::client::documents).

use reqwest::Method;
use url::Url;

use crate::client::endpoints::below;
use crate::client::transport::{HttpRequest, Payload};

/// The headers that carry the request id. Without the first the service refuses every request.
const IDS: &[&str] = &["x-ms-client-request-id", "x-ms-correlation-id"];

/// Asks whether the writeback client can be reached.
pub(crate) fn writeback_status(base: &Url) -> HttpRequest {
    get(below(base, &["api", "PasswordReset", "CheckWritebackConnectivityStatus"]))
}

/// Asks which tenant the token belongs to.
pub(crate) fn identify(base: &Url) -> HttpRequest {
    get(below(base, &["api", "Directories", "Properties"]))
}

pub(crate) fn get(url: Url) -> HttpRequest {
    HttpRequest { method: Method::GET, url, ids: IDS, payload: Payload::Nothing }
}

/// A PUT request with a JSON body.
pub(crate) fn put(url: Url, body: String) -> HttpRequest {
    HttpRequest { method: Method::PUT, url, ids: IDS, payload: Payload::Json(body) }
}

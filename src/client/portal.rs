//! Requests to the Entra portal API that read anything but a document: the state of writeback, and the tenant that a token
//! belongs to. Documents have files of their own in [`documents`](crate::client::documents).

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

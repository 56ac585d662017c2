//! The form of Graph's replies.

use axum::http::StatusCode;

use crate::http::message::{Reply, Request};

/// The id that the client sent, or that of the service.
pub(super) fn client_request_id(request: &Request, own: &str) -> String {
    request.header("client-request-id").unwrap_or(own).to_owned()
}

/// An object with its context at the start.
pub(super) fn entity(request: &Request, version: &str, what: &str, object: &str) -> Reply {
    let context = format!("{}/{version}/$metadata#{what}/$entity", request.base);
    let rest = object.strip_prefix('{').unwrap_or(object);
    let comma = if rest == "}" { "" } else { "," };
    json(format!("{{\"@odata.context\":{}{comma}{rest}", serde_json::Value::from(context)))
}

pub(super) fn json(body: String) -> Reply {
    Reply::empty(StatusCode::OK)
        .with_header(
            "content-type",
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
        )
        .with_body(body)
}

/// The first segment of the path, `v1.0` or `beta`.
pub(super) fn version(request: &Request) -> &str {
    request.segments.first().map_or("v1.0", String::as_str)
}

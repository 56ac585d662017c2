//! The shape that Graph's answers share.

use axum::http::StatusCode;

use crate::http::message::{Reply, Request};

/// The client's own id, or the service's when it sent none.
pub(super) fn client_request_id(request: &Request, own: &str) -> String {
    request.header("client-request-id").unwrap_or(own).to_owned()
}

/// One object with its context in front.
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

/// `v1.0` or `beta`, as the path has it.
pub(super) fn version(request: &Request) -> &str {
    request.segments.first().map_or("v1.0", String::as_str)
}

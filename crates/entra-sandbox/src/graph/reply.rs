//! The form of Graph's replies.

use axum::http::StatusCode;
use serde_json::Value;

use super::versions;
use crate::http::message::{Reply, Request};

/// The id that the client sent, or that of the service.
pub(super) fn client_request_id(request: &Request, own: &str) -> String {
    request.header("client-request-id").unwrap_or(own).to_owned()
}

/// An object, as the requested version has it, with its context at the start. `what` is the part of the context after
/// `$metadata#`.
pub(super) fn entity(request: &Request, what: &str, mut object: Value) -> Reply {
    versions::restrict(version(request), what, &mut object);
    let context = format!("{}/{}/$metadata#{what}/$entity", request.base, version(request));
    let object = object.to_string();
    let rest = object.strip_prefix('{').unwrap_or(&object);
    let comma = if rest == "}" { "" } else { "," };
    json(format!("{{\"@odata.context\":{}{comma}{rest}", Value::from(context)))
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

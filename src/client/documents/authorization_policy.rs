//! The authorization policy, at Graph's `policies/authorizationPolicy`.

use reqwest::Method;
use url::Url;

use crate::client::auth::session::Session;
use crate::client::endpoints::below;
use crate::client::json_body::encode;
use crate::client::operations::table::Operation;
use crate::client::transport::HttpRequest;
use crate::client::{exchange, graph};
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::surface::{Service, Surface};

/// Reads the whole policy.
pub(super) async fn read(session: &Session) -> Result<Document, TenantError> {
    let request = graph::get(address(session.endpoints.of_system(Service::Graph)));
    exchange::read_json(session, Operation::Read(Surface::AuthorizationPolicy), &request).await
}

/// Sends the changed keys, which the service merges.
pub(super) fn write(base: &Url, body: &Document) -> Result<HttpRequest, TenantError> {
    let text = encode(Operation::Write(Surface::AuthorizationPolicy), body)?;
    Ok(graph::send(Method::PATCH, address(base), text))
}

fn address(base: &Url) -> Url {
    below(base, &["v1.0", "policies", "authorizationPolicy"])
}

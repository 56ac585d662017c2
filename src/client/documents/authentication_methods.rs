//! The authentication methods policy, at Graph's `policies/authenticationMethodsPolicy`, with all its configurations.

use reqwest::Method;
use url::Url;

use crate::client::auth::session::Session;
use crate::client::endpoints::below;
use crate::client::json_body::{decode, encode};
use crate::client::operations::table::Operation;
use crate::client::transport::HttpRequest;
use crate::client::{classify, exchange, graph};
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::surface::{Service, Surface};

const POLICY: &[&str] = &["v1.0", "policies", "authenticationMethodsPolicy"];

/// Reads the policy, each configuration as an entry of its own. The endpoint takes no query options.
pub(super) async fn read(session: &Session) -> Result<Document, TenantError> {
    let operation = Operation::Read(Surface::AuthenticationMethods);
    let request = graph::get(below(session.endpoints.of_system(Service::Graph), POLICY));
    let response = exchange::read_with_retries(session, operation, &request).await?;
    authentication_methods::into_entries(&decode(operation, &response)?)
        .map_err(|error| classify::unexpected_response(operation, error.to_string()).request(response.request))
}

/// Sends the changed keys of one configuration, which the service merges; the body's `id` says of which.
pub(super) fn write(base: &Url, body: &Document) -> Result<HttpRequest, TenantError> {
    let operation = Operation::Write(Surface::AuthenticationMethods);
    let id: String = body.get("id", "the id of a method configuration").map_err(|error| {
        TenantError::new(TenantErrorKind::Refused, format!("cannot {}: {error}", operation.spec().action))
    })?;
    let url = below(base, &[POLICY, &["authenticationMethodConfigurations", id.as_str()]].concat());
    Ok(graph::send(Method::PATCH, url, encode(operation, body)?))
}

//! The on-premises password reset policy, at the portal's `OnPremisesPasswordResetPolicies`.

use url::Url;

use crate::client::auth::session::Session;
use crate::client::endpoints::below;
use crate::client::json_body::encode;
use crate::client::operations::table::Operation;
use crate::client::transport::HttpRequest;
use crate::client::{exchange, portal};
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::surface::{Service, Surface};

/// Reads the whole policy.
pub(super) async fn read(session: &Session) -> Result<Document, TenantError> {
    let request = portal::get(address(session.endpoints.of_system(Service::Portal)));
    exchange::read_json(session, Operation::Read(Surface::OnPremisesPasswordReset), &request).await
}

/// Writes the one key that the body has.
pub(super) fn write(base: &Url, body: &Document) -> Result<HttpRequest, TenantError> {
    Ok(portal::put(address(base), encode(Operation::Write(Surface::OnPremisesPasswordReset), body)?))
}

fn address(base: &Url) -> Url {
    below(base, &["api", "PasswordReset", "OnPremisesPasswordResetPolicies"])
}

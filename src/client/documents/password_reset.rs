//! The password reset policy, at the portal's `PasswordResetPolicies`.

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

/// Reads the whole policy, and asks the service to resolve the name of the group in its scope.
pub(super) async fn read(session: &Session) -> Result<Document, TenantError> {
    let mut url = address(session.endpoints.of_system(Service::Portal));
    url.set_query(Some("getPasswordResetEnabledGroup=true"));
    exchange::read_json(session, Operation::Read(Surface::PasswordReset), &portal::get(url)).await
}

/// Replaces the whole policy.
///
/// A tenant whose methods have all moved to the authentication methods policy has none in this document, and the service
/// refuses that. The portal then sends a parameter that skips the check, and so does this function. A policy that allows no
/// method at all is refused long before.
pub(super) fn write(base: &Url, body: &Document) -> Result<HttpRequest, TenantError> {
    let mut url = address(base);
    if method_switches().all(|key| body.raw(key) == Some("false")) {
        url.set_query(Some("byPassMethodCountCheck=true"));
    }
    Ok(portal::put(url, encode(Operation::Write(Surface::PasswordReset), body)?))
}

/// The keys of the document that allow a method.
fn method_switches() -> impl Iterator<Item = &'static str> {
    let known = Surface::PasswordReset.spec().known_keys.iter();
    known.filter(|known| known.switches_method).map(|known| known.key)
}

fn address(base: &Url) -> Url {
    below(base, &["api", "PasswordReset", "PasswordResetPolicies"])
}

//! How each document is read and written, one file for each.

mod authentication_methods;
mod authorization_policy;
mod conditional_access;
mod device_configuration;
mod on_premises_password_reset;
mod password_reset;

use crate::client::auth::session::Session;
use crate::client::transport::HttpRequest;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::Migration;
use crate::tenant::surface::Surface;

/// Reads a document. With `adopts`, an object of somebody else's may take the place of a
/// managed one; see [`managed_object::select`](crate::tenant::managed_object::select).
///
/// # Errors
/// When a request fails after its retries, or a response is not of the known shape.
pub(crate) async fn read(session: &Session, surface: Surface, adopts: bool) -> Result<Document, TenantError> {
    match surface {
        Surface::PasswordReset => password_reset::read(session).await,
        Surface::OnPremisesPasswordReset => on_premises_password_reset::read(session).await,
        Surface::AuthorizationPolicy => authorization_policy::read(session).await,
        Surface::AuthenticationMethods => authentication_methods::read(session).await,
        Surface::ConditionalAccess => conditional_access::read(session, adopts).await,
        Surface::DeviceConfiguration => device_configuration::read(session, adopts).await,
    }
}

/// The one request that writes a body, in the surface's write mode, to a tenant that has migrated this far, if that is known.
/// Nothing is sent yet.
///
/// # Errors
/// When the body lacks the id of its entry, or is no JSON.
pub(crate) fn write_request(
    session: &Session,
    surface: Surface,
    body: &Document,
    migration: Option<Migration>,
) -> Result<HttpRequest, TenantError> {
    let base = session.endpoints.of_system(surface.service());
    match surface {
        Surface::PasswordReset => password_reset::write(base, body, migration),
        Surface::OnPremisesPasswordReset => on_premises_password_reset::write(base, body),
        Surface::AuthorizationPolicy => authorization_policy::write(base, body),
        Surface::AuthenticationMethods => authentication_methods::write(base, body),
        Surface::ConditionalAccess => conditional_access::write(base, body),
        Surface::DeviceConfiguration => device_configuration::write(base, body),
    }
}

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
use crate::tenant::facts::Migration;
use crate::tenant::surface::{Service, Surface};

/// Reads the whole policy, and asks the service to resolve the name of the group in its scope.
pub(super) async fn read(session: &Session) -> Result<Document, TenantError> {
    let mut url = address(session.endpoints.of_system(Service::Portal));
    url.set_query(Some("getPasswordResetEnabledGroup=true"));
    exchange::read_json(session, Operation::Read(Surface::PasswordReset), &portal::get(url)).await
}

/// Replaces the whole policy.
///
/// The service refuses a document that switches fewer methods on than a reset takes. Where the authentication methods policy
/// decides, that count means nothing, and a parameter skips it with every write; a rule has counted the effective methods
/// before. Where the legacy policy decides, the parameter is never sent. If it is not known who decides, it is sent with a
/// document that switches on nothing, as that of a migrated tenant without security questions does.
pub(super) fn write(base: &Url, body: &Document, migration: Option<Migration>) -> Result<HttpRequest, TenantError> {
    let mut url = address(base);
    let skips_count = match migration {
        Some(Migration::Complete) => true,
        Some(Migration::PreMigration | Migration::InProgress) => false,
        None => method_switches().all(|key| body.raw(key) == Some("false")),
    };
    if skips_count {
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

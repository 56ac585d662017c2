//! The endpoints of the Entra portal API that are used, and no other: two documents, the state of writeback and "which tenant is this".

use reqwest::Method;
use url::Url;

use crate::client::endpoints::below;
use crate::client::transport::{HttpRequest, Payload};
use crate::tenant::document::Document;

/// Both carry the request id; without the first the service refuses every request.
const IDS: &[&str] = &["x-ms-client-request-id", "x-ms-correlation-id"];

/// The switches of the methods, in the document's own spelling.
const METHODS: [&str; 6] = [
    "emailOptionEnabled",
    "mobilePhoneOptionEnabled",
    "officePhoneOptionEnabled",
    "securityQuestionsOptionEnabled",
    "mobileAppNotificationEnabled",
    "mobileAppCodeEnabled",
];

/// Reads the password reset policy, with the name of its group resolved.
pub(crate) fn read_password_reset(base: &Url) -> HttpRequest {
    let mut url = below(base, &["api", "PasswordReset", "PasswordResetPolicies"]);
    url.set_query(Some("getPasswordResetEnabledGroup=true"));
    get(url)
}

/// Replaces the password reset policy by a whole document.
///
/// A tenant whose methods have all moved to the authentication methods policy has none in this document, and the service
/// would miss them: the portal then asks it not to count. A policy that empties the list itself never gets this far.
pub(crate) fn write_password_reset(base: &Url, document: &Document, body: String) -> HttpRequest {
    let mut url = below(base, &["api", "PasswordReset", "PasswordResetPolicies"]);
    if METHODS.iter().all(|key| document.raw(key) == Some("false")) {
        url.set_query(Some("byPassMethodCountCheck=true"));
    }
    put(url, body)
}

/// Reads the on-premises password reset policy.
pub(crate) fn read_on_premises(base: &Url) -> HttpRequest {
    get(below(base, &["api", "PasswordReset", "OnPremisesPasswordResetPolicies"]))
}

/// Writes one key of the on-premises password reset policy.
pub(crate) fn write_on_premises(base: &Url, body: String) -> HttpRequest {
    put(below(base, &["api", "PasswordReset", "OnPremisesPasswordResetPolicies"]), body)
}

/// Asks whether the writeback client can be reached.
pub(crate) fn writeback_status(base: &Url) -> HttpRequest {
    get(below(base, &["api", "PasswordReset", "CheckWritebackConnectivityStatus"]))
}

/// Asks which tenant the token belongs to.
pub(crate) fn identify(base: &Url) -> HttpRequest {
    get(below(base, &["api", "Directories", "Properties"]))
}

fn get(url: Url) -> HttpRequest {
    HttpRequest { method: Method::GET, url, ids: IDS, payload: Payload::Nothing }
}

fn put(url: Url, body: String) -> HttpRequest {
    HttpRequest { method: Method::PUT, url, ids: IDS, payload: Payload::Json(body) }
}

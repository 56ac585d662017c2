//! Form bodies of token requests, and the errors of the sign-in service.

use axum::http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::http::message::{Reply, Request};
use crate::oauth::token::{self, Audience};

/// Scopes of OpenID Connect, which belong to no resource.
const STANDARD: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// An error of the sign-in service, in the form of RFC 6749, 5.2.
pub(crate) struct OAuthError {
    pub(crate) status: StatusCode,
    /// The error code of OAuth.
    pub(crate) error: &'static str,
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    /// The text of `error_description`, without the code and the ids.
    pub(crate) text: String,
}

pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn from_fields(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// Adds the `client_id` of another form.
    pub(crate) fn with_client_of(mut self, other: &Self) -> Self {
        self.0.extend(other.get("client_id").map(|id| ("client_id".to_owned(), id.to_owned())));
        self
    }

    /// Reads the body of a request.
    pub(crate) fn read(request: &Request) -> Self {
        Self(url::form_urlencoded::parse(request.body.as_bytes()).into_owned().collect())
    }

    /// A field's value; `None` if it is missing or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A field's value, or the error that it is missing.
    pub(crate) fn required(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| {
            let text = format!("The request body must contain the following parameter: '{name}'.");
            OAuthError::new("invalid_request", 900_144, text)
        })
    }

    /// The resource that the token is for, which version 2 takes from the scope and version 1 from `resource`.
    pub(crate) fn resource(&self, v2: bool, for_itself: bool) -> Result<String, OAuthError> {
        let asked = if v2 { self.required("scope")? } else { self.required("resource")? };
        let is_resource = |scope: &&str| !STANDARD.contains(scope);
        let scope = asked.split(' ').find(is_resource).unwrap_or_default();
        if v2 && for_itself && !scope.ends_with("/.default") {
            let text = format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a \
                                scope value with /.default suffixed to the resource identifier (application ID URI)."
            );
            return Err(OAuthError::new("invalid_scope", 1_002_012, text));
        }
        let resource = if v2 { scope.rsplit_once('/').map_or("", |(resource, _)| resource) } else { scope };
        // Version 2 takes a scope without a resource, such as `User.Read`, as one of Graph.
        let resource = if v2 && resource.is_empty() && !scope.is_empty() { token::GRAPH } else { resource };
        let known = [Audience::Portal, Audience::Graph].iter().any(|audience| audience.accepts(resource));
        if known {
            return Ok(resource.to_owned());
        }
        let text = format!("The resource principal named {resource} was not found in the tenant.");
        Err(OAuthError::new("invalid_resource", 500_011, text))
    }
}

impl Form {
    /// The names of the scopes that were requested; `None` if the request was for `.default`.
    pub(crate) fn named_scopes(&self) -> Option<Vec<&str>> {
        let asked = self.get("scope")?.split(' ').filter(|scope| !STANDARD.contains(scope));
        let names: Vec<_> = asked.map(|scope| scope.rsplit_once('/').map_or(scope, |(_, name)| name)).collect();
        (!names.is_empty() && !names.contains(&".default")).then_some(names)
    }
}

impl OAuthError {
    /// An error with the status 400.
    pub(crate) fn new(error: &'static str, code: u32, text: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, code, text: text.into() }
    }

    /// The error as a reply, in the form of Entra's token endpoint.
    pub(crate) fn reply(self, request: &Request) -> Reply {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let moment = request.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let text = format!(
            "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {moment}",
            self.code, self.text
        );
        let body = json!({
            "error": self.error,
            "error_description": text,
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        Reply::value(self.status, &body)
    }
}

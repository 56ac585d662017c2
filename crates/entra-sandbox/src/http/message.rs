//! Requests and answers, as the emulated services see them.

use axum::http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// One request, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The verb.
    pub(crate) method: Method,
    /// The path as it came.
    pub(crate) path: String,
    /// The path's segments, decoded, without empty ones at the end.
    pub(crate) segments: Vec<String>,
    /// The query as it came, without `?`.
    pub(crate) query: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body, as text; bytes that are not UTF-8 are replaced.
    pub(crate) body: String,
    /// Scheme and host that the client used, such as `http://127.0.0.1:8080`.
    pub(crate) base: String,
    /// When it came.
    pub(crate) now: Timestamp,
}

impl Request {
    /// A header's value as text.
    #[must_use]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The bearer token.
    #[must_use]
    pub(crate) fn bearer_token(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The query's options, decoded, in order.
    #[must_use]
    pub(crate) fn query_options(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// A query option, its name in any casing.
    #[must_use]
    pub(crate) fn query_option(&self, name: &str) -> Option<String> {
        self.query_options().into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether the request would change something.
    #[must_use]
    pub(crate) fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// Whether the body is announced as JSON.
    #[must_use]
    pub(crate) fn has_json_body(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"))
    }
}

/// The segments of a path, percent-decoded.
#[must_use]
pub(crate) fn segments(path: &str) -> Vec<String> {
    let mut segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    while segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    segments
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// Headers beyond those that the server adds itself.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

impl Reply {
    /// An answer without a body.
    #[must_use]
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// JSON text with its content type.
    #[must_use]
    pub(crate) fn json(status: StatusCode, body: impl Into<String>) -> Self {
        Self::empty(status).with_header("content-type", "application/json; charset=utf-8").with_body(body)
    }

    /// A JSON value.
    #[must_use]
    pub(crate) fn value(status: StatusCode, body: &Value) -> Self {
        Self::json(status, body.to_string())
    }

    /// The same answer with one more header.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same answer with another body.
    #[must_use]
    pub(crate) fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

/// What a service does with a request: an answer, or a refusal that changes nothing.
pub(crate) type Answer = Result<Reply, Reply>;

/// Who asks, as the token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The tenant.
    pub(crate) tenant: Uuid,
    /// The person or service principal.
    pub(crate) object: Uuid,
    /// Client id.
    pub(crate) client: Uuid,
    /// Display name.
    pub(crate) name: Option<String>,
    /// Sign-in name.
    pub(crate) upn: Option<String>,
    /// Role template ids.
    pub(crate) wids: Vec<Uuid>,
    /// Delegated scopes, or application permissions.
    pub(crate) scopes: Vec<String>,
    /// Whether an application asks for itself.
    pub(crate) app: bool,
}

impl Caller {
    /// Whether the caller has one of these roles.
    #[must_use]
    pub(crate) fn has_any_role(&self, roles: &[crate::state::role::Role]) -> bool {
        roles.iter().any(|role| self.wids.contains(&role.template_id()))
    }

    /// Whether the token carries one of these scopes.
    #[must_use]
    pub(crate) fn has_any_scope(&self, scopes: &[&str]) -> bool {
        scopes.iter().any(|scope| self.scopes.iter().any(|own| own == scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_and_end_where_the_path_ends() {
        assert_eq!(segments("/v1.0/groups/a%2Fb/%24count/"), ["v1.0", "groups", "a/b", "$count"]);
        assert!(segments("/").is_empty());
        assert_eq!(segments("/100%"), ["100%"]);
    }
}

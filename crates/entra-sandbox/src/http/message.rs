//! Requests and replies, as the emulated services see them.

use axum::http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

/// A request whose path, query and body are read already.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// The path as it was sent.
    pub(crate) path: String,
    /// The segments of the path, percent-decoded, without empty ones at the end.
    pub(crate) segments: Vec<String>,
    /// The query as it was sent, without `?`.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    /// The body as text; bytes that are not UTF-8 are replaced.
    pub(crate) body: String,
    /// The scheme and host that the client used, such as `http://127.0.0.1:8080`.
    pub(crate) base: String,
    /// When the server received it.
    pub(crate) now: Timestamp,
}

impl Request {
    /// The value of a header; `None` if it is missing or not text.
    #[must_use]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of the `Authorization` header.
    #[must_use]
    pub(crate) fn bearer_token(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// The options of the query, decoded, in order.
    #[must_use]
    pub(crate) fn query_options(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The value of a query option, whose name matches in any casing.
    #[must_use]
    pub(crate) fn query_option(&self, name: &str) -> Option<String> {
        self.query_options().into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether the method may change something.
    #[must_use]
    pub(crate) fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// Whether `Content-Type` says that the body is JSON.
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// Headers beyond those that the server adds to every reply.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    #[must_use]
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    /// JSON text with its content type.
    #[must_use]
    pub(crate) fn json(status: StatusCode, body: impl Into<String>) -> Self {
        Self::empty(status).with_header("content-type", "application/json; charset=utf-8").with_body(body)
    }

    #[must_use]
    pub(crate) fn value(status: StatusCode, body: &Value) -> Self {
        Self::json(status, body.to_string())
    }

    #[must_use]
    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub(crate) fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

/// The result of a request: the reply, or an error reply, which must not change any state.
pub(crate) type Answer = Result<Reply, Reply>;

/// The caller of a request, from the claims of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) tenant: Uuid,
    /// The object id of the person or the service principal.
    pub(crate) object: Uuid,
    /// The application id of the client.
    pub(crate) client: Uuid,
    pub(crate) name: Option<String>,
    pub(crate) upn: Option<String>,
    /// The template ids of the caller's directory roles.
    pub(crate) wids: Vec<Uuid>,
    /// Delegated scopes, or the application permissions of a client that acts for itself.
    pub(crate) scopes: Vec<String>,
    /// Whether an application acts for itself.
    pub(crate) app: bool,
}

impl Caller {
    #[must_use]
    pub(crate) fn has_any_role(&self, roles: &[crate::state::role::Role]) -> bool {
        roles.iter().any(|role| self.wids.contains(&role.template_id()))
    }

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

//! What an error body says, whichever of the services wrote it. Bodies may be empty, HTML, or anything else.

use serde_json::Value;

use crate::client::sanitize;
use crate::client::transport::HttpResponse;

/// The code of OAuth for what passes by itself (RFC 6749, section 4.1.2.1).
pub(crate) const TEMPORARILY_UNAVAILABLE: &str = "temporarily_unavailable";

/// What could be found in an error body. Everything here is text that others wrote.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// The code to branch on; empty when there is none.
    pub(crate) code: String,
    /// Codes nested deeper, as Graph has them.
    pub(crate) inner: Vec<String>,
    /// One line fit for a message; empty when there is none.
    pub(crate) message: String,
}

impl ErrorBody {
    /// Reads the body of an error.
    pub(crate) fn parse(answer: &HttpResponse) -> Self {
        let Ok(Value::Object(body)) = serde_json::from_str::<Value>(&answer.text) else { return Self::default() };
        let body = Value::Object(body);
        if body.get("error").is_some_and(Value::is_object) {
            return Self::graph(&body);
        }
        if let Some(code) = text(&body, "/error") {
            // The token endpoint's shape.
            let message = text(&body, "/error_description").unwrap_or_default();
            return Self { code: code.to_owned(), inner: Vec::new(), message: sanitize::single_line(message) };
        }
        Self::portal(&body)
    }

    fn graph(body: &Value) -> Self {
        let code = text(body, "/error/code").unwrap_or_default().to_owned();
        let message = sanitize::single_line(text(body, "/error/message").unwrap_or_default());
        let mut inner = Vec::new();
        let mut at = body.get("error");
        while let Some(below) = at.and_then(|at| at.get("innerError").or_else(|| at.get("innererror"))) {
            inner.extend(below.get("code").and_then(Value::as_str).map(str::to_owned));
            at = Some(below);
        }
        Self { code, inner, message }
    }

    fn portal(body: &Value) -> Self {
        let said = text(body, "/Message").or_else(|| text(body, "/message")).unwrap_or_default();
        let code = text(body, "/ClientData/errorCode").or_else(|| text(body, "/ClientData/exceptionType"));
        // The message may itself be JSON, an OData error in a string.
        let nested = serde_json::from_str::<Value>(said).ok();
        let nested = nested.as_ref().and_then(|nested| nested.get("odata.error"));
        let message = nested.and_then(|error| text(error, "/message/value")).unwrap_or(said);
        Self {
            code: code.unwrap_or_default().to_owned(),
            inner: nested.and_then(|error| text(error, "/code")).map(str::to_owned).into_iter().collect(),
            message: sanitize::single_line(message),
        }
    }

    /// Whether this is the code, here or nested.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.code.eq_ignore_ascii_case(code) || self.inner.iter().any(|inner| inner.eq_ignore_ascii_case(code))
    }

    /// The code and the message, for the end of a message of ours; empty when the body says nothing.
    pub(crate) fn summary(&self) -> String {
        let code = sanitize::single_line(&self.code);
        match (code.is_empty(), self.message.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!(": {code}"),
            (true, false) => format!(": {}", self.message),
            (false, false) => format!(": {code}: {}", self.message),
        }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

//! Bodies of requests and responses as JSON.

use std::borrow::Cow;

use serde::Deserialize;

use crate::client::classify;
use crate::client::operations::table::Operation;
use crate::client::transport::HttpResponse;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind};

/// Decodes the body of a response.
///
/// # Errors
/// When it has another shape. The message says what is wrong with the shape and quotes nothing of the body.
pub(crate) fn decode<'a, T: Deserialize<'a>>(
    operation: Operation,
    response: &'a HttpResponse,
) -> Result<T, TenantError> {
    serde_json::from_str(&response.text).map_err(|error| {
        let why = match (response.text.trim().is_empty(), response.html) {
            (true, _) => "is empty".to_owned(),
            (false, true) => "is a web page, not JSON".to_owned(),
            (false, false) if error.is_data() => "is JSON of another shape than is known".to_owned(),
            (false, false) => format!("is not JSON (line {}, column {})", error.line(), error.column()),
        };
        classify::unexpected_response(operation, why).request(response.request)
    })
}

/// A text of a response, borrowed from it unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct BorrowedText<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Encodes the body of a request.
///
/// # Errors
/// When the document is no JSON, which no document that was parsed is.
pub(crate) fn encode(operation: Operation, body: &Document) -> Result<String, TenantError> {
    serde_json::to_string(body).map_err(|error| {
        let message = format!("cannot {}: the document is not JSON: {error}", operation.spec().action);
        TenantError::new(TenantErrorKind::Refused, message)
    })
}

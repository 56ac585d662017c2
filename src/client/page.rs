//! Answers that are JSON, and lists as Microsoft Graph wraps them.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::classify;
use crate::client::operations::table::Operation;
use crate::client::transport::HttpResponse;
use crate::tenant::error::TenantError;

/// A list.
#[derive(Deserialize)]
pub(crate) struct ListPage<T> {
    /// Its items.
    pub(crate) value: Vec<T>,
}

/// What an answer holds; only its shape is told when it does not fit, never its text.
pub(crate) fn decode<T: DeserializeOwned>(errand: Operation, answer: &HttpResponse) -> Result<T, TenantError> {
    serde_json::from_str(&answer.text).map_err(|error| {
        let why = match (answer.text.trim().is_empty(), answer.html) {
            (true, _) => "is empty".to_owned(),
            (false, true) => "is a web page, not JSON".to_owned(),
            (false, false) if error.is_data() => "is JSON of another shape than is known".to_owned(),
            (false, false) => format!("is not JSON (line {}, column {})", error.line(), error.column()),
        };
        classify::unexpected_response(errand, why).request(answer.request)
    })
}

//! Codecs for rows with a JSON boolean or a JSON number.

use crate::base::value::Value;
use crate::policy::managed::Managed;
use crate::tenant::document::{DecodeError, Document, Patch};

/// Reads a key with a boolean.
pub(crate) fn decode_switch(document: &Document, key: &'static str) -> Result<Value, DecodeError> {
    document.get(key, "true or false").map(Value::Bool)
}

/// Writes a key with a boolean.
pub(crate) fn encode_switch(value: &Value, key: &'static str) -> Vec<Patch> {
    match value {
        Value::Bool(on) => vec![Patch { key, value: (*on).into() }],
        _ => Vec::new(),
    }
}

/// Reads a key with a whole number.
pub(crate) fn decode_number(document: &Document, key: &'static str) -> Result<Value, DecodeError> {
    document.get(key, "a whole number from 0").map(Value::Number)
}

/// Writes a key with a whole number.
pub(crate) fn encode_number(value: &Value, key: &'static str) -> Vec<Patch> {
    match value {
        Value::Number(number) => vec![Patch { key, value: (*number).into() }],
        _ => Vec::new(),
    }
}

/// The value of one key in one section of a policy.
pub(crate) fn in_section<S, T>(
    section: &Managed<S>,
    key: impl Fn(&S) -> &Managed<T>,
    value: impl Fn(&T) -> Value,
) -> Managed<Value> {
    section.get().and_then(|section| key(section).get()).map(value).into()
}

//! Reads the fields of a JSON document. What is absent is empty, or zero.

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::plan::reversal::run_of_source;

pub(super) fn text<'a>(object: &'a Json, key: &str) -> &'a str {
    object.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// The largest number that every reader of JSON reads exactly, and of which thousands can be added: no tenant has more of
/// anything.
const MOST: u64 = (1 << 53) - 1;

/// A number that is not negative; one that is larger than any tenant has is the largest.
pub(super) fn count(object: &Json, key: &str) -> u64 {
    object.get(key).and_then(Json::as_u64).unwrap_or_default().min(MOST)
}

/// Whether a field is true.
pub(super) fn flag(object: &Json, key: &str) -> bool {
    object.get(key).and_then(Json::as_bool).unwrap_or_default()
}

pub(super) fn list<'a>(object: &'a Json, key: &str) -> &'a [Json] {
    object.get(key).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The place of a change or a finding: `file:line:column`; empty where no file holds it, as in a rollback.
pub(super) fn place(object: &Json) -> String {
    match (text(object, "path"), count(object, "line")) {
        (path, _) if run_of_source(path).is_some() => String::new(),
        ("", _) => String::new(),
        (path, 0) => path.to_owned(),
        (path, line) => format!("{path}:{line}:{}", count(object, "column")),
    }
}

/// The first moment in words: today, or the day of an `--as-of` that is past.
pub(super) fn first_moment(forecast: &Json) -> String {
    let first = list(forecast, "rows").first().filter(|_| flag(forecast, "past"));
    first.map_or_else(|| "today".to_owned(), |row| format!("on {}", text(row, "at")))
}

/// A time of a document, without parts of a second.
pub(super) fn to_the_second(at: &str) -> String {
    let time: Option<Timestamp> = at.parse().ok();
    time.map_or_else(|| at.to_owned(), |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

//! Replies that faults change or replace.

use axum::http::StatusCode;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::faults::fault::{Action, RetryAfter, ShapeChange};
use crate::http::message::Reply;
use crate::state::raw_json::{RawJson, compact};

/// Applies the changes of shape among the actions to a successful reply. A body that is not a JSON object is left as it
/// is. `number` counts the replies of the server.
pub(crate) fn with_changed_shape(reply: Reply, actions: &[Action], number: u64) -> Reply {
    let changes = || {
        actions.iter().filter_map(|action| if let Action::ChangeShape(change) = action { Some(change) } else { None })
    };
    if !reply.status.is_success() || changes().next().is_none() {
        return reply;
    }
    match RawJson::parse(&reply.body) {
        Ok(document) => {
            let text = changes().fold(document, |document, change| change_shape(document, change, number)).text();
            reply.with_body(text)
        }
        Err(_) => reply,
    }
}

fn change_shape(document: RawJson, change: &ShapeChange, number: u64) -> RawJson {
    if let ShapeChange::SetKey(path, value) = change {
        let mut whole: Value = serde_json::from_str(&document.text()).unwrap_or_default();
        set(&mut whole, path, value);
        return RawJson::parse(&whole.to_string()).unwrap_or(document);
    }
    let mut changed = RawJson::default();
    for (key, text) in document.entries() {
        match change {
            ShapeChange::DropKey(gone) if gone == key => {}
            ShapeChange::RetypeKey(other) if other == key => changed.set_text(key, &retype(text)),
            _ => changed.set_text(key, text),
        }
    }
    match change {
        ShapeChange::AddKey(key) => changed.set_text(key, "true"),
        ShapeChange::RestlessKey(key) => changed.set_text(key, &number.to_string()),
        ShapeChange::DropKey(_) | ShapeChange::RetypeKey(_) | ShapeChange::SetKey(..) => {}
    }
    changed
}

/// Sets the keys at a path of a document. A key that is not there is left out.
fn set(document: &mut Value, path: &str, value: &Value) {
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let inner: Vec<&mut Value> = match document {
        Value::Array(items) if first == "*" => items.iter_mut().collect(),
        Value::Object(fields) => fields.get_mut(first).into_iter().collect(),
        _ => Vec::new(),
    };
    for one in inner {
        match rest {
            Some(rest) => set(one, rest, value),
            None => *one = value.clone(),
        }
    }
}

fn retype(text: &str) -> String {
    if text.starts_with('"') { format!("[{text}]") } else { json!(compact(text)).to_string() }
}

/// An error in the form of Graph's. Clients of the portal take it as well: they read only the status.
pub(crate) fn error(status: u16, retry_after: Option<RetryAfter>, now: Timestamp) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = status.canonical_reason().unwrap_or("Unknown").replace(' ', "");
    let reply = Reply::value(status, &json!({"error": {"code": code, "message": "A scripted fault."}}));
    match retry_after {
        None => reply,
        Some(RetryAfter::Seconds(seconds)) => reply.with_header("retry-after", seconds.to_string()),
        Some(RetryAfter::Date(seconds)) => {
            let then = now.saturating_add(SignedDuration::from_secs(seconds.into())).unwrap_or(now);
            // Only dates beyond the year 9999 cannot be written.
            let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&then).unwrap_or_default();
            reply.with_header("retry-after", date)
        }
    }
}

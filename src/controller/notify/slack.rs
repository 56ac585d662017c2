//! A message for an incoming webhook of Slack. Text of others is of the type `plain_text`, which Slack does not format,
//! with the three characters escaped that Slack interprets everywhere.

use serde_json::{Value, json};

use crate::controller::notify::notification::{EventText, Notification};

pub(crate) fn body(notification: &Notification) -> serde_json::Result<String> {
    let (events, more) = notification.event_texts();
    let mut blocks = vec![json!({ "type": "header", "text": plain(&notification.headline()) })];
    blocks.extend(events.iter().map(|event| section(&line(event))));
    if more > 0 {
        blocks.push(section(&format!("and {more} more; /status lists all of them")));
    }
    // Slack shows `text` in notifications on a screen; the headline contains no text of others.
    serde_json::to_string(&json!({ "text": escape(&notification.headline()), "blocks": blocks }))
}

fn line(event: &EventText) -> String {
    let EventText { about, word, message, revision } = event;
    let revision = if revision.is_empty() { String::new() } else { format!(" (revision {revision})") };
    format!("{about} {word}{revision}: {message}")
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": plain(text) })
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": escape(text), "emoji": false })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

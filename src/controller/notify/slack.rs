//! A message for an incoming webhook of Slack. What comes from others is plain text, in which nothing is formatted, with the
//! three characters escaped that Slack acts upon everywhere.

use serde_json::{Value, json};

use crate::controller::notify::notification::{EventText, Notification};

/// The message.
pub(crate) fn body(bulletin: &Notification) -> serde_json::Result<String> {
    let (told, more) = bulletin.event_texts();
    let mut blocks = vec![json!({ "type": "header", "text": plain(&bulletin.headline()) })];
    blocks.extend(told.iter().map(|told| section(&line(told))));
    if more > 0 {
        blocks.push(section(&format!("and {more} more; /status tells all of them")));
    }
    // What notifications on a screen show; the headline holds nothing of others.
    serde_json::to_string(&json!({ "text": escape(&bulletin.headline()), "blocks": blocks }))
}

fn line(told: &EventText) -> String {
    let EventText { about, word, message, revision } = told;
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

//! An Adaptive Card for a workflow of Microsoft Teams. Text of others is in text runs, which Teams does not format;
//! `{{…}}`, which it interprets even there, is broken up.

use serde_json::{Value, json};

use crate::controller::notify::notification::{EventText, Notification};

/// The card, as the trigger "When a Teams webhook request is received" takes it.
pub(crate) fn body(notification: &Notification) -> serde_json::Result<String> {
    let (events, more) = notification.event_texts();
    let title = json!({ "type": "TextBlock", "size": "medium", "weight": "bolder", "wrap": true, "text": notification.headline() });
    let mut parts: Vec<Value> = [title].into_iter().chain(events.iter().map(paragraph)).collect();
    if more > 0 {
        parts.push(plain(&[run(&format!("and {more} more; /status lists all of them"), false)]));
    }
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": parts,
    });
    let attachment =
        json!({ "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card });
    serde_json::to_string(&json!({ "type": "message", "attachments": [attachment] }))
}

fn paragraph(event: &EventText) -> Value {
    let EventText { about, word, message, revision } = event;
    let revision = if revision.is_empty() { String::new() } else { format!(" (revision {revision})") };
    plain(&[run(about, true), run(&format!(" {word}{revision}: {message}"), false)])
}

fn plain(runs: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": runs })
}

fn run(text: &str, bold: bool) -> Value {
    let text = text.replace("{{", "{ {");
    json!({ "type": "TextRun", "text": text, "weight": if bold { "bolder" } else { "default" } })
}

//! Diagnostics as results, failures as notifications, and places as SARIF knows them.

use crate::base::finding::Label;
use crate::base::source::Place;
use crate::render::diagnostics::{self, Diagnostic, Diagnostics, from_repository};
use crate::render::sarif::document::{
    ArtifactLocation, Descriptor, Fingerprints, Location, Message, Notification, PhysicalLocation, Region, Result,
    Suppression,
};
use crate::render::sarif::fingerprint::Fingerprinter;
use crate::render::sarif::rule::level;
use crate::render::text::safe::{percent_encoded, safe};

/// A result for each item, in their order.
pub(super) fn results(diagnostics: &Diagnostics, rules: &[Descriptor], start_folder: &str) -> Vec<Result> {
    let mut fingerprints = Fingerprinter::default();
    diagnostics.items.iter().map(|item| result(item, rules, start_folder, &mut fingerprints)).collect()
}

/// A notification for each failure and each setting that is pending, in their order: a result would be an alert.
pub(super) fn notifications(diagnostics: &Diagnostics, start_folder: &str) -> Vec<Notification> {
    let notifications = diagnostics.failures.iter().map(|failure| Notification {
        level: "error",
        message: message(&failure.message, failure.hint.as_deref()),
        locations: failure.at.iter().map(|place| location(place, None, None, start_folder)).collect(),
    });
    let pending = diagnostics.pending.iter().map(|note| Notification {
        level: "note",
        message: message(&note.message, None),
        locations: vec![location(&note.at, None, None, start_folder)],
    });
    notifications.chain(pending).collect()
}

/// A notification for each exception, in their order.
pub(super) fn exceptions(diagnostics: &Diagnostics, start_folder: &str) -> Vec<Notification> {
    let notifications = diagnostics.exceptions.iter().map(|note| Notification {
        level: if note.is_new { "warning" } else { "note" },
        message: message(&format!("Exception: {}", note.message), None),
        locations: note.at.iter().map(|place| location(place, None, None, start_folder)).collect(),
    });
    notifications.collect()
}

fn result(item: &Diagnostic, rules: &[Descriptor], start_folder: &str, fingerprints: &mut Fingerprinter) -> Result {
    let Diagnostic { code, severity, message: text, hint, at, also, about, suppression } = item;
    let path = at.as_ref().map(|label| label.place.source.path.as_str()).unwrap_or_default();
    let path = from_repository(start_folder, path).unwrap_or_else(|| path.to_owned());
    let related = |(index, label): (usize, &Label)| location(&label.place, Some(index + 1), says(label), start_folder);
    Result {
        rule_id: code,
        rule_index: rules.iter().position(|rule| rule.id == *code).unwrap_or_default(),
        // Services that do not know suppressions then show it as what hinders nobody.
        level: if suppression.is_some() { "note" } else { level(*severity) },
        message: message(text, hint.as_deref()),
        locations: at.iter().map(|label| location(&label.place, None, says(label), start_folder)).collect(),
        related_locations: also.iter().enumerate().map(related).collect(),
        partial_fingerprints: Fingerprints { ours: fingerprints.of(&[code, &path, about]) },
        suppressions: suppression.iter().map(suppressed).collect(),
    }
}

fn suppressed(suppression: &diagnostics::Suppression) -> Suppression {
    let kind = if suppression.in_source { "inSource" } else { "external" };
    Suppression { kind, status: "accepted", justification: safe(&suppression.justification).into_owned() }
}

fn message(text: &str, hint: Option<&str>) -> Message {
    let hint = hint.map(|hint| format!(" Hint: {}", sentence(hint))).unwrap_or_default();
    Message::plain(format!("{}{hint}", sentence(text)))
}

/// Sentences end with a full stop there. Text in a SARIF message is plain, but `[text](1)` would be a link to a place, and braces would ask for arguments.
fn sentence(text: &str) -> String {
    let text = safe(text);
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '[' | ']' | '\\' => escaped.extend(['\\', c]),
            '{' | '}' => escaped.extend([c, c]),
            c => escaped.push(c),
        }
    }
    if !escaped.ends_with(['.', '?', '!']) {
        escaped.push('.');
    }
    escaped
}

fn says(label: &Label) -> Option<Message> {
    (!label.says.is_empty()).then(|| Message::plain(sentence(&label.says)))
}

fn location(place: &Place, id: Option<usize>, message: Option<Message>, start_folder: &str) -> Location {
    let physical_location =
        PhysicalLocation { artifact_location: artifact(place, start_folder), region: region(place) };
    Location { id, physical_location, message }
}

fn artifact(place: &Place, start_folder: &str) -> ArtifactLocation {
    match from_repository(start_folder, &place.source.path) {
        Some(path) => ArtifactLocation { uri: uri(&path), uri_base_id: Some("%SRCROOT%") },
        None => ArtifactLocation { uri: uri(&place.source.path), uri_base_id: None },
    }
}

/// A path as the path of a URI.
fn uri(path: &str) -> String {
    percent_encoded(path, b"/")
}

/// What could not be read has no lines; it is shown at its very start.
fn region(place: &Place) -> Region {
    let ((start_line, start_column), (end_line, end_column)) = (place.line_column(), place.end_line_column());
    Region { start_line, start_column, end_line, end_column }
}

#[cfg(test)]
mod tests {
    use super::{sentence, uri};

    #[test]
    fn text_of_others_is_neither_link_nor_placeholder() {
        assert_eq!(sentence("see [x](1) {0}"), r"see \[x\](1) {{0}}.");
        assert_eq!(uri("policies/a b#1:ü.yaml"), "policies/a%20b%231%3A%C3%BC.yaml");
    }
}

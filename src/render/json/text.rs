//! A document as text.

use serde::Serialize;

use crate::render::json::head::RunEnd;
use crate::render::text::embedded::hints_with_sandbox;
use crate::render::text::safe::TextTarget;

/// Pretty-printed, ending with a line break. What a terminal or the runner of a pipeline would act on, or what would
/// hide what is written, is escaped as JSON escapes it: readers get the same text, and a person who reads the
/// document is not deceived.
#[expect(clippy::expect_used, reason = "only a map with keys that are not strings can fail, and no document has one")]
pub(crate) fn text<T: Serialize>(document: &T) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document of structs with named fields is JSON");
    text.push('\n');
    escaped(text)
}

/// The same of a run that ended so: the hints of one against embedded tenants lead to them.
pub(crate) fn ended_text<T: Serialize>(document: &T, end: RunEnd) -> String {
    let text = text(document);
    if end.sandbox { hints_with_sandbox(&text) } else { text }
}

/// Line breaks are the document's own: those of texts are escaped already. All else that is not shown as it is can only be
/// inside of a text.
fn escaped(text: String) -> String {
    let mut reader = TextTarget::default();
    let mut deceives = |c: char| reader.shown(c) != c && c != '\n';
    if !text.contains(&mut deceives) {
        return text;
    }
    let mut reader = TextTarget::default();
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if reader.shown(c) != c && c != '\n' {
            plain.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn nothing_hidden_is_left_and_nothing_is_lost() -> Result<(), serde_json::Error> {
        let hostile = "a\u{1b}[2J\u{7f}\u{9b}31m\u{202e}b\u{e0041}\n\"c\" \\u202e 世界 🔑";
        let written = text(&[hostile]);
        assert_eq!(
            written,
            "[\n  \"a\\u001b[2J\\u007f\\u009b31m\\u202eb\\udb40\\udc41\\n\\\"c\\\" \\\\u202e 世界 🔑\"\n]\n"
        );
        assert_eq!(serde_json::from_str::<Vec<String>>(&written)?, [hostile]);
        let command = "##[set-output name=a]b";
        let written = text(&[command]);
        assert_eq!(written, "[\n  \"##\\u005bset-output name=a]b\"\n]\n");
        assert_eq!(serde_json::from_str::<Vec<String>>(&written)?, [command]);
        Ok(())
    }
}

//! A document as text.

use serde::Serialize;

/// The version that every document carries.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Pretty-printed, ending with a line break.
#[expect(clippy::expect_used, reason = "only a map with keys that are no strings can fail, and no document has a map")]
pub(crate) fn text<T: Serialize>(document: &T) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document of plain structs is JSON");
    text.push('\n');
    text
}

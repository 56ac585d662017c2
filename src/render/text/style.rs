//! Colours. They repeat what symbols and words already say, and are removed where the output is not a terminal.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

/// Tenant names and other headings.
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const CHANGE: Style = AnsiColor::Yellow.on_default();
/// Results that are as they should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Errors and failed results.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Warnings, and what is not certain.
pub(crate) const DOUBT: Style = AnsiColor::Yellow.on_default().bold();
/// Places in files and ids.
pub(crate) const MUTED: Style = Style::new().dimmed();

/// A change in the colour of its direction: a member that a set gains or loses, with its sign, and a value that is added,
/// removed or switched. Any other words as they are: whether two are more than one, no colour can say.
#[must_use]
pub(crate) fn directed(words: &str) -> Cow<'_, str> {
    match words.chars().next() {
        Some('+') => return paint(GOOD, words).into(),
        Some('−') => return paint(BAD, words).into(),
        Some(_) | None => {}
    }
    match words.split_once(" → ") {
        Some(("none", _) | ("false", "true")) => paint(GOOD, words).into(),
        Some((_, "none") | ("true", "false")) => paint(BAD, words).into(),
        Some(_) | None => words.into(),
    }
}

/// A count of people in a column, in the colour of the direction where the column has one; a count of none has no colour.
#[must_use]
pub(crate) fn directed_count(column: &str, count: &str, cell: String) -> String {
    match column {
        "gain" if count != "0" && count != "–" => paint(GOOD, &cell),
        "lose" if count != "0" && count != "–" => paint(BAD, &cell),
        _ => cell,
    }
}

/// The text in a style.
#[must_use]
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

//! Colours. They repeat what symbols and words already say, and are taken out again wherever the output is no terminal.

use anstyle::{AnsiColor, Style};

/// Tenant names and other headings.
pub const HEADING: Style = Style::new().bold();
/// What changes.
pub const CHANGE: Style = AnsiColor::Yellow.on_default();
/// What is well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What went wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What needs a second thought.
pub const DOUBT: Style = AnsiColor::Yellow.on_default().bold();
/// Places and ids.
pub const MUTED: Style = Style::new().dimmed();

/// The text in a style.
#[must_use]
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

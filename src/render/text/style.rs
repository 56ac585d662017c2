//! Colours. They repeat what symbols and words already say, and are removed where the output is not a terminal.

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

/// The text in a style.
#[must_use]
pub(crate) fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

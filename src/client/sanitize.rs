//! Makes untrusted text safe for our messages.

use crate::base::secrets::is_invisible;

/// The most characters of untrusted text in a message.
const ENOUGH: usize = 240;

/// One line of printable text of at most [`ENOUGH`] characters: white space is folded, control and
/// direction characters are removed.
pub(crate) fn single_line(text: &str) -> String {
    let printable: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .take(ENOUGH * 8)
        .collect();
    let folded = printable.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if folded.chars().count() <= ENOUGH {
        return folded;
    }
    folded.chars().take(ENOUGH).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use crate::client::sanitize::*;

    #[test]
    fn foreign_text_becomes_one_harmless_line() {
        assert_eq!(single_line("a\r\n b\u{1b}[31m\u{202e}c"), "a b[31mc");
        assert_eq!(single_line(&"x".repeat(10_000)).chars().count(), ENOUGH + 1);
    }
}

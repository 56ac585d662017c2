//! Text that came from a file or a tenant, made safe for a terminal.

use std::borrow::Cow;

/// The text without anything that a terminal would act on or that would hide what is written: control characters become
/// their visible pictures (`␛` for ESC), marks that turn the writing direction or join lines become `�`. The result is
/// one line and has as many characters as the text.
#[must_use]
pub fn safe(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| visible(c) != c) { text.chars().map(visible).collect() } else { text.into() }
}

/// What is shown for one character.
#[must_use]
pub fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{7f}' => '␡',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        // C1 controls; Arabic letter mark; zero-width marks and direction marks; line and paragraph separator; embeddings,
        // overrides and isolates; byte order mark; annotation marks; tag characters.
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        assert_eq!(safe("a\u{1b}[31mb"), "a␛[31mb");
        assert_eq!(safe("a\r\nb\tc\u{7f}"), "a␍␊b c␡");
        assert_eq!(safe("a\u{9b}31m\u{202e}b\u{2066}\u{200b}"), "a�31m�b��");
        assert_eq!(safe("Grüße, 世界 🔑"), "Grüße, 世界 🔑");
    }
}

//! Text that came from a file or a tenant, made safe for a terminal and for the log of a pipeline.

use std::borrow::Cow;

/// The text without anything that a terminal would act on or that would hide what is written: control characters become
/// their visible pictures (`␛` for ESC), marks that turn the writing direction or join lines become `�`. Nor is
/// anything left that a program which runs pipelines would take for a command. The result is one line and has as many
/// characters as the text.
#[must_use]
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    // Nearly every text is like this, and looking at bytes is much faster than at characters.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'#') {
        return text.into();
    }
    let mut reader = TextTarget::default();
    if text.chars().all(|c| reader.shown(c) == c) {
        return text.into();
    }
    let mut reader = TextTarget::default();
    text.chars().map(|c| reader.shown(c)).collect()
}

/// The text with everything percent-encoded (RFC 3986) but what has no meaning of its own in an address, and the bytes in `plain`.
pub(crate) fn percent_encoded(text: &str, plain: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ if plain.contains(&byte) => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Reads a text from its beginning. `##[name]` and `##vso[name]` are commands to GitHub's and Azure's runners wherever they
/// are in a line, so a bracket after two hashes and letters is not one to be shown as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TextTarget {
    hashes: usize,
}

impl TextTarget {
    /// What is shown for the next character.
    pub(crate) fn shown(&mut self, c: char) -> char {
        let commands = c == '[' && self.hashes >= 2;
        self.hashes = match c {
            '#' => self.hashes + 1,
            c if c.is_ascii_alphabetic() && self.hashes >= 2 => self.hashes,
            _ => 0,
        };
        if commands { '［' } else { visible(c) }
    }
}

/// What is shown for one character.
#[must_use]
pub(crate) fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{7f}' => '␡',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        // Soft hyphen and fillers, which show nothing; C1 controls; Arabic letter mark; zero-width marks and direction marks; line and paragraph separator; embeddings,
        // overrides and isolates; byte order mark; annotation marks; tag characters.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{80}'..='\u{9f}'
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
    use crate::render::text::safe::safe;

    #[test]
    fn nothing_that_a_terminal_acts_on_is_left() {
        assert_eq!(safe("a\u{1b}[31mb"), "a␛[31mb");
        assert_eq!(safe("a\r\nb\tc\u{7f}"), "a␍␊b c␡");
        assert_eq!(safe("a\u{9b}31m\u{202e}b\u{2066}\u{200b}"), "a�31m�b��");
        assert_eq!(safe("a\u{ad}b\u{3164}"), "a�b�");
        assert_eq!(safe("Grüße, 世界 🔑"), "Grüße, 世界 🔑");
    }

    #[test]
    fn nothing_that_a_runner_acts_on_is_left() {
        assert_eq!(safe("a ##[set-output name=b]c"), "a ##［set-output name=b]c");
        assert_eq!(safe("###vso[task.setvariable]"), "###vso［task.setvariable]");
        for harmless in ["## heading [a]", "#[derive]", "C#[0]", "##", "# # [x]", "##a b[0]"] {
            assert_eq!(safe(harmless), harmless);
        }
    }
}

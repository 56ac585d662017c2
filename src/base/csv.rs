//! Fields of CSV files (RFC 4180) that hold text of strangers. A spreadsheet takes a cell that begins like a formula for one,
//! and some split lines at other characters than the comma, so such beginnings are guarded by a `'`
//! (<https://owasp.org/www-community/attacks/CSV_Injection>).

/// Appends a field in quotes, guarded. Control characters that are no line breaks and no tabs become `�`.
pub(crate) fn push_field(line: &mut Vec<u8>, text: &str) {
    line.push(b'"');
    // Nearly every text is like this.
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b',' | b';');
    if text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) && text.as_bytes().iter().all(plain) {
        line.extend_from_slice(text.as_bytes());
    } else {
        for c in guarded(text).chars() {
            match c {
                '"' => line.extend_from_slice(b"\"\""),
                '\t' | '\r' | '\n' => line.extend(u8::try_from(c)),
                c if c.is_control() => line.extend_from_slice("\u{fffd}".as_bytes()),
                c => line.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }
    line.push(b'"');
}

/// The text with a `'` wherever a cell may begin and what follows would be taken for a formula.
pub(crate) fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for (at, c) in text.char_indices() {
        if begins && text.get(at..).is_some_and(is_formula) {
            guarded.push('\'');
        }
        guarded.push(c);
        begins = separates(c);
    }
    guarded
}

/// The text from which [`guarded`] has made this one.
#[cfg(test)]
pub(crate) fn unguarded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut begins = true;
    for (at, c) in text.char_indices() {
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        if begins && c == '\'' && is_formula(rest) {
            // What follows the guard is the beginning of the cell itself, and is not guarded again.
            begins = false;
            continue;
        }
        plain.push(c);
        begins = separates(c);
    }
    plain
}

/// Whether a program may begin a new cell after this character.
fn separates(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '\r' | '\n')
}

/// Whether a spreadsheet may take a cell with this beginning for a formula, after spaces and quotes.
fn is_formula(text: &str) -> bool {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    let skipped = |c: char| !begins(c) && (c.is_whitespace() || c.is_control() || matches!(c, '\'' | '"'));
    text.trim_start_matches(skipped).starts_with(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded_and_comes_back() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("  \"=1", "'  \"=1"),
            ("'-x", "''-x"),
            ("\t@x", "'\t'@x"),
            ("＝1", "'＝1"),
            ("a;=1", "a;'=1"),
            ("Kim, -x", "Kim,' -x"),
            ("Kim\r\n+1", "Kim\r'\n'+1"),
            ("O'Neil-Smith", "O'Neil-Smith"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expected);
            assert_eq!(unguarded(expected), text);
        }
    }

    /// Every text of a few of the characters that matter.
    #[test]
    fn reading_is_the_inverse_of_writing() {
        let letters = ['\'', '"', '=', ';', ' ', '\t', 'a'];
        let mut texts = vec![String::new()];
        // Those of at most four characters, each longer by one: 1 + 7 + 49 + 343 + 2401.
        for from in 0..2_801 {
            let Some(text) = texts.get(from).cloned() else { break };
            texts.extend(letters.iter().map(|c| format!("{text}{c}")));
        }
        assert!(texts.len() > 10_000);
        for text in texts {
            assert_eq!(unguarded(&guarded(&text)), text);
            let at_start = guarded(&text).trim_start_matches([' ', '"']).starts_with(['=', '\t']);
            assert!(!at_start, "{text:?}");
        }
    }

    #[test]
    fn a_field_is_one_whatever_is_in_it() {
        let field = |text| {
            let mut line = Vec::new();
            push_field(&mut line, text);
            String::from_utf8_lossy(&line).into_owned()
        };
        assert_eq!(field("Kim Lee"), "\"Kim Lee\"");
        assert_eq!(field("Lee, \"Kim\""), "\"Lee, \"\"Kim\"\"\"");
        assert_eq!(field("Ö\u{0}\u{1b}\u{9b}\n"), "\"Ö\u{fffd}\u{fffd}\u{fffd}\n\"");
    }
}

//! CSV files (RFC 4180) whose fields hold text of strangers. A spreadsheet takes a cell that begins like a formula for one,
//! and some split lines at other characters than the comma, so such beginnings are guarded by a `'`
//! (<https://owasp.org/www-community/attacks/CSV_Injection>).

use csv_core::ReadRecordResult;

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

/// One record of a CSV text.
pub(crate) struct CsvRecord {
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    /// Its fields, without quotes and guards.
    pub(crate) fields: Vec<String>,
}

/// The records of a CSV text (RFC 4180), also with another delimiter than the comma. Empty lines are none.
pub(crate) fn records(text: &str, delimiter: u8) -> impl Iterator<Item = CsvRecord> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut rest, mut output, mut ends) = (text.as_bytes(), vec![0; 4096], vec![0; 64]);
    std::iter::from_fn(move || {
        let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let line = reader.line() + blank.filter(|byte| **byte == b'\n').count() as u64;
        let (mut written, mut count) = (0, 0);
        loop {
            let (result, read, wrote, ended) =
                reader.read_record(rest, output.get_mut(written..)?, ends.get_mut(count..)?);
            rest = rest.get(read..)?;
            (written, count) = (written + wrote, count + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => output.resize(output.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
                ReadRecordResult::End => return None,
                ReadRecordResult::Record => break,
            }
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let field = |(start, end): (usize, &usize)| {
            output.get(start..*end).map(|bytes| unguarded(&String::from_utf8_lossy(bytes))).unwrap_or_default()
        };
        Some(CsvRecord { line, fields: starts.zip(ends.iter().take(count)).map(field).collect() })
    })
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
    fn records_are_read_with_their_lines() {
        let read = |text, delimiter| {
            let records = records(text, delimiter);
            records.map(|CsvRecord { line, fields }| (line, fields)).collect::<Vec<_>>()
        };
        let fields = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
        let text = "a,\"b\r\nc\",\"\"\"d\"\"\"\r\n\r\n\"'=1\",,\r\nlast";
        let expected =
            vec![(1, fields(&["a", "b\r\nc", "\"d\""])), (4, fields(&["=1", "", ""])), (5, fields(&["last"]))];
        assert_eq!(read(text, b','), expected);
        assert_eq!(read("a;b\n", b';'), vec![(1, fields(&["a", "b"]))]);
        assert_eq!(read("", b','), vec![]);
        let long = "x".repeat(10_000);
        assert_eq!(
            read(&format!("{long},{}", ",".repeat(100)), b',').first().map(|(_, fields)| fields.len()),
            Some(102)
        );
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

//! The spellings that encoders give to a character, undone: escapes of JSON and JavaScript (`\u002B`, `\x2B`, `\/`),
//! percent-encoding (`%2B`), and HTML entities (`&#43;`, `&#x2B;`, `&plus;`).

use std::ops::Range;

/// A character, and the bytes of the original text that spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelled {
    pub(crate) character: char,
    pub(crate) place: Range<usize>,
}

/// A way to spell characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Escapes that begin with a backslash.
    Escapes,
    Percent,
    Entities,
}

impl Encoding {
    pub(crate) const ALL: [Self; 3] = [Self::Escapes, Self::Percent, Self::Entities];

    /// The spelling at the beginning of a text, if there is one: its character and its length.
    fn at_start(self, text: &[Spelled]) -> Option<(char, usize)> {
        match (self, text.first()?.character) {
            (Self::Escapes, '\\') => escape(text),
            (Self::Percent, '%') => percent(text),
            (Self::Entities, '&') => entity(text),
            _ => None,
        }
    }
}

/// HTML's names of the characters of ASCII that have one.
const ENTITIES: [(&str, char); 38] = [
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("hat", '^'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("mid", '|'),
    ("nbsp", '\u{a0}'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("verbar", '|'),
    ("vert", '|'),
    ("underbar", '_'),
];

/// The longest name or number of an entity, in characters.
const LONGEST_ENTITY: usize = 10;

/// The characters of a text, each of which spells itself.
pub(crate) fn spelled(text: &str) -> Vec<Spelled> {
    let at = |(start, character): (usize, char)| Spelled { character, place: start..start + character.len_utf8() };
    text.char_indices().map(at).collect()
}

/// The same with every spelling of these encodings undone once; `None` where there is none.
pub(crate) fn decoded(text: &[Spelled], encodings: &[Encoding]) -> Option<Vec<Spelled>> {
    let (mut out, mut at, mut changed) = (Vec::with_capacity(text.len()), 0, false);
    while let Some(one) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        match encodings.iter().find_map(|encoding| encoding.at_start(rest)) {
            Some((character, length)) => {
                let end = text.get(at + length - 1).map_or(one.place.end, |last| last.place.end);
                out.push(Spelled { character, place: one.place.start..end });
                at += length;
                changed = true;
            }
            None => {
                out.push(one.clone());
                at += 1;
            }
        }
    }
    changed.then_some(out)
}

fn characters(text: &[Spelled], range: Range<usize>) -> Option<String> {
    text.get(range).map(|found| found.iter().map(|one| one.character).collect())
}

fn hexadecimal(text: &[Spelled], range: Range<usize>) -> Option<u32> {
    let digits = characters(text, range)?;
    digits.chars().all(|c| c.is_ascii_hexdigit()).then(|| u32::from_str_radix(&digits, 16).ok())?
}

/// An escape at the beginning of a text: its character and its length.
fn escape(text: &[Spelled]) -> Option<(char, usize)> {
    let kind = text.get(1)?.character;
    let simple = match kind {
        '\\' | '"' | '\'' | '/' | '`' => Some(kind),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        _ => None,
    };
    if let Some(character) = simple {
        return Some((character, 2));
    }
    match kind {
        'x' | 'X' => Some((char::from_u32(hexadecimal(text, 2..4)?)?, 4)),
        'u' if text.get(2)?.character == '{' => {
            let length = text.iter().take(12).position(|one| one.character == '}')?;
            Some((char::from_u32(hexadecimal(text, 3..length)?)?, length + 1))
        }
        'u' | 'U' => {
            let first = hexadecimal(text, 2..6)?;
            if let Some(character) = char::from_u32(first) {
                return Some((character, 6));
            }
            // The two halves of a character beyond 16 bits (RFC 8259, section 7).
            let next = characters(text, 6..8)?.eq_ignore_ascii_case("\\u").then(|| hexadecimal(text, 8..12))??;
            let code = 0x1_0000 + (first.checked_sub(0xd800)? << 10) + next.checked_sub(0xdc00)?;
            Some((char::from_u32(code)?, 12))
        }
        _ => None,
    }
}

/// A percent-encoded character of UTF-8 at the beginning of a text: its character and its length. A byte that is not UTF-8
/// is taken for a character of Latin-1.
fn percent(text: &[Spelled]) -> Option<(char, usize)> {
    let byte = |at: usize| {
        let begins = text.get(at * 3)?.character == '%';
        begins.then(|| hexadecimal(text, at * 3 + 1..at * 3 + 3)).flatten().and_then(|code| u8::try_from(code).ok())
    };
    let bytes: Vec<u8> = (0..4).map_while(byte).collect();
    let first = *bytes.first()?;
    let whole = (1..=bytes.len()).find_map(|length| {
        let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
        Some((text.chars().next()?, length * 3))
    });
    Some(whole.unwrap_or((char::from(first), 3)))
}

/// An entity at the beginning of a text: its character and its length.
fn entity(text: &[Spelled]) -> Option<(char, usize)> {
    let length = text.iter().take(LONGEST_ENTITY + 2).position(|one| one.character == ';')?;
    let name = characters(text, 1..length)?.to_ascii_lowercase();
    let code = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        },
        None => ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, character)| u32::from(*character)),
    };
    Some((char::from_u32(code?)?, length + 1))
}

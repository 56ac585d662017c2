//! Ways to damage a text.

use proptest::prelude::*;
use serde_json::Value;

/// One damage: its kind, where, and with what.
pub(crate) type Damage = (u8, u32, u32);

/// One to eight damages, one after another.
pub(crate) fn damages() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec((0_u8..9, any::<u32>(), any::<u32>()), 1..8)
}

/// What readers stumble over, as bytes.
const PIECES: [&[u8]; 44] = [
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b"\t",
    b" ",
    b"\x1b]0;x\x07",
    b"\x1b[31m",
    b"\xc2\x9b31m",
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
    "😀".as_bytes(),
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[[[[[[[[[[[[[[[",
    b"{{{{{{{{{{{{{{{{",
    b":",
    b",",
    b"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"&a",
    b"*a",
    b"<<: *a",
    b"!!binary x",
    b"---\n",
    b"...\n",
    b"|\n",
    b">-\n",
    b"? ",
    b"null",
    b"~",
    b"-",
    b"1e999",
    b"99999999999999999999",
    b"##[set-output name=a]b",
    b"::error::x",
];

/// What a value may turn into, as JSON text.
const VALUES: [&str; 27] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.10",
    "1e400",
    "-0.0",
    "18446744073709551616",
    "9223372036854775808",
    "\"\"",
    "\" \"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "{\"\":{}}",
    "\"\\u0000\\u001b[31m\\u202e\"",
    "\"\\ud800\"",
    "\"00000000-0000-0000-0000-000000000000\"",
    "\"9999-99-99T99:99:99Z\"",
    "\"-009999-01-01T00:00:00Z\"",
    "\"https://evil.example/x\"",
    "\"##[set-output name=a]b\"",
    "\"\\n::stop-commands::x\"",
    "\"</details><script>\"",
    "[1,\"a\",{},[]]",
];

/// The text after all these damages; never longer than a mebibyte or so.
pub(crate) fn damaged(text: &[u8], damages: &[Damage]) -> Vec<u8> {
    damages.iter().fold(text.to_vec(), |text, damage| one(text, *damage))
}

fn one(mut text: Vec<u8>, (kind, place, what): Damage) -> Vec<u8> {
    let at = place as usize % (text.len() + 1);
    let length = what as usize % 64;
    let end = (at + length).min(text.len());
    match kind {
        0 => text.get_mut(at).into_iter().for_each(|byte| *byte ^= what.to_le_bytes()[0]),
        1 => drop(text.splice(at..at, PIECES[what as usize % PIECES.len()].iter().copied())),
        2 => drop(text.drain(at..end)),
        3 if text.len() < 512 * 1024 => {
            let piece = text[at..end].to_vec();
            drop(text.splice(at..at, piece));
        }
        4 => text.truncate(at),
        5 if text.len() < 64 * 1024 => {
            let piece = text[at..end].repeat(1 + what as usize % 200);
            drop(text.splice(at..at, piece));
        }
        6 if !text.is_empty() => {
            let last = text.len() - 1;
            text.swap(at.min(last), end.min(last));
        }
        _ => return value(&text, place, VALUES[what as usize % VALUES.len()]),
    }
    text
}

/// The text with one JSON value replaced; as it was when it is no JSON.
fn value(text: &[u8], place: u32, by: &str) -> Vec<u8> {
    const MARK: &str = "replaced-by-a-value";
    let Ok(mut root) = serde_json::from_slice::<Value>(text) else { return text.to_vec() };
    let mut left = place as usize % count(&root);
    put(&mut root, &mut left, &Value::from(MARK));
    root.to_string().replace(&format!("\"{MARK}\""), by).into_bytes()
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(keys) => keys.values().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Replaces the value before which `left` others come.
fn put(value: &mut Value, left: &mut usize, by: &Value) -> bool {
    if *left == 0 {
        *value = by.clone();
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| put(item, left, by)),
        Value::Object(keys) => keys.values_mut().any(|item| put(item, left, by)),
        _ => false,
    }
}

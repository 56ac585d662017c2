//! Strikes secrets out of text that others wrote, in whichever spelling they wrote them.
//!
//! A text is compared as it is, and as what it decodes to: escapes of JSON and JavaScript, percent-encoding and HTML entities
//! are undone one after another in every order, [`DEPTH`] of them, and all together until nothing changes, so that spellings
//! within spellings and mixtures of them are seen. A secret in base64 is found by what base64 makes of it, wherever it begins
//! within what was encoded. Case does not count. Parts of a secret count from [`PART`] characters on.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::base::spelling::{Encoding, Spelled, decoded, spelled};

/// The text that replaces a secret.
const STRUCK: &str = "[secret]";
/// How many characters of a secret are a part that is struck out.
const PART: usize = 8;
/// How often a text is decoded as a whole at most: far more often than services nest spellings.
const LAYERS: usize = 8;
/// How many encodings are undone one after another.
const DEPTH: usize = 3;

/// Secrets that must not be shown. They have no text form.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// Every part of [`PART`] characters of every spelling of every secret.
    parts: HashSet<[char; PART]>,
    /// Spellings that are shorter than a part, by their length.
    short: HashMap<usize, HashSet<Vec<char>>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Secrets as they are; empty ones do not count.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            all.add(secret);
            for encoded in encodings(secret) {
                all.add(&encoded);
            }
        }
        all
    }

    /// The text with `[secret]` in place of each secret and each long part of one.
    #[must_use]
    pub(crate) fn strike(&self, text: &str) -> String {
        if self.parts.is_empty() && self.short.is_empty() {
            return text.to_owned();
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        let first = spelled(text);
        self.find_within(&first, DEPTH, &mut found);
        for layer in layers(first).skip(1) {
            self.find(&layer, &mut found);
        }
        without(text, found)
    }

    /// Adds the places of the secrets in a layer, and in what it decodes to by one encoding after another.
    fn find_within(&self, layer: &[Spelled], depth: usize, found: &mut Vec<Range<usize>>) {
        self.find(layer, found);
        if depth == 0 {
            return;
        }
        for encoding in Encoding::ALL {
            if let Some(next) = decoded(layer, &[encoding]) {
                self.find_within(&next, depth - 1, found);
            }
        }
    }

    /// Adds one text and what it decodes to.
    fn add(&mut self, secret: &str) {
        for layer in layers(spelled(secret)) {
            let characters = folded(&layer);
            match characters.len() {
                0 => {}
                length if length < PART => {
                    self.short.entry(length).or_default().insert(characters);
                }
                _ => self.parts.extend(characters.windows(PART).filter_map(|part| <[char; PART]>::try_from(part).ok())),
            }
        }
    }

    /// Adds the places of the secrets in one layer of a text.
    fn find(&self, layer: &[Spelled], found: &mut Vec<Range<usize>>) {
        let seen: Vec<&Spelled> = layer.iter().filter(|one| counts(one.character)).collect();
        let characters = folded(layer);
        let mut add = |at: usize, length: usize| {
            if let (Some(first), Some(last)) = (seen.get(at), seen.get(at + length - 1)) {
                found.push(first.place.start..last.place.end);
            }
        };
        for (at, part) in characters.windows(PART).enumerate() {
            if <[char; PART]>::try_from(part).is_ok_and(|part| self.parts.contains(&part)) {
                add(at, PART);
            }
        }
        for (length, secrets) in &self.short {
            for (at, text) in characters.windows(*length).enumerate() {
                if secrets.contains(text) {
                    add(at, *length);
                }
            }
        }
    }
}

/// A text, and what it decodes to by all encodings together until nothing changes.
fn layers(text: Vec<Spelled>) -> impl Iterator<Item = Vec<Spelled>> {
    let next = |layer: &Vec<Spelled>| decoded(layer, &Encoding::ALL);
    std::iter::successors(Some(text), next).take(LAYERS)
}

/// The characters that are compared: those that a message would show, in lower case.
fn folded(layer: &[Spelled]) -> Vec<char> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    layer.iter().map(|one| one.character).filter(|c| counts(*c)).map(lower).collect()
}

/// Whether a character counts. Characters that no message shows may occur between those of a secret.
fn counts(c: char) -> bool {
    !c.is_control() && !is_invisible(c)
}

/// Whether a character is invisible and changes how the others are shown.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// What encodings of other kinds make of a secret, without what depends on its neighbours.
fn encodings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut all = vec![bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()];
    if secret.contains(' ') {
        // A form writes a space as a plus sign.
        all.push(secret.replace(' ', "+"));
    }
    // Base64 encodes three bytes as four characters. `before` bytes of something else come first, and the characters that
    // hold bits of them, or of what follows, are left out.
    for before in 0..3 {
        let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
        let bits = padded.len() * 8;
        let (from, to) = ((before * 8).div_ceil(6), bits / 6);
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            all.extend(encoded.get(from..to).map(str::to_owned));
        }
    }
    // What is that short is found in any text.
    all.retain(|encoded| encoded.len() >= 4);
    all
}

/// A text without these places, each of which is between two characters.
fn without(text: &str, mut found: Vec<Range<usize>>) -> String {
    found.sort_unstable_by_key(|place| (place.start, place.end));
    let (mut shown, mut at, mut open) = (String::new(), 0, None::<Range<usize>>);
    let mut close = |place: Range<usize>, at: &mut usize| {
        shown.push_str(text.get(*at..place.start).unwrap_or_default());
        shown.push_str(STRUCK);
        *at = place.end;
    };
    for place in found {
        open = Some(match open.take() {
            Some(before) if place.start <= before.end => before.start..before.end.max(place.end),
            Some(before) => {
                close(before, &mut at);
                place
            }
            None => place,
        });
    }
    if let Some(last) = open {
        close(last, &mut at);
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr3t+Q~Abc/def&01%2B\"9 \u{fc}x";

    fn struck(text: &str) -> String {
        Secrets::new([SECRET]).strike(text)
    }

    #[test]
    fn every_spelling_of_a_whole_secret_is_struck() {
        let escape = |c: char| format!("\\u{:04X}", u32::from(c));
        let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let entities = |text: &str| text.chars().map(|c| format!("&#{};", u32::from(c))).collect::<String>();
        let spellings = [
            SECRET.to_owned(),
            SECRET.to_uppercase(),
            SECRET.chars().map(escape).collect(),
            percent(SECRET),
            percent(&percent(SECRET)),
            entities(SECRET),
            entities(&percent(SECRET)),
            SECRET.replace('&', "&amp;").replace('+', "%2B").replace('"', "\\\""),
            SECRET.chars().map(String::from).collect::<Vec<_>>().join("\u{200b}"),
            SECRET.replace("Abc", "A\r\nbc"),
            SECRET.bytes().map(|byte| format!("{byte:02X}")).collect(),
        ];
        for spelling in spellings {
            assert_eq!(struck(&format!("no: {spelling}.")), "no: [secret].", "{spelling}");
        }
    }

    #[test]
    fn base64_is_struck_wherever_the_secret_begins() {
        for before in ["", "a", "ab", "abc", "client:"] {
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let encoded = engine.encode(format!("{before}{SECRET}"));
                let left = struck(&encoded);
                assert!(left.len() <= "[secret]".len() + before.len() * 2 + 4, "{encoded}: {left}");
            }
        }
    }

    #[test]
    fn parts_are_struck_and_what_is_no_part_stays() {
        assert_eq!(struck("begins with s3cr3t+Q~ and so on"), "begins with [secret] and so on");
        assert_eq!(struck("s3cr3t+ is shorter than a part"), "s3cr3t+ is shorter than a part");
        assert_eq!(Secrets::new(["abc"]).strike("abcd \\u0061bc"), "[secret]d [secret]");
        assert_eq!(Secrets::new([""]).strike("x \\u0061"), "x \\u0061");
        let same = "AADSTS7000215: Invalid client secret provided. C:\\new &amp; 100%";
        assert_eq!(struck(same), same);
    }
}

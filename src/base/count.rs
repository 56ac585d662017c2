//! Numbers with their nouns.

use std::fmt::Display;

/// A number with its noun, as in "1 person" and "2 people".
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let noun = if number == N::from(1) { one } else { many };
    format!("{number} {noun}")
}

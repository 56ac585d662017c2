//! Words at the beginning of a sentence.

/// The text with a capital letter at its beginning.
#[must_use]
pub(crate) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_letter_changes_also_where_it_takes_several_bytes() {
        assert_eq!(["", "over the air", "über MFA", "ßx"].map(capitalized), ["", "Over the air", "Über MFA", "SSx"]);
    }
}

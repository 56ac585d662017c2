//! Suggests the word that a person probably meant.

/// No suggestion is made for longer words, because comparing them takes long.
const LONGEST: usize = 64;

/// The candidate that differs from `word` only in case, dashes and underscores; otherwise the nearest one with
/// a few different letters.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let word = bare(word);
    let distance = |candidate: &&str| strsim::damerau_levenshtein(&word, &bare(candidate));
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= 2 * LONGEST)
        .map(|candidate| (distance(&candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn case_dashes_and_single_letters_are_near() {
        let keys = ["requiredAtSignIn", "reconfirmAfterDays", "required", "allowed"];
        assert_eq!(nearest("required_at_sign_in", keys), Some("requiredAtSignIn"));
        assert_eq!(nearest("requird", keys), Some("required"));
        assert_eq!(nearest("alowed", keys), Some("allowed"));
        assert_eq!(nearest("frequency", keys), None);
        assert_eq!(nearest("", keys), None);
        assert_eq!(nearest(&"a".repeat(1000), keys), None);
    }
}

//! Texts: comments and messages use none of the words that the house replaced, and few comments are only a few words.

use crate::rules::names::REPLACED;

/// The most doc comments of one crate that end with a line of at most three words: either the whole comment, which then
/// hardly says more than the name, or the rest of a sentence that was broken badly.
pub(crate) const MOST_SHORT_DOCS: usize = 80;

/// What others wrote, word by word, with the file that quotes it.
const QUOTED: &[(&str, &str)] = &[("src/policy/questions.rs", "the first school you attended?")];

/// The lines of doc comments that have at most three words and end a sentence.
pub(crate) fn short_docs(text: &str) -> impl Iterator<Item = usize> {
    text.lines().zip(1..).filter(|(line, _)| is_short_doc(line)).map(|(_, number)| number)
}

fn is_short_doc(line: &str) -> bool {
    let Some(sentence) = line.trim_start().strip_prefix("/// ").and_then(|rest| rest.strip_suffix('.')) else {
        return false;
    };
    let words = || sentence.split(' ');
    words().count() <= 3 && words().all(|word| !word.is_empty() && !word.contains(char::is_whitespace))
}

/// The lines with a replaced word, whatever they are: comments, messages, help or templates.
pub(crate) fn replaced_words(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !is_published(line));
    lines
        .filter(|(line, _)| !QUOTED.iter().any(|(file, quoted)| *file == path && line.contains(quoted)))
        .filter_map(|(line, number)| {
            let line = line.to_lowercase();
            let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
            let word = words.find(|word| REPLACED.contains(word))?;
            Some(format!(
                "{path}:{number}: the word `{word}` is replaced: use the word of the field, as docs/decisions/vocabulary.md says"
            ))
        })
        .collect()
}

/// Whether a line has a word that is published and so stays: the name of a field in a file, or the code of a rule.
fn is_published(line: &str) -> bool {
    let mut renamed = line.match_indices("rename").map(|(at, found)| line[at + found.len()..].trim_start());
    line.contains("others-beside")
        || renamed.any(|rest| rest.strip_prefix('=').is_some_and(|value| value.trim_start().starts_with('"')))
}

//! Names: each type has one of its own in its crate, and identifiers use none of the words that the house replaced.

use std::collections::BTreeMap;

use crate::tree::File;

/// The types of SARIF have the names of its specification.
const NAMED_ELSEWHERE: &str = "src/render/sarif/document.rs";
/// Types of which each build has another one, with the file of both.
const ONE_FOR_EACH_BUILD: &[(&str, &str)] = &[("src/cli/sandbox.rs", "SandboxServer")];

/// Identifiers of libraries.
const OF_LIBRARIES: &[&str] = &["keep_trailing_newline"];

/// Words that no identifier, no file and no text may have: `docs/decisions/vocabulary.md` says which word to use instead.
pub(crate) const REPLACED: [&str; 27] = [
    "told",
    "tell",
    "tells",
    "telling",
    "mend",
    "mends",
    "wish",
    "wishes",
    "upkeep",
    "sighting",
    "sightings",
    "bulletin",
    "courier",
    "errand",
    "upshot",
    "trouble",
    "troubles",
    "vouched",
    "beside",
    "misshapen",
    "unpinned",
    "setback",
    "codebook",
    "drastic",
    "verdict",
    "manner",
    "attended",
];

/// Words that texts may have, but no identifier and no file.
const REPLACED_IN_NAMES: [&str; 5] = ["keep", "kept", "stand", "settle", "look"];

/// Types that are defined more than once in a crate.
pub(crate) fn repeated_types(files: &[File]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path != NAMED_ELSEWHERE) {
        let is_one = |name: &str| ONE_FOR_EACH_BUILD.contains(&(file.path.as_str(), name));
        for (line, name) in file.types.iter().filter(|(_, name)| !is_one(name)) {
            places.entry(name).or_default().push(format!("{}:{line}", file.path));
        }
    }
    let repeated = places.into_iter().filter(|(_, places)| places.len() > 1);
    repeated
        .map(|(name, places)| {
            format!("{}: `{name}` is the name of {} types: each has its own", places.join(", "), places.len())
        })
        .collect()
}

/// Identifiers and names of files with a replaced word.
pub(crate) fn replaced_words(file: &File) -> Vec<String> {
    let rule = "is replaced: use the word of the field, as docs/decisions/vocabulary.md says";
    let name = file.path.split(['/', '.', '-']).find_map(|part| replaced_word(part));
    let name = name.map(|word| format!("{}:1: the word `{word}` in the path {rule}", file.path));
    let identifiers = file.identifiers.iter().filter_map(|(identifier, line)| {
        let word = replaced_word(identifier)?;
        Some(format!("{}:{line}: the word `{word}` in `{identifier}` {rule}", file.path))
    });
    name.into_iter().chain(identifiers).collect()
}

/// The word of an identifier that is replaced, in `snake_case`, `CamelCase` and `SCREAMING_CASE`.
fn replaced_word(identifier: &str) -> Option<&'static str> {
    if OF_LIBRARIES.contains(&identifier) {
        return None;
    }
    let mut words = vec![String::new()];
    let mut after_lowercase = false;
    for character in identifier.chars() {
        if character == '_' || (character.is_uppercase() && after_lowercase) {
            words.push(String::new());
        }
        after_lowercase = character.is_lowercase();
        words.last_mut().into_iter().for_each(|word| word.extend(character.to_lowercase().filter(|c| *c != '_')));
    }
    REPLACED.into_iter().chain(REPLACED_IN_NAMES).find(|replaced| words.iter().any(|word| word == replaced))
}

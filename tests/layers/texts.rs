//! Comments, messages and templates of both crates, by the rules of `rules/texts.rs`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::rules::texts::{MOST_SHORT_DOCS, replaced_words, short_docs};

/// The sources and templates below a folder of the repository, by their paths in it.
fn texts(folder: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths)?;
    paths.sort();
    let read = |path: &PathBuf| {
        let shown = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        Ok((shown, fs::read_to_string(path)?))
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| ["rs", "jinja", "md"].iter().any(|read| extension == *read))
        {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn texts_have_no_replaced_word() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let single = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];
    let single = single.map(|name| fs::read_to_string(root.join(name)).map(|text| (name.to_owned(), text)));
    let single: Vec<_> = single.into_iter().collect::<Result<_, _>>()?;
    let mut texts = [texts("src")?, texts("crates")?, texts("docs")?, single].concat();
    // It lists the words that are replaced.
    texts.retain(|(path, _)| path != "docs/decisions/vocabulary.md");
    for ending in [".jinja", "docs/people.md"] {
        assert!(texts.iter().any(|(path, _)| path.ends_with(ending)), "{ending} is read");
    }
    let found: Vec<_> = texts.iter().flat_map(|(path, text)| replaced_words(path, text)).collect();
    assert!(found.is_empty(), "the house rules are broken:\n{}\n", found.join("\n"));
    Ok(())
}

#[test]
fn few_doc_comments_are_only_a_few_words() -> Result<(), Box<dyn Error>> {
    for crate_of in ["src", "crates"] {
        let texts = texts(crate_of)?;
        let short = texts.iter().flat_map(|(path, text)| short_docs(text).map(move |line| format!("{path}:{line}")));
        let short: Vec<_> = short.collect();
        assert!(
            short.len() <= MOST_SHORT_DOCS,
            "{} doc comments in {crate_of} end with at most three words on a line, {MOST_SHORT_DOCS} are the most: say \
             what the name does not, remove what it does, or break the sentence earlier:\n{}\n",
            short.len(),
            short.join("\n")
        );
    }
    Ok(())
}

#[test]
fn replaced_words_are_caught_in_texts() {
    let words = |text: &str| replaced_words("src/plan/order.rs", text);
    for text in ["/// Whoever is told.", "\"Nobody tells\"", "// Beside it.", "fn f(wish: u8)", "{{ verdict }}"] {
        let found = words(&format!("\n{text}"));
        assert!(found.len() == 1 && found[0].starts_with("src/plan/order.rs:2: the word"), "{text}: {found:?}");
    }
    for fine in ["#[serde(rename = \"told\")]", "code: \"others-beside\"", "a besides_b, retold and told_of", "keep it"]
    {
        assert_eq!(words(fine), Vec::<String>::new(), "{fine}");
    }
    let question = "\"What was the name of the first school you attended?\"";
    assert_eq!(words(question).len(), 1);
    assert!(replaced_words("src/policy/questions.rs", question).is_empty(), "Microsoft wrote it");
}

#[test]
fn short_doc_comments_are_counted() {
    let short = |text: &str| short_docs(text).collect::<Vec<_>>();
    assert_eq!(short("/// The date.\n    /// It is.\n/// The tenant's id.\n/// (`conformance`)."), [1, 2, 3, 4]);
    assert!(short("/// The id of it.\n/// The date\n//! The date.\n// The date.\n/// The  date.\n///.").is_empty());
}

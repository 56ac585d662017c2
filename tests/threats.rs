//! Every promise of the threat model points at its test.

use std::error::Error;
use std::fs;
use std::path::Path;

/// The tests that a text names: `file: test` between backticks.
fn named(text: &str) -> Vec<(String, String)> {
    let pieces = text.split('`').skip(1).step_by(2);
    let named = pieces.filter_map(|piece| piece.strip_prefix("tests/")?.split_once(": "));
    named.map(|(file, test)| (format!("tests/{file}"), test.to_owned())).collect()
}

/// Whether a source has this test: a function of this name with `#[test]` or the like above it, or one of `proptest!`.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let begins = |line: &str| {
        let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
        rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    let marked = |at: usize| {
        lines[..at].iter().rev().take_while(|line| line.starts_with("#[")).any(|line| line.contains("test"))
    };
    lines.iter().enumerate().any(|(at, line)| begins(line) && marked(at))
}

#[test]
fn every_test_that_the_threat_model_names_exists() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threat-model.md"))?;
    let named = named(&page);
    assert!(named.len() > 35, "only {} tests are named", named.len());
    for (file, test) in named {
        let source = fs::read_to_string(root.join(&file)).map_err(|error| format!("{file}: {error}"))?;
        assert!(has_test(&source, &test), "{file} has no test {test}");
    }
    // What looks like a test but is not read as one would be a promise without any.
    assert_eq!(page.matches("tests/").count(), self::named(&page).len(), "a test is named in another form");
    assert!(fs::read_to_string(root.join("SECURITY.md"))?.contains("docs/threat-model.md"));
    Ok(())
}

#[test]
fn tests_are_distinguished_from_other_functions() {
    let source =
        "#[tokio::test]\nasync fn one() {}\nfn two() {}\nproptest! {\n    #[test]\n    fn three(x in y) {}\n}\n";
    assert!(has_test(source, "one") && has_test(source, "three"));
    assert!(!has_test(source, "two") && !has_test(source, "on") && !has_test(source, "four"));
}

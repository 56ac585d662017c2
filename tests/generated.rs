//! Files that are made from the source. `SSPRCTL_BLESS=1 cargo test --test generated` makes them; without it a stale file
//! is an error.

use std::error::Error;
use std::fs;
use std::path::Path;

use ssprctl::policy::schema;

type Test = Result<(), Box<dyn Error>>;

/// Compares a file of the repository with what it must hold, or writes it.
fn generated(path: &str, text: &str) -> Test {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("SSPRCTL_BLESS").is_some() {
        fs::create_dir_all(file.parent().ok_or("a file without a folder")?)?;
        fs::write(&file, text)?;
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == text, "{path} is stale: make it with `SSPRCTL_BLESS=1 cargo test --test generated`");
    Ok(())
}

/// A JSON file as everybody expects it: indented, with a line break at the end.
fn json(value: &serde_json::Value) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|text| text + "\n")
}

#[test]
fn the_policy_schema_is_fresh() -> Test {
    generated("schemas/policy.json", &json(&schema::schema())?)
}

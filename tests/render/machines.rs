//! What machines read: SARIF and workflow commands, with plain and with hostile words.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::base::finding::Finding;
use ssprctl::testing::engine::result::ValidationReport;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::render::{github, sarif};
use ssprctl::testing::review::rules;

use super::fixture::{self, Outcomes, Words};
use super::{golden, hostile_words};

/// Every report of either kind.
fn reports(words: &Words) -> Outcomes<[(String, String); 3]> {
    let (reviews, driftings) = (fixture::reviews(words)?, fixture::driftings(words)?);
    let (checked, exceptions) = (fixture::checked(words), fixture::exceptions(words));
    let checked = checked.report();
    Ok([
        (sarif::validate(&checked, "infra", Exit::Invalid), github::validate(&checked, "infra")),
        (sarif::plan(&reviews, &exceptions, "infra", Exit::NoAccess), github::plan(&reviews, &exceptions, "infra")),
        (sarif::drift(&driftings, "infra", Exit::NoAccess), github::drift(&driftings, "infra")),
    ])
}

#[test]
fn reports_are_as_published() -> Outcomes<()> {
    for (name, (sarif, github)) in ["validate", "plan", "drift"].into_iter().zip(reports(&Words::plain())?) {
        let version = format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
        golden(&format!("{name}.sarif"), &sarif.replace(&version, "\"semanticVersion\": \"[VERSION]\""));
        golden(&format!("{name}.github"), &github);
    }
    Ok(())
}

/// A workflow command, as a runner reads it.
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    message: String,
}

/// Reads a line as a runner does: blanks before the colons do not count, `##[` anywhere is a command of the old form.
fn command(line: &str) -> Option<Command> {
    let Some(rest) = line.trim_start().strip_prefix("::") else {
        let old = line.contains("##[");
        return old.then(|| Command { name: "old".into(), properties: Vec::new(), message: line.into() });
    };
    let (head, message) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let undo = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n");
    let property = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key.to_owned(), undo(value).replace("%3A", ":").replace("%2C", ",").replace("%25", "%"))
    };
    Some(Command {
        name: name.to_owned(),
        properties: properties.split(',').map(property).collect(),
        message: undo(message).replace("%25", "%"),
    })
}

/// Whether a runner sees what was meant: as many annotations as ever, and nothing else.
fn annotations(text: &str, expected: &str) -> Outcomes<()> {
    let (lines, meant): (Vec<_>, Vec<_>) = (text.lines().collect(), expected.lines().collect());
    assert_eq!(lines.len(), meant.len(), "{text}");
    for (line, meant) in lines.iter().zip(&meant) {
        let Some(Command { name, properties, message }) = command(line) else {
            assert!(meant == line && !line.contains("::"), "{line:?}");
            continue;
        };
        let meant = command(meant).ok_or("a command where none was meant")?;
        assert_eq!(name, meant.name);
        let keys = |list: &[(String, String)]| list.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        let (keys, all) = (keys(&properties), keys(&meant.properties));
        // A path that leads out of the repository names no file.
        assert!(keys == all || keys == ["title"], "{line:?}");
        assert_eq!(properties.last(), meant.properties.last(), "the title is ours");
        assert!(!message.contains(|c: char| c.is_control() && c != '\n'), "{message:?}");
    }
    Ok(())
}

#[test]
fn commands_are_found_as_runners_find_them() {
    for line in ["::set-output name=a::b", "  ::stop-commands::x", "text ##[add-path]x"] {
        assert!(command(line).is_some_and(|command| command.name != "error"), "{line}");
    }
    assert!(command("Plan: 1 to change").is_none());
}

/// What must hold of any SARIF that is written.
fn sound(text: &str) -> Outcomes<()> {
    let log: Value = serde_json::from_str(text)?;
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().ok_or("no rules")?;
    let mut fingerprints = BTreeSet::new();
    for result in run["results"].as_array().ok_or("no results")? {
        let index = usize::try_from(result["ruleIndex"].as_u64().ok_or("no index")?)?;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(fingerprints.insert(result["partialFingerprints"].to_string()), "two results share a name: {result}");
        for location in result["locations"].as_array().into_iter().flatten() {
            let physical = &location["physicalLocation"];
            let uri = physical["artifactLocation"]["uri"].as_str().ok_or("no address")?;
            assert!(uri.is_ascii() && !uri.contains([' ', '#', '?', ':', '\\']), "{uri}");
            let number = |key: &str| physical["region"][key].as_u64().unwrap_or_default();
            assert!(number("startLine") > 0 && number("startColumn") > 0, "{physical}");
            let (start, end) = ((number("startLine"), number("startColumn")), (number("endLine"), number("endColumn")));
            assert!(start <= end, "{physical}");
        }
        let message = result["message"]["text"].as_str().ok_or("no message")?;
        assert!(!message.contains(|c: char| c.is_control()), "{message:?}");
    }
    for rule in rules {
        for part in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[part]["text"].as_str().is_some_and(|text| text.ends_with(['.', '?'])), "{rule}");
        }
    }
    Ok(())
}

#[test]
fn tags_name_benchmarks() {
    let findings = rules::ALL
        .iter()
        .filter(|rule| !rule.benchmark.is_empty())
        .map(|rule| Finding::warning(rule.code, "x"))
        .collect::<Vec<_>>();
    let checked = report(&findings, 1);
    let text = sarif::validate(&checked, "", Exit::Done);
    for number in 1..=5 {
        assert!(text.contains(&format!("\"CIS M365 v7 5.2.4.{number}\"")), "{number}");
    }
}

/// A report about one file, with nothing but findings.
fn report(findings: &[Finding], tenants: usize) -> ValidationReport<'_> {
    ValidationReport {
        findings,
        waived: &[],
        silenced: &[],
        exceptions: &[],
        policies: &[],
        shared: &[],
        full: false,
        files: 1,
        tenants,
    }
}

/// The fingerprints and first lines of what is wrong with a policy.
fn fingerprints(policy: &str) -> Result<(Vec<String>, Vec<u64>), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("a.yaml"), policy)?;
    let loaded =
        load(&["a.yaml".into()], &LoadOptions { folder: folder.path().into(), root: Some(folder.path().into()) });
    let checked = report(&loaded.findings, 0);
    let log: Value = serde_json::from_str(&sarif::validate(&checked, "", Exit::Invalid))?;
    let results = log["runs"][0]["results"].as_array().ok_or("no results")?;
    let names = results.iter().map(|result| result["partialFingerprints"].to_string()).collect();
    let lines =
        results.iter().filter_map(|result| result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64());
    Ok((names, lines.collect()))
}

#[test]
fn fingerprints_stay_when_lines_move() -> Outcomes<()> {
    let policy = "version: 1\ntenant: contoso.com\nnotifications:\n  users: yes\n  administrators: yes\nmethods:\n  required: 3\n";
    let (names, lines) = fingerprints(policy)?;
    let (moved, lower) = fingerprints(&policy.replace("notifications", "# a comment\n\nnotifications"))?;
    assert_eq!((names.len(), &names), (3, &moved));
    assert_eq!(lower, lines.iter().map(|line| line + 2).collect::<Vec<_>>());
    let (repaired, _) = fingerprints(&policy.replace("users: yes", "users: true"))?;
    assert!(repaired.iter().all(|name| names.contains(name)), "the others have their names");
    Ok(())
}

fn check(words: &Words) -> Outcomes<()> {
    for ((sarif, github), (_, plain)) in reports(words)?.into_iter().zip(reports(&Words::plain())?) {
        sound(&sarif)?;
        annotations(&github, &plain)?;
    }
    Ok(())
}

/// Pieces of workflow commands, and pieces of everything else.
fn commands() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "::",
        ":",
        "%",
        "%0A",
        "%25",
        "%3A",
        "\n",
        "\r",
        "\r\n",
        "::set-output name=a::b",
        "::stop-commands::token",
        "::add-mask::x",
        "##[error]",
        "##[",
        "##vso[",
        ",",
        "=",
        "title=x",
        " ",
        "::error file=a::b",
        "{0}",
        "[a](1)",
        "\u{2028}",
        "\u{85}",
        "../",
        "/",
        "a",
    ]);
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn plain_words_break_no_machine() -> Outcomes<()> {
    check(&Words::plain())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, rng_seed: RngSeed::Fixed(20_261_125), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_words_break_no_machine(words in hostile_words()) {
        check(&words).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }

    #[test]
    fn no_word_becomes_a_command((tenant, path, text) in (commands(), commands(), commands())) {
        check(&Words { tenant, path, text }).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }
}

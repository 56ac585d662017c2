//! `ssprctl.yaml`: where it is found, what it may say, what it changes.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use ssprctl::base::finding::{Finding, Severity};
use ssprctl::policy::repository::{self, Repository};
use ssprctl::review::judge::{Judged, judge};
use ssprctl::review::rules;
use ssprctl::review::standards::{self, Standards};
use ssprctl::review::subject::Subject;

use crate::written::{Ended, TODAY, codes, spot, wanted};

fn found(text: &str) -> Result<Repository, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("ssprctl.yaml"), text)?;
    Ok(repository::find(folder.path()))
}

/// What is wrong with a file.
fn wrong(text: &str) -> Result<Vec<Finding>, Box<dyn Error>> {
    Ok(Standards::agreed(&found(text)?, TODAY).1)
}

fn judged(rules: &str, sections: &str) -> Result<Judged, Box<dyn Error>> {
    let (standards, findings) = Standards::agreed(&found(&format!("version: 1\nrules:\n{rules}"))?, TODAY);
    assert_eq!(findings, []);
    Ok(judge(Subject::offline(&wanted(sections)?), &standards))
}

#[test]
fn rules_are_raised_and_silenced() -> Ended {
    let both = "methods: { required: 1 }\nhelpdesk: { link: none }";
    let found = judged("  one-method-required: error\n  no-helpdesk-link: off\n", both)?;
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    assert_eq!(told, [("one-method-required", Severity::Error)]);
    let found = judged("  no-helpdesk-link: warning\n", both)?;
    assert_eq!(codes(&found.findings), ["one-method-required", "no-helpdesk-link"]);
    Ok(())
}

#[test]
fn a_waiver_may_be_made_to_hurt_when_it_is_over() -> Ended {
    let sections = "helpdesk: { link: none }\nwaivers:\n  - rule: no-helpdesk-link\n    reason: the page is being built\n    owner: identity@contoso.com\n    expires: 2026-10-31";
    let found = judged("  waiver-expired: error\n", sections)?;
    let told: Vec<_> = found.findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    assert_eq!(told, [("no-helpdesk-link", Severity::Warning), ("waiver-expired", Severity::Error)]);
    let found = judged("  no-helpdesk-link: off\n", &sections.replace("2026-10", "2027-10"))?;
    assert_eq!(codes(&found.findings), ["waiver-unused"], "what is silenced needs no waiver");
    Ok(())
}

#[test]
fn whatever_is_wrong_is_told_with_its_place() -> Ended {
    for (text, code, place) in [
        ("version: 1\nrules:\n  one-method: error\n", "unknown-rule", (3, "one-method")),
        ("version: 1\nrules:\n  unknown-key: off\n", "unknown-rule", (3, "unknown-key")),
        ("version: 1\nrules:\n  not-enough-methods: off\n", "rule-enforced", (3, "off")),
        ("version: 1\nrules:\n  not-enough-methods: warning\n", "rule-enforced", (3, "warning")),
        ("version: 1\nrules:\n  no-helpdesk-link: of\n", "unknown-value", (3, "of")),
        ("version: 1\nrules:\n  no-helpdesk-link: true\n", "wrong-type", (3, "true")),
        ("version: 1\nrules:\n  no-helpdesk-link:\n", "null-value", (3, "no-helpdesk-link")),
        ("version: 1\nrule: {}\n", "unknown-key", (2, "rule")),
        ("version: 2\n", "unsupported-version", (1, "2")),
        ("rules: {}\n", "missing-key", (1, "rules")),
        ("version: 1\nrules: {a: off, a: off}\n", "duplicate-key", (2, "a")),
        ("version: 1\n\trules: {}\n", "syntax", (1, "")),
        ("", "empty-file", (1, "")),
    ] {
        let findings = wrong(text)?;
        let [finding] = findings.as_slice() else { return Err(format!("{text:?}: {findings:#?}").into()) };
        assert_eq!((finding.code, finding.severity), (code, Severity::Error), "{text:?}");
        assert_eq!(spot(finding), Some(place), "{text:?}");
        assert!(!finding.message.contains("policy"), "{text:?}: {}", finding.message);
    }
    assert_eq!(
        wrong("version: 1\nrules:\n  not-enough-methods: error\n")?,
        [],
        "to say what holds anyway is no mistake"
    );
    Ok(())
}

fn in_folder(top: &Path, files: &[(&str, &str)]) -> std::io::Result<()> {
    for (path, text) in files {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap_or(top))?;
        fs::write(path, text)?;
    }
    Ok(())
}

#[test]
fn the_nearest_file_up_to_the_top_of_the_repository_counts() -> Ended {
    let folder = tempfile::tempdir()?;
    let says = |level: &str| format!("version: 1\nrules: {{ scope-none: {level} }}\n");
    in_folder(
        folder.path(),
        &[
            ("ssprctl.yaml", says("off").as_str()),
            ("repo/.git/HEAD", ""),
            ("repo/ssprctl.yaml", says("error").as_str()),
            ("repo/infra/sspr/policies/a.yaml", "version: 1\n"),
            ("repo/near/ssprctl.yaml", says("warning").as_str()),
            ("other/.git/HEAD", ""),
        ],
    )?;
    for (start, below, path) in [
        ("repo", "", Some("ssprctl.yaml")),
        ("repo/infra/sspr", "infra/sspr", Some("../../ssprctl.yaml")),
        ("repo/near", "near", Some("ssprctl.yaml")),
        ("other", "", None),
    ] {
        let found = repository::find(&folder.path().join(start));
        assert_eq!((found.below.as_str(), found.findings.len()), (below, 0), "{start}");
        let from = found.agreed.first().map(|agreed| agreed.code_place.source.path.as_str());
        assert_eq!(from, path, "{start}");
    }
    Ok(())
}

/// Editors and the loader must not disagree.
#[test]
fn the_published_schema_knows_every_rule() -> Ended {
    let validator = jsonschema::draft202012::new(&standards::repository_schema())?;
    let with = |code: &str, level: Json| json!({ "version": 1, "rules": { code: level } });
    for rule in rules::ALL {
        assert!(validator.is_valid(&with(rule.code, json!("error"))), "{}", rule.code);
        assert_eq!(validator.is_valid(&with(rule.code, json!("off"))), !rule.enforced, "{}", rule.code);
    }
    assert!(validator.is_valid(&with("waiver-unused", json!("off"))));
    assert!(!validator.is_valid(&with("waiver-not-allowed", json!("off"))));
    assert!(!validator.is_valid(&with("one-method", json!("off"))));
    assert!(!validator.is_valid(&json!({ "rules": {} })));
    Ok(())
}

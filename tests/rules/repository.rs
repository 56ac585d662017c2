//! `ssprctl.yaml`: where it is found, what it may say, what it changes.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::policy::repository::load::Repository;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::evaluate::{RuleResults, run_rules};
use ssprctl::testing::review::rule_context::RuleContext;
use ssprctl::testing::review::rules;
use ssprctl::testing::tenant::facts::{Hybrid, TenantFacts};

use crate::written::{TODAY, TestResult, codes, spot, wanted};

fn found(text: &str) -> Result<Repository, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("ssprctl.yaml"), text)?;
    Ok(load::discover(folder.path()))
}

/// What is wrong with a file.
fn wrong(text: &str) -> Result<Vec<Finding>, Box<dyn Error>> {
    Ok(ReviewConfig::from_repository(&found(text)?, TODAY).1)
}

fn judged(rules: &str, sections: &str) -> Result<RuleResults, Box<dyn Error>> {
    let (standards, findings) = ReviewConfig::from_repository(&found(&format!("version: 1\nrules:\n{rules}"))?, TODAY);
    assert_eq!(findings, []);
    Ok(run_rules(RuleContext::policy_only(&wanted(sections)?), &standards))
}

#[test]
fn rules_are_raised_and_silenced() -> TestResult {
    let both = "methods: { required: 1 }\nhelpdesk: { link: none }";
    let found = judged("  one-method-required: error\n  no-helpdesk-link: off\n", both)?;
    let report: Vec<_> = found.findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    assert_eq!(report, [("one-method-required", Severity::Error)]);
    let found = judged("  no-helpdesk-link: warning\n", both)?;
    assert_eq!(codes(&found.findings), ["one-method-required", "no-helpdesk-link"]);
    Ok(())
}

#[test]
fn an_error_that_the_service_does_not_force_may_become_a_warning() -> TestResult {
    let (config, _) =
        ReviewConfig::from_repository(&found("version: 1\nrules: { writeback-without-sync: warning }\n")?, TODAY);
    let desired = wanted("writeback: { passwords: true }")?;
    let facts =
        TenantFacts { hybrid: Some(Hybrid { synchronised: false, writeback_up: None }), ..TenantFacts::default() };
    let values = BTreeMap::new();
    let severities = |config: &ReviewConfig| {
        let found = run_rules(RuleContext::with_tenant(&desired, &values, &facts), config).findings;
        found.iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
    };
    assert_eq!(severities(&ReviewConfig::new(TODAY)), [("writeback-without-sync", Severity::Error)]);
    assert_eq!(severities(&config), [("writeback-without-sync", Severity::Warning)]);
    Ok(())
}

#[test]
fn every_ring_has_a_name_of_its_own() -> TestResult {
    for rings in ["[{ name: a, percent: 1 }, { name: a, percent: 1 }]", "[{ name: rest, percent: 1 }]"] {
        let findings = wrong(&format!("version: 1\nrings: {rings}\n"))?;
        let [finding] = findings.as_slice() else { return Err(format!("{rings}: {findings:#?}").into()) };
        assert!(finding.message.ends_with("is taken"), "{rings}: {}", finding.message);
    }
    Ok(())
}

#[test]
fn a_waiver_may_be_made_to_hurt_when_it_is_over() -> TestResult {
    let sections = "helpdesk: { link: none }\nwaivers:\n  - rule: no-helpdesk-link\n    reason: the page is being built\n    owner: identity@contoso.com\n    expires: 2026-10-31";
    let found = judged("  waiver-expired: error\n", sections)?;
    let report: Vec<_> = found.findings.iter().map(|finding| (finding.code, finding.severity)).collect();
    assert_eq!(report, [("no-helpdesk-link", Severity::Warning), ("waiver-expired", Severity::Error)]);
    let found = judged("  no-helpdesk-link: off\n", &sections.replace("2026-10", "2027-10"))?;
    assert_eq!(codes(&found.findings), ["waiver-unused"], "what is silenced needs no waiver");
    Ok(())
}

#[test]
fn whatever_is_wrong_is_reported_with_its_place() -> TestResult {
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
fn the_nearest_file_up_to_the_top_of_the_repository_counts() -> TestResult {
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
        let found = load::discover(&folder.path().join(start));
        assert_eq!((found.start_folder.as_str(), found.findings.len()), (below, 0), "{start}");
        let from = found.rules.first().map(|agreed| agreed.code_place.source.path.as_str());
        assert_eq!(from, path, "{start}");
    }
    Ok(())
}

/// Editors and the loader must not disagree.
#[test]
fn the_published_schema_knows_every_rule() -> TestResult {
    let validator =
        jsonschema::draft202012::new(&serde_json::from_str(include_str!("../../schemas/repository.json"))?)?;
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

#[test]
fn the_controllers_section_says_whom_to_suspend_and_notify() -> TestResult {
    let repository = found(
        "version: 1\ncontroller:\n  suspend: [\"fabrikam.*\"]\n  freeze:\n    - reason: no changes at the weekend\n      \
         days: [saturday, sunday]\n      from: \"16:00\"\n      timeZone: Europe/Berlin\n  notify:\n    - to: teams\n      url: SSPRCTL_NOTIFY_TEAMS\n",
    )?;
    assert_eq!(repository.findings, []);
    let config = json!({
        "suspend": ["fabrikam.*"],
        "freeze": [{
            "reason": "no changes at the weekend",
            "days": ["saturday", "sunday"],
            "from": "16:00",
            "timeZone": "Europe/Berlin",
        }],
        "notify": [{ "to": "teams", "url": "SSPRCTL_NOTIFY_TEAMS" }],
    });
    assert_eq!(serde_json::to_value(&repository.controller)?, config);
    Ok(())
}

#[test]
fn errors_in_the_controllers_section_are_reported_with_their_place() -> TestResult {
    for (orders, code, place) in [
        ("suspend: [\"[\"]", "invalid-format", (3, "\"[\"")),
        ("freeze: [{ reason: never, timeZone: Europe/Atlantis }]", "unknown-value", (3, "Europe/Atlantis")),
        ("freeze: [{ reason: never, from: \"25:00\" }]", "invalid-format", (3, "\"25:00\"")),
        ("freeze: [{ reason: never, to: 9 }]", "wrong-type", (3, "9")),
        ("freeze: [{ reason: never, days: [freitag] }]", "unknown-value", (3, "freitag")),
        ("freeze: [{ reason: never, lastDay: 2026-02-29 }]", "invalid-format", (3, "2026-02-29")),
        ("freeze: [{ reason: never, firstDay: 2026-12-21, lastDay: 2026-12-20 }]", "out-of-range", (3, "2026-12-20")),
        ("freeze: [{ from: \"09:00\" }]", "missing-key", (3, "{ from: \"09:00\" }")),
        ("freeze: [{ reason: never, tenants: [\"***\"] }]", "invalid-format", (3, "\"***\"")),
        ("notify: [{ to: slack, url: AZURE_CLIENT_SECRET }]", "invalid-format", (3, "AZURE_CLIENT_SECRET")),
        ("notify: [{ to: mail, url: SSPRCTL_NOTIFY_MAIL }]", "unknown-value", (3, "mail")),
    ] {
        let findings = wrong(&format!("version: 1\ncontroller:\n  {orders}\n"))?;
        let [finding] = findings.as_slice() else { return Err(format!("{orders:?}: {findings:#?}").into()) };
        assert_eq!((finding.code, finding.severity), (code, Severity::Error), "{orders:?}");
        assert_eq!(spot(finding), Some(place), "{orders:?}: {finding:?}");
    }
    Ok(())
}

/// Whoever writes the address itself into the file must not find it in every log.
#[test]
fn an_address_in_the_wrong_place_is_not_repeated() -> TestResult {
    let secret = "https://hooks.slack.example/services/T0/B0/secret";
    let findings = wrong(&format!("version: 1\ncontroller:\n  notify: [{{ to: slack, url: \"{secret}\" }}]\n"))?;
    assert_eq!(codes(&findings), ["invalid-format"]);
    assert!(findings.iter().all(|finding| !finding.message.contains("secret")), "{findings:#?}");
    Ok(())
}

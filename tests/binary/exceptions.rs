//! What a change switches off is seen in every format in which it is decided, and stays what was reviewed.

use std::error::Error;
use std::fs;

use entra_sandbox::Faults;
use serde_json::Value;

use crate::harness::{Harness, Run, TestResult};

const POLICY: &str = "scope: { users: all }
methods: { required: 2, allowed: [email, mobilePhone] }
notifications: { users: false }
helpdesk: { link: none }
waivers:
  - { rule: sms-voice-retirement, reason: the app is rolled out until then, owner: alice@contoso.com, expires: 2027-01-15 }
  - { rule: no-helpdesk-link, reason: the page is being made, owner: bob@contoso.com, expires: 2026-10-01 }";
const REPOSITORY: &str = "version: 1
rules: { users-not-notified: off, writeback-without-sync: warning, one-method-required: warning }
limits: { percent: 20, percentFrom: 50, allow: [scope-switched-off] }
";
const FORMATS: [&str; 5] = ["terminal", "markdown", "json", "sarif", "github"];

fn repository(policy: &str, repository: &str) -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(policy, Faults::none())?;
    fs::create_dir(harness.folder.path().join(".git"))?;
    if !repository.is_empty() {
        fs::write(harness.folder.path().join("ssprctl.yaml"), repository)?;
    }
    Ok(harness)
}

/// Runs a command on the day of the tests, which allows nothing unless its arguments do.
fn run(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    let mut command = harness.command(arguments);
    harness.finish(command.args(["--as-of", "2026-11-27"]).env_remove("SSPRCTL_ALLOW"))
}

/// The kind and the name of each exception, with its place.
fn listed(document: &Value) -> Vec<String> {
    let exceptions = document["exceptions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = exceptions.iter().map(|one| {
        let text = |key: &str| one[key].as_str().unwrap_or("-");
        format!("{} {} {}:{} {}", text("kind"), text("name"), text("path"), one["line"], one["findings"])
    });
    lines.collect()
}

#[test]
fn what_is_switched_off_is_listed_in_every_format() -> TestResult {
    let harness = repository(POLICY, REPOSITORY)?;
    for command in ["validate", "plan"] {
        for format in FORMATS {
            let run = run(&harness, &[command, "--format", format])?;
            assert_eq!(run.code, Some(0), "{command} {format}: {run:#?}");
            for name in [
                "users-not-notified",
                "writeback-without-sync",
                "limits.percentFrom",
                "scope-switched-off",
                "sms-voice-retirement",
                "alice@",
                "2027-01-15",
                "policies/policy.yaml",
                "ssprctl.yaml",
            ] {
                let shown = run.stdout.replace("&#8203;", "");
                assert!(shown.contains(name), "{command} {format}: {name}: {shown}");
            }
        }
        let json = run(&harness, &[command, "--format", "json"])?.json()?;
        let expected = [
            "ruleOff users-not-notified ssprctl.yaml:2 1",
            "ruleLowered writeback-without-sync ssprctl.yaml:2 0",
            "limitRaised limits.percentFrom ssprctl.yaml:3 0",
            "changeAllowed scope-switched-off ssprctl.yaml:3 0",
            "waiver sms-voice-retirement policies/policy.yaml:8 1",
        ];
        assert_eq!(listed(&json), expected, "{command}: {json:#}");
        assert_eq!(json["exceptions"][4]["owner"], "alice@contoso.com");
        assert!(json["exceptions"][4].get("change").is_none(), "there is no base");
        let place = if command == "plan" { &json["tenants"][0] } else { &json };
        assert_eq!(place["silenced"][0]["code"], "users-not-notified");
        assert_eq!(place["waived"][0]["finding"]["code"], "sms-voice-retirement");
    }
    Ok(())
}

#[test]
fn what_is_silenced_is_a_suppressed_result_of_sarif() -> TestResult {
    let harness = repository(POLICY, REPOSITORY)?;
    for command in ["validate", "plan", "drift"] {
        let run = run(&harness, &[command, "--format", "sarif"])?;
        let log: Value = serde_json::from_str(&run.stdout)?;
        let results = log["runs"][0]["results"].as_array().ok_or("no results")?;
        let of = |code: &str| results.iter().find(|result| result["ruleId"] == code).ok_or("no such result");
        let (waived, silenced) = (of("sms-voice-retirement")?, of("users-not-notified")?);
        for (result, kind, word) in [(waived, "inSource", "rolled out"), (silenced, "external", "ssprctl.yaml")] {
            let suppression = &result["suppressions"][0];
            assert_eq!((&suppression["kind"], &suppression["status"]), (&kind.into(), &"accepted".into()), "{result}");
            assert!(suppression["justification"].as_str().is_some_and(|text| text.contains(word)), "{result}");
            assert_eq!(result["level"], "note", "{command}");
        }
        let counting = of("no-helpdesk-link")?;
        assert!(counting.get("suppressions").is_none() && counting["level"] == "warning", "the waiver is over");
    }
    Ok(())
}

#[test]
fn an_option_of_the_command_line_is_listed_without_a_place() -> TestResult {
    let harness = repository("scope: { administrators: false }", "")?;
    let json = run(&harness, &["plan", "--format", "json", "--allow", "administrators-switched-off"])?.json()?;
    assert_eq!(listed(&json), ["changeAllowed administrators-switched-off -:null 1"], "{json:#}");
    Ok(())
}

#[test]
fn a_repository_without_exceptions_prints_nothing_of_them() -> TestResult {
    let harness = repository(
        "notifications: { users: false }\nmethods: { required: 1 }",
        "version: 1\nrules: { one-method-required: error }\nlimits: { tenants: 5, percent: 50 }\n",
    )?;
    for command in ["validate", "plan", "drift"] {
        for format in FORMATS {
            let run = run(&harness, &[command, "--format", format])?;
            let all = run.stdout.to_lowercase();
            for word in ["exception", "suppress", "silenced", "toolconfiguration"] {
                assert!(!all.contains(word), "{command} {format}: {word}: {all}");
            }
        }
    }
    Ok(())
}

/// Saves a review in a repository with this file, and applies it after the file was replaced.
fn apply_after(before: &str, after: &str, options: &[&str]) -> Result<(Harness, Run), Box<dyn Error>> {
    let harness = repository("notifications: { users: false, administrators: true }", before)?;
    let saved = harness.finish(harness.command(&["plan", "--out", "review.json"]).env_remove("SSPRCTL_ALLOW"))?;
    assert_eq!(saved.code, Some(0), "{saved:#?}");
    fs::write(harness.folder.path().join("ssprctl.yaml"), after)?;
    let mut apply = harness.command(&["apply", "--plan", "review.json", "--auto-approve"]);
    let run = harness.finish(apply.args(options).env_remove("SSPRCTL_ALLOW"))?;
    Ok((harness, run))
}

#[test]
fn an_exception_that_was_not_reviewed_makes_a_review_stale() -> TestResult {
    let none = "version: 1\n";
    let off = "version: 1\nrules: { users-not-notified: off }\n";
    let moved = "# a comment\nversion: 1\nrules: { users-not-notified: off }\n";
    let allowed = "version: 1\nlimits: { allow: [scope-switched-off] }\n";
    for (before, after, options, names) in [
        (none, off, &[][..], "users-not-notified (ssprctl.yaml:2:30)"),
        (off, allowed, &[], "scope-switched-off (ssprctl.yaml:2:19)"),
        (none, none, &["--allow", "too-many-tenants"], "too-many-tenants;"),
    ] {
        let (harness, run) = apply_after(before, after, options)?;
        assert_eq!((run.code, harness.asked() > 0, harness.writes()), (Some(5), true, 0), "{run:#?}");
        let said = format!("exceptions are in force that were not reviewed: {names}");
        assert!(run.stderr.contains(&said), "{run:#?}");
    }
    let (harness, run) = apply_after(off, moved, &[])?;
    assert_eq!((run.code, harness.writes()), (Some(0), 1), "the same exception on another line: {run:#?}");
    let (harness, run) = apply_after(off, none, &[])?;
    assert_eq!((run.code, harness.writes()), (Some(5), 0), "what it silenced is a new finding: {run:#?}");
    Ok(())
}

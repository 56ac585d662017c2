//! `advise`: the methods that keep most people able to reset, and the steps to them.

use std::error::Error;
use std::fs;

use entra_sandbox::{Faults, Person};
use serde_json::{Value, json};

use crate::harness::{CONTOSO, Harness, Run, TestResult};

/// The day from which every advice looks ahead.
const TODAY: &str = "2026-11-27";
/// Everybody may reset with one method, which phones alone are.
const PHONES: &str = "scope: { users: all, administrators: true }\nmethods: { required: 1, allowed: [mobilePhone] }";

fn run(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    harness.finish(harness.command(arguments).env("SSPRCTL_AS_OF", TODAY))
}

/// A tenant that depends on phones.
fn phones() -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(PHONES, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    Ok(harness)
}

#[test]
fn the_document_fits_its_schema_and_the_steps_lock_nobody_out() -> TestResult {
    let schema = jsonschema::validator_for(&serde_json::from_str(include_str!("../../schemas/advise.json"))?)?;
    let harness = phones()?;
    let document = run(&harness, &["advise", "--format", "json"])?.json()?;
    assert!(schema.is_valid(&document), "{document:#}");
    let advice = &document["tenants"][0]["advice"];
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let today = advice["today"]["dates"].as_array().ok_or("no dates")?;
    assert!(number(&today[0]["able"]) > 0 && advice["today"]["fewest"] == 0, "{advice:#}");
    let options = advice["options"].as_array().ok_or("no options")?;
    assert!(!options.is_empty(), "{advice:#}");
    let mut without_phones = 0;
    for option in options {
        let steps = option["steps"].as_array().ok_or("no steps")?;
        assert!(number(&option["simulation"]["pairs"]) > 0 && option["simulation"]["lose"] == 0, "{option:#}");
        assert!(number(&option["register"]["one"]) + number(&option["register"]["two"]) > 0, "{option:#}");
        let (first, last) = (steps.first().ok_or("no step")?, steps.last().ok_or("no step")?);
        assert_eq!(first["step"], "announce", "{option:#}");
        let has_phones = option["allowed"].as_array().is_some_and(|allowed| allowed.contains(&json!("mobilePhone")));
        let removes_phones = last["step"] == "remove" && last["before"] == "2027-02-01";
        assert_eq!(removes_phones, !has_phones, "{option:#}");
        without_phones += u64::from(removes_phones);
        // The policy that the last step writes is valid, and has the methods of the option.
        let yaml = last["yaml"].as_str().ok_or("no policy")?;
        let policy = format!("version: 1\ntenant: {CONTOSO}\nscope: {{ users: all, administrators: true }}\n{yaml}");
        fs::write(harness.folder.path().join("policies/policy.yaml"), &policy)?;
        let checked = run(&harness, &["validate"])?;
        assert_eq!(checked.code, Some(0), "{policy}{checked:#?}");
    }
    assert!(without_phones > 0, "{advice:#}");
    Ok(())
}

#[test]
fn an_option_that_is_not_there_and_a_tenant_that_cannot_be_read_are_said() -> TestResult {
    let harness = phones()?;
    let missing = run(&harness, &["advise", "--option", "99"])?;
    assert!(missing.code == Some(1) && missing.stderr.contains("there is no option 99"), "{missing:#?}");
    let person = Person::lacking(&["AuditLog.Read.All"]);
    let harness = Harness::of(CONTOSO, PHONES, Faults::none(), &person)?;
    let unread = run(&harness, &["advise"])?;
    assert_eq!(unread.code, Some(8), "{unread:#?}");
    assert_eq!(unread.stdout.lines().last(), Some("Advice: 0 options for 0 tenants; 1 tenant could not be read."));
    Ok(())
}

/// A date takes the reset from administrators by Microsoft's policy, which no option changes: both are said.
#[test]
fn administrators_are_affected_by_the_date_and_not_by_an_option() -> TestResult {
    let harness = phones()?;
    let shown = run(&harness, &["advise"])?.stdout;
    let line = shown.lines().find(|line| line.starts_with("  no option affects administrators")).ok_or("no line")?;
    assert!(
        line.contains("dates take the reset from them by that policy (8 can reset now, 0 on the worst date"),
        "{line}"
    );
    assert!(shown.contains("8 of them administrators") && !shown.contains("are not affected"), "{shown}");
    Ok(())
}

/// No output holds anything that names a person: no id but that of the tenant, and no address. Lines fit a terminal.
#[test]
fn nobody_is_named() -> TestResult {
    let harness = phones()?;
    for arguments in [vec!["advise"], vec!["advise", "--option", "1"]] {
        for format in ["terminal", "markdown", "json"] {
            let shown = run(&harness, &[arguments.clone(), vec!["--format", format]].concat())?;
            assert!(shown.code == Some(0) && !shown.stdout.contains('@'), "{shown:#?}");
            let is_id = |word: &&str| word.len() == 36 && word.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
            let words = shown.stdout.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            let ids: Vec<_> = words.filter(is_id).collect();
            assert_eq!(ids.len(), usize::from(format == "json"), "{ids:?}");
        }
    }
    Ok(())
}

/// A policy that names a group which is not there is no policy to count: the advice takes the scope as the tenant has it.
#[test]
fn a_policy_that_names_what_is_missing_is_said_to() -> TestResult {
    let harness = phones()?;
    let path = harness.folder.path().join("policies/policy.yaml");
    let scope = "scope: { users: selected, group: Nope, administrators: true }";
    fs::write(path, format!("version: 1\ntenant: {CONTOSO}\n{scope}\n"))?;
    let advice = run(&harness, &["advise", "--format", "json"])?.json()?["tenants"][0]["advice"].clone();
    assert_eq!(advice["notCounted"], json!(["group-not-found"]), "{advice:#}");
    assert!(advice["options"].as_array().is_some_and(|options| !options.is_empty()), "{advice:#}");
    let text = run(&harness, &["advise"])?;
    assert!(text.stdout.contains("something that the tenant does not have (group-not-found)"), "{text:#?}");
    Ok(())
}

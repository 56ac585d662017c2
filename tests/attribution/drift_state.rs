//! The time of a change, out of what runs saw.

use std::error::Error;

use ssprctl::testing::base::ids::TenantId;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::plan::drift_state::{ChangeWindow, DriftState, digest};

use crate::harness::{TestResult, at};

const TENANT: &str = "11111111-2222-4333-8444-555555555555";

fn drift_state() -> Result<DriftState, Box<dyn Error>> {
    Ok(DriftState::new(TENANT.parse::<TenantId>()?))
}

#[test]
fn a_bracket_lies_between_the_last_other_value_and_the_first_of_this() -> TestResult {
    let (name, two, one) = ("methods.required", Value::Number(2), Value::Number(1));
    let mut seen = drift_state()?;
    assert_eq!(seen.change_window(name, &two), None);
    seen.observe(name, &two, at("09:00")?);
    assert_eq!(seen.change_window(name, &two), Some(ChangeWindow::SeenOnce(at("09:00")?)), "there was one run");
    seen.observe(name, &two, at("09:05")?);
    assert_eq!(
        seen.change_window(name, &two),
        Some(ChangeWindow::UnchangedSince(at("09:00")?)),
        "no run saw another value"
    );
    assert_eq!(seen.change_window(name, &one), None, "no run saw this value");
    for time in ["09:20", "09:40"] {
        seen.observe(name, &one, at(time)?);
        let bracket = ChangeWindow::Between { after: at("09:05")?, by: at("09:20")? };
        assert_eq!(seen.change_window(name, &one), Some(bracket), "it stays while the value stays");
    }
    assert_eq!(seen.previous(name), Some(&digest(&two)), "the value that it had before");
    assert_eq!(DriftState::parse(&seen.text()?, TENANT.parse()?)?.previous(name), Some(&digest(&two)));
    seen.observe("notifications.users", &Value::Bool(true), at("09:40")?);
    seen.observe(name, &two, at("10:00")?);
    assert_eq!(seen.change_window(name, &two), Some(ChangeWindow::Between { after: at("09:40")?, by: at("10:00")? }));
    Ok(())
}

#[test]
fn a_clock_that_was_set_back_leaves_no_bracket() -> TestResult {
    let mut seen = drift_state()?;
    seen.observe("methods.required", &Value::Number(2), at("09:00")?);
    seen.observe("methods.required", &Value::Number(1), at("08:00")?);
    assert_eq!(seen.change_window("methods.required", &Value::Number(1)), Some(ChangeWindow::SeenOnce(at("08:00")?)));
    Ok(())
}

#[test]
fn what_was_seen_is_written_without_values_and_read_again() -> TestResult {
    let mut seen = drift_state()?;
    seen.observe("helpdesk.link", &Value::Text("https://help.contoso.com".into()), at("09:00")?);
    seen.observe("helpdesk.link", &Value::Unset, at("09:20")?);
    let text = seen.text()?;
    assert!(!text.contains("contoso"), "{text}");
    assert_eq!(DriftState::parse(&text, TENANT.parse()?)?, seen);
    let validator =
        jsonschema::draft202012::new(&serde_json::from_str(include_str!("../../schemas/drift-state.json"))?)?;
    let mut document: serde_json::Value = serde_json::from_str(&text)?;
    assert!(validator.is_valid(&document));
    document["formatVersion"] = 1.into();
    assert!(!validator.is_valid(&document));
    Ok(())
}

#[test]
fn a_file_that_is_not_ours_says_why() -> TestResult {
    let text = drift_state()?.text()?;
    let other = "99999999-2222-4333-8444-555555555555".parse()?;
    assert_eq!(DriftState::parse(&text, other), Err(format!("it is of the tenant {TENANT}")));
    for version in [1, 7] {
        let another = text.replace("\"formatVersion\": 2", &format!("\"formatVersion\": {version}"));
        assert_eq!(
            DriftState::parse(&another, TENANT.parse()?),
            Err(format!("it has the format {version}, and this program knows 2"))
        );
    }
    for damaged in ["", "{", "[]", "null", &text[..text.len() / 2]] {
        assert_eq!(DriftState::parse(damaged, TENANT.parse()?), Err("it is damaged".to_owned()), "{damaged:?}");
    }
    Ok(())
}

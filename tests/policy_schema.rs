//! The schema of the policy file: what editors and validators need of it.

use std::error::Error;

use serde_json::Value;
use ssprctl::testing::policy::document::PolicyFile;

type Test = Result<(), Box<dyn Error>>;

/// The published schema; the test of generated files holds it to the program.
fn published() -> serde_json::Result<Value> {
    serde_json::from_str(include_str!("../schemas/policy.json"))
}

/// Every part of a schema, with its path.
fn parts<'a>(schema: &'a Value, at: &str, found: &mut Vec<(String, &'a Value)>) {
    found.push((at.to_owned(), schema));
    for holder in ["properties", "$defs"] {
        for (name, part) in schema.get(holder).and_then(Value::as_object).into_iter().flatten() {
            parts(part, &format!("{at}/{holder}/{name}"), found);
        }
    }
    if let Some(items) = schema.get("items") {
        parts(items, &format!("{at}/items"), found);
    }
    for (index, part) in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
        parts(part, &format!("{at}/oneOf/{index}"), found);
    }
}

#[test]
fn every_key_and_word_is_described_in_one_line() -> Test {
    let schema = published()?;
    let mut found = Vec::new();
    parts(&schema, "", &mut found);
    assert!(found.len() > 40, "only {} parts", found.len());
    for (at, part) in found.iter().filter(|(at, _)| !at.ends_with("/items")) {
        let description = part.get("description").and_then(Value::as_str).unwrap_or_default();
        assert!(description.ends_with('.') && !description.contains('\n'), "{at}: {description:?}");
    }
    Ok(())
}

#[test]
fn only_what_every_validator_knows_is_used() -> Test {
    let schema = published()?;
    assert_eq!(schema.get("$schema").and_then(Value::as_str), Some("https://json-schema.org/draft/2020-12/schema"));
    assert_eq!(schema.get("$id"), None);
    let mut found = Vec::new();
    parts(&schema, "", &mut found);
    for (at, part) in found {
        assert_eq!(part.get("format"), None, "{at}");
        assert!(!part.get("type").is_some_and(Value::is_array), "{at}: null is never allowed");
    }
    Ok(())
}

#[test]
fn every_number_has_bounds_and_every_default_and_example_fits() -> Test {
    let schema = published()?;
    let mut found = Vec::new();
    parts(&schema, "", &mut found);
    let mut tried = 0;
    for (at, part) in found {
        if part.get("type").and_then(Value::as_str) == Some("integer") {
            assert!(part.get("minimum").is_some() && part.get("maximum").is_some(), "{at}");
        }
        let mut whole = part.clone();
        if let (Some(whole), Some(defs)) = (whole.as_object_mut(), schema.get("$defs")) {
            whole.insert("$defs".into(), defs.clone());
        }
        let validator = jsonschema::draft202012::new(&whole)?;
        let examples = part.get("examples").and_then(Value::as_array).into_iter().flatten();
        for value in examples.chain(part.get("default")) {
            assert!(validator.is_valid(value), "{at}: {value}");
            tried += 1;
        }
    }
    assert!(tried > 15, "only {tried} values");
    Ok(())
}

/// The validator and the types must accept the same documents; a document with every key shows the keys they share.
#[test]
fn schema_and_types_name_the_same_keys() -> Test {
    let whole: Value = serde_json::json!({
        "version": 1, "tenant": "contoso.com", "cloud": "usGov", "extends": ["base.yaml"],
        "scope": {"users": "selected", "group": "SSPR-Pilot", "administrators": true},
        "methods": {"required": 2, "allowed": ["mobileAppCode", "email"]},
        "securityQuestions": {"toRegister": 5, "toReset": 3, "questions": [{"custom": "Who founded the office?"}]},
        "registration": {"requiredAtSignIn": true, "reconfirmAfterDays": 0},
        "notifications": {"users": true, "administrators": false},
        "helpdesk": {"link": "none"},
        "writeback": {"passwords": true, "unlockWithoutReset": false},
        "windowsSignIn": {"resetLink": true, "group": "Windows devices"},
        "waivers": [{"rule": "no-helpdesk-link", "reason": "the page is being built", "owner": "identity@contoso.com", "expires": "2027-01-31"}],
    });
    let schema = published()?;
    assert!(jsonschema::draft202012::new(&schema)?.is_valid(&whole));
    let document: PolicyFile = serde_json::from_value(whole.clone())?;
    assert_eq!(serde_json::to_value(document)?, whole);
    let keys =
        |value: &Value| value.as_object().map(|keys| keys.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    assert_eq!(keys(&whole), keys(schema.get("properties").unwrap_or(&Value::Null)), "in the order of the format");
    Ok(())
}

/// The pattern of days and the calendar agree, day by day.
#[test]
fn the_pattern_of_days_is_the_calendar() -> Test {
    let schema = published()?;
    let pattern = schema.pointer("/$defs/Waiver/properties/expires").ok_or("no days")?;
    let validator = jsonschema::draft202012::new(pattern)?;
    for year in [2000, 2023, 2024, 2026, 2096, 2099] {
        for month in 0..=13 {
            for day in 0..=32 {
                let text = format!("{year}-{month:02}-{day:02}");
                let expected = text.parse::<jiff::civil::Date>().is_ok();
                assert_eq!(validator.is_valid(&text.clone().into()), expected, "{text}");
            }
        }
    }
    for text in ["2027-1-31", "27-01-31", "2027-01-31T00:00:00Z", "20270131", " 2027-01-31", "2127-01-31"] {
        assert!(!validator.is_valid(&text.into()), "{text}");
    }
    Ok(())
}

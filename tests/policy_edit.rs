//! Changing single values of a policy file: everything else stays to the byte.

use std::error::Error;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use ssprctl::policy::edit::{Edit, edit};

const FILE: &str = r#"# yaml-language-server: $schema=../schemas/policy.json
# Owned by the identity team.
version: 1
tenant: contoso.onmicrosoft.com   # production
extends: [baseline.yaml]

scope:
  users: selected        # the pilot, until spring
  group: SSPR-Pilot

methods:
  # Two, because the auditors ask for it.
  required: 2
  allowed:
    - mobileAppCode      # works offline
    - email
    # Phones go away in 2027.
    - mobilePhone

registration: {requiredAtSignIn: true, reconfirmAfterDays: 180}

helpdesk:
  link: "https://help.contoso.com/password"   # staffed 24/7
"#;

fn set(path: &str, value: Value) -> Edit {
    Edit { path: path.split('.').map(str::to_owned).collect(), value: Some(value) }
}

fn take(path: &str) -> Edit {
    Edit { value: None, ..set(path, Value::Null) }
}

#[test]
fn comments_stay_where_they_are() -> Result<(), Box<dyn Error>> {
    let edits = [
        set("methods.required", json!(1)),
        set("methods.allowed", json!(["mobilePhone", "mobileAppCode", "officePhone"])),
        set("registration.reconfirmAfterDays", json!(90)),
        set("helpdesk.link", json!("none")),
        set("scope.users", json!("all")),
        take("scope.group"),
        set("notifications.administrators", json!(true)),
        set("methods.convergedPolicy", json!("manage")),
        set("extends", json!(["baseline.yaml", "strict.yaml"])),
    ];
    insta::assert_snapshot!(edit(FILE, &edits)?, @r##"
    # yaml-language-server: $schema=../schemas/policy.json
    # Owned by the identity team.
    version: 1
    tenant: contoso.onmicrosoft.com   # production
    extends: ["baseline.yaml", "strict.yaml"]

    scope:
      users: all        # the pilot, until spring

    methods:
      # Two, because the auditors ask for it.
      required: 1
      allowed:
        - mobileAppCode      # works offline
        # Phones go away in 2027.
        - mobilePhone
        - officePhone
      convergedPolicy: manage

    registration: {requiredAtSignIn: true, reconfirmAfterDays: 90}

    helpdesk:
      link: none   # staffed 24/7
    notifications:
      administrators: true
    "##);
    Ok(())
}

#[test]
fn nothing_changes_where_nothing_differs() -> Result<(), Box<dyn Error>> {
    let same = [set("methods.required", json!(2)), take("writeback.passwords"), take("methods.convergedPolicy")];
    assert_eq!(edit(FILE, &same)?, FILE);
    Ok(())
}

#[test]
fn what_cannot_be_changed_in_place_is_left() {
    let anchored = "version: 1\nmethods: &m {required: 2}\nother: *m\n";
    let commented = "methods:\n  allowed: [ # all of them\n    email,\n    mobilePhone]\n";
    for (text, one) in [
        (anchored, set("methods.required", json!(1))),
        (commented, set("methods.allowed", json!(["email"]))),
        ("- a list\n", set("methods.required", json!(1))),
        ("{ broken", set("methods.required", json!(1))),
        ("", set("methods.required", json!(1))),
        ("methods: word\n", set("methods.required", json!(1))),
    ] {
        assert!(edit(text, &[one]).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(20_261_125),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever the texts hold, what comes back says what was meant, or nothing comes back.
    #[test]
    fn every_text_survives(link in "\\PC{1,40}", old in "[ -~]{0,30}", more in prop::bool::ANY) {
        let text = format!("helpdesk:\n  link: {} # why\n  # below\n", serde_json::to_string(&old)?);
        let mut edits = vec![set("helpdesk.link", json!(link))];
        if more {
            edits.push(set("securityQuestions.questions", json!([{ "custom": link }])));
        }
        let edited = edit(&text, &edits);
        prop_assert!(edited.is_ok() || !link.is_ascii(), "{:?}", edited);
        if let Ok(edited) = edited {
            let read: Value = yaml_serde::from_str(&edited)?;
            prop_assert_eq!(&read["helpdesk"]["link"], &json!(link));
            prop_assert!(edited.contains("# why") && edited.contains("# below"));
        }
    }

    /// Any choice of methods becomes any other, in both ways of writing lists.
    #[test]
    fn every_list_becomes_every_other(
        old in prop::sample::subsequence(METHODS, 1..=6),
        new in prop::sample::subsequence(METHODS, 0..=6),
        flow in prop::bool::ANY,
    ) {
        let list = if flow {
            format!(" [{}]", old.join(", "))
        } else {
            old.iter().map(|word| format!("\n    - {word} # {word}")).collect()
        };
        let text = format!("methods:\n  allowed:{list}\n  required: 1\n");
        let edited = edit(&text, &[set("methods.allowed", json!(new))])?;
        let read: Value = yaml_serde::from_str(&edited)?;
        let sorted = |words: &Value| {
            let mut words: Vec<_> = words.as_array().into_iter().flatten().map(Value::to_string).collect();
            words.sort();
            words
        };
        prop_assert_eq!(sorted(&read["methods"]["allowed"]), sorted(&json!(new)));
        prop_assert_eq!(&read["methods"]["required"], &json!(1));
        if !flow && new.iter().any(|word| old.contains(word)) {
            for word in old.iter().filter(|word| new.contains(word)) {
                let comment = format!("# {word}");
                prop_assert!(edited.contains(&comment), "{}", edited);
            }
        }
    }
}

const METHODS: &[&str] =
    &["mobileAppNotification", "mobileAppCode", "email", "mobilePhone", "officePhone", "securityQuestions"];

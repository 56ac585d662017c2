//! Changing single values of a policy file: everything else stays to the byte.

use std::error::Error;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use ssprctl::testing::policy::edit::{Edit, edit};

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
    extends: [baseline.yaml, strict.yaml]

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

/// One change for each way of writing; the text before and after.
#[test]
fn every_way_of_writing_is_preserved() -> Result<(), Box<dyn Error>> {
    let questions = json!([{ "predefined": "a, b" }, { "custom": "yes" }]);
    for (before, change, after) in [
        // A section that loses its last key says so, and comments on lines of their own stay.
        ("a:\n  # why\n  b: 1 # gone\nc: 2\n", take("a.b"), "a: {}\n  # why\nc: 2\n"),
        ("a:\n  # why\n  b: 1 # gone\n  # below\n  c: 2\n", take("a.b"), "a:\n  # why\n  # below\n  c: 2\n"),
        ("a: # all\n  # why\n  - x # gone\n\nb: 1\n", set("a", json!([])), "a: [] # all\n  # why\n\nb: 1\n"),
        ("a:\n  # why\n  - x\n  - y\n", set("a", json!("none")), "a: none\n  # why\n"),
        ("a: none # why\nb: 1\n", set("a", json!(["x", "w"])), "a: # why\n  - x\n  - w\nb: 1\n"),
        // Lists below their key, further to the left, and with items that begin below their dash.
        ("a:\n- x\n# why\n- y\n", set("a", json!(["y", "z"])), "a:\n# why\n- y\n- z\n"),
        ("a:\n  -\n    x\n  - y", set("a", json!(["y", "z"])), "a:\n  - y\n  - z"),
        ("a:\n  - x\n  - y", set("a", json!(["x"])), "a:\n  - x"),
        (
            "a:\n  - predefined: a, b # why\n    # this\nb: 1\n",
            set("a", questions.clone()),
            "a:\n  - predefined: a, b # why\n    # this\n  - custom: \"yes\"\nb: 1\n",
        ),
        // Lists and sections in brackets, on one line and on several.
        ("a: [x, 'y' , \"z\"]\n", set("a", json!(["y", "z", "v"])), "a: ['y' , \"z\", v]\n"),
        ("a: [x, y, z]\n", set("a", json!(["x", "z"])), "a: [x, z]\n"),
        ("a: [x, y,]\n", set("a", json!(["z"])), "a: [z]\n"),
        ("a: [ # all\n  x,\n  y, # last\n]\n", set("a", json!(["y", "z"])), "a: [ # all\n  y, z, # last\n]\n"),
        ("a: []\n", set("a", questions.clone()), "a: [{predefined: \"a, b\"}, {custom: \"yes\"}]\n"),
        ("a: {b: 1, c: 2}\n", take("a.b"), "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", take("a.c"), "a: {b: 1}\n"),
        ("a: {b: 1}\n", take("a.b"), "a: {}\n"),
        ("a: {}\n", set("a.b.c", json!(["x", "y, z"])), "a: {b: {c: [x, \"y, z\"]}}\n"),
        ("{\"a\": {\"b\": 1}}\n", set("a.b", json!("x")), "{\"a\": {\"b\": x}}\n"),
        // Texts over several lines.
        ("a: | # why\n  x\n  y\n\nb: 1\n", set("a", json!("z")), "a: z # why\n\nb: 1\n"),
        ("a: >-\n  x\n  y\nb: 1\n", set("a", json!(["z"])), "a:\n  - z\nb: 1\n"),
        ("a: |\n  x\n\nb: 1\n", set("b", json!(2)), "a: |\n  x\n\nb: 2\n"),
        ("a: x\n  y # why\n", set("a", json!("z")), "a: z # why\n"),
        ("a:\n  x\n", set("a", json!(["z"])), "a:\n  [z]\n"),
        // Line breaks, marks and the end of the file.
        ("a:\r\n  - x # why\r\n", set("a", json!(["x", "w"])), "a:\r\n  - x # why\r\n  - w\r\n"),
        ("a:\r\n  b: 1\r\n  c: 2", take("a.c"), "a:\r\n  b: 1"),
        ("\u{feff}a: 1\nb: 2\n", set("c.d", json!(true)), "\u{feff}a: 1\nb: 2\nc:\n  d: true\n"),
        ("---\na: 1\n...\n", set("b", json!("null")), "---\na: 1\nb: \"null\"\n...\n"),
        ("a: 1", set("b", json!(["x"])), "a: 1\nb:\n  - x"),
        ("a: # why\nb: 1\n", set("a", json!(2)), "a: 2 # why\nb: 1\n"),
        // An alias can be replaced by another value; the value with the anchor stays.
        ("a: &m 1\nb: *m # why\n", set("b", json!(2)), "a: &m 1\nb: 2 # why\n"),
        ("a: &m [x]\nb: *m\n", take("b"), "a: &m [x]\n"),
    ] {
        let edited = edit(before, &[change]).map_err(|error| format!("{before}: {error}"))?;
        assert_eq!(edited, after, "{before}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_changed_in_place_is_left() {
    for (text, change) in [
        // Anchors, aliases and tags.
        ("a: &m {b: 1}\nc: *m\n", set("a.b", json!(2))),
        ("a: &m {b: 1}\nc: *m\n", set("c.b", json!(2))),
        ("a: &m 1\nc: *m\n", set("a", json!(2))),
        ("a: &m 1\nc: *m\n", take("a")),
        ("a: &m [x]\nc: *m\n", set("c", json!(["x", "y"]))),
        ("a: &m\n  - x\n", set("a", json!([]))),
        ("a: [&m x, y]\nc: *m\n", set("a", json!(["y"]))),
        ("a: !!seq\n  - x\n", set("a", json!(["y"]))),
        // Comments inside of what is removed.
        ("a: [x, # why\n  y]\n", set("a", json!(["x"]))),
        ("a: [[x, # why\n  y], z]\n", set("a", json!(["z"]))),
        ("a: {b: 1, # why\n  c: 2}\n", take("a.c")),
        // Keys that are not written as `key:` on a line of their own.
        ("? a\n: 1\n", set("a", json!(2))),
        ("a: {b, c: 1}\n", set("a.b", json!(2))),
        // No place for a key.
        ("- a list\n", set("a.b", json!(1))),
        ("a: word\n", set("a.b", json!(1))),
        ("a:\n", set("a.b", json!(1))),
        ("a: 1\n", take("a")),
        ("{ broken", set("a", json!(1))),
        ("", set("a", json!(1))),
        ("a: 1\n", Edit { path: Vec::new(), value: Some(json!(1)) }),
    ] {
        assert!(edit(text, std::slice::from_ref(&change)).is_err(), "{text} {change:?}");
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
            let read: Value = serde_saphyr::from_str(&edited)?;
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
        let read: Value = serde_saphyr::from_str(&edited)?;
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

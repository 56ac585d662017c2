//! What holds for every input: loading never panics, what is written loads back, the upper policy wins.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};
use serde_json::{Map, Value as Json, json};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::policy::PolicySet;
use ssprctl::testing::policy::document::PolicyFile;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::policy::questions::PREDEFINED;
use ssprctl::testing::policy::write::to_yaml;
use ssprctl::testing::render::json::finding::findings_json;
use ssprctl::testing::render::text::findings::findings;

/// The same cases in every run, and no files of old failures.
fn config(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_261_122), failure_persistence: None, ..Config::default() }
}

fn failed(error: impl Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Loads files from a fresh folder.
fn loaded(files: &[(&str, &[u8])]) -> Result<PolicySet, std::io::Error> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes)?;
    }
    let options = LoadOptions { folder: folder.path().into(), root: Some(folder.path().into()) };
    Ok(load(&[PathBuf::from(".")], &options))
}

/// Whatever was loaded can be shown, and nothing in it can reach a terminal raw.
fn is_shown_safely(loaded: &PolicySet) -> Result<(), TestCaseError> {
    let text = findings(&loaded.findings, false);
    prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    prop_assert_eq!(findings_json(&loaded.findings).len(), loaded.findings.len());
    prop_assert!(loaded.policies.is_empty() || loaded.findings.is_empty(), "one file is sound or broken");
    Ok(())
}

/// An object with some of the keys.
fn some_of(keys: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let key = |(key, value)| proptest::option::weighted(0.7, value).prop_map(move |value| Some((key, value?)));
    let keys: Vec<_> = keys.into_iter().map(key).collect();
    keys.prop_map(|keys| keys.into_iter().flatten().map(|(key, value)| (key.to_owned(), value)).collect()).boxed()
}

fn json<T: Into<Json> + std::fmt::Debug + 'static>(values: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Json> {
    values.prop_map(Into::into).boxed()
}

fn one_of(words: &'static [&'static str]) -> BoxedStrategy<Json> {
    json(proptest::sample::select(words))
}

/// Texts that readers of YAML like to take for something else.
fn tricky() -> impl Strategy<Value = String> {
    let known = [
        "yes",
        "no",
        "on",
        "off",
        "true",
        "null",
        "~",
        "123",
        "0x1F",
        "017",
        "1e3",
        "1_000",
        ".nan",
        "-",
        "- a",
        "a: b",
        "#x",
        "a #b",
        "'",
        "\"",
        "\\",
        "\\n",
        "a\nb",
        "a\r\nb",
        "\ta",
        " a ",
        "a\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}a",
        "[a]",
        "{a: b}",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "? a",
        ": a",
        "a:",
        "---",
        "...",
        "=",
        "<<",
        "\0",
        "\u{1b}[31m",
        "名前",
        "🔑",
        "2026-11-22",
        "12:30:45",
        "a\n\n  b\n",
        "é",
        "\u{202e}x",
        "${HOME}",
        "x, y",
        "]",
        "}",
    ];
    prop_oneof![proptest::sample::select(known.to_vec()).prop_map(str::to_owned), "\\PC{1,40}", any::<String>()]
}

fn text(least: usize, most: usize) -> impl Strategy<Value = String> {
    tricky().prop_filter_map("length", move |text| {
        let length = text.chars().count();
        (least..=most).contains(&length).then_some(text)
    })
}

fn question() -> impl Strategy<Value = Json> {
    prop_oneof![
        proptest::sample::select(&PREDEFINED[..]).prop_map(|text| json!({ "predefined": text })),
        text(3, 200).prop_map(|text| json!({ "custom": text })),
    ]
}

const METHODS: [&str; 6] =
    ["mobileAppNotification", "mobileAppCode", "email", "mobilePhone", "officePhone", "securityQuestions"];
const LINKS: &[&str] =
    &["none", "https://help.contoso.com/?a=b#c", "HTTP://x", "helpdesk@contoso.com", "https://x/'\"{}[]:%&*"];

/// A valid policy without `extends`.
fn policies() -> impl Strategy<Value = Json> {
    let switch = || json(any::<bool>());
    let names = |least| json(proptest::collection::btree_set(text(1, 256), least..6).prop_map(Vec::from_iter));
    let questions = proptest::collection::vec(question(), 0..8).prop_map(|mut questions| {
        questions.sort_by_key(Json::to_string);
        questions.dedup();
        questions
    });
    let allowed = proptest::sample::subsequence(METHODS.to_vec(), 0..=6).prop_shuffle();
    let allowed_from = some_of(vec![
        ("locations", names(1)),
        ("excludedGroups", names(0)),
        ("state", one_of(&["disabled", "reportOnly", "enforced"])),
    ]);
    let sections = some_of(vec![
        ("cloud", json(proptest::sample::select(&Cloud::ALL[..]).prop_map(Cloud::name))),
        (
            "scope",
            some_of(vec![
                ("users", one_of(&["none", "selected", "all"])),
                ("group", json(text(1, 256))),
                ("administrators", switch()),
            ]),
        ),
        (
            "methods",
            some_of(vec![
                ("required", json(1_u32..=2)),
                ("allowed", json(allowed)),
                ("convergedPolicy", one_of(&["observe", "extend", "manage"])),
            ]),
        ),
        (
            "securityQuestions",
            some_of(vec![
                ("toRegister", json(3_u32..=5)),
                ("toReset", json(3_u32..=5)),
                ("questions", json(questions)),
            ]),
        ),
        (
            "registration",
            some_of(vec![
                ("requiredAtSignIn", switch()),
                ("reconfirmAfterDays", json(0_u32..=730)),
                ("allowedFrom", allowed_from),
            ]),
        ),
        ("notifications", some_of(vec![("users", switch()), ("administrators", switch())])),
        ("helpdesk", some_of(vec![("link", one_of(LINKS))])),
        ("writeback", some_of(vec![("passwords", switch()), ("unlockWithoutReset", switch())])),
        ("windowsSignIn", some_of(vec![("resetLink", switch()), ("group", json(text(1, 256)))])),
        ("waivers", json(proptest::collection::vec(waiver(), 0..3))),
    ]);
    sections.prop_map(|sections| with(sections, &[("version", json!(1)), ("tenant", json!("contoso.com"))]))
}

fn waiver() -> impl Strategy<Value = Json> {
    let words = proptest::sample::select(vec!["agreed with the security team", "yes: no # maybe, 'later' \"on\""]);
    ("[a-z]{1,9}(-[a-z0-9]{1,9}){0,3}", words, 0..1000_i64).prop_map(|(rule, reason, days)| {
        let expires = date(2026, 1, 1).saturating_add(days.days());
        json!({ "rule": rule, "reason": reason, "owner": "identity@contoso.com", "expires": expires.to_string() })
    })
}

/// An object with further keys.
fn with(object: Json, more: &[(&str, Json)]) -> Json {
    let mut whole: Map<_, _> = object.as_object().cloned().unwrap_or_default();
    whole.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    whole.into()
}

/// An object without some keys.
fn without(mut object: Json, keys: &[&str]) -> Json {
    if let Some(whole) = object.as_object_mut() {
        whole.retain(|key, _| !keys.contains(&key.as_str()));
    }
    object
}

/// The law of overlays: objects are merged key by key, and every other value of the upper policy replaces the lower one.
fn overlaid(upper: &Json, lower: &Json) -> Json {
    let (Json::Object(high), Json::Object(low)) = (upper, lower) else { return upper.clone() };
    let mut whole = low.clone();
    for (key, value) in high {
        let value = low.get(key).map_or_else(|| value.clone(), |below| overlaid(value, below));
        whole.insert(key.clone(), value);
    }
    whole.into()
}

/// The YAML of a policy.
fn written(policy: &Json, comments: &[String]) -> Result<String, TestCaseError> {
    let document: PolicyFile = serde_json::from_value(policy.clone()).map_err(failed)?;
    to_yaml(&document, "../schemas/policy.json", comments).map_err(failed)
}

const EXAMPLE: &str = include_str!("broken/several-problems.yaml");

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn loading_any_bytes_is_safe(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        is_shown_safely(&loaded(&[("contoso.yaml", &bytes)]).map_err(failed)?)?;
    }

    #[test]
    fn loading_anything_like_yaml_is_safe(text in "([a-zA-Z]{1,9}|version: 1|methods|allowed|required|[:?*&!|>'\"%@`#,{}\\[\\]-]|: |- |\\n *|\\n|  |<<|~|1|true|\\t|é){0,60}") {
        is_shown_safely(&loaded(&[("contoso.yaml", text.as_bytes())]).map_err(failed)?)?;
    }

    #[test]
    fn loading_a_damaged_policy_is_safe(at in 0..EXAMPLE.len(), cut in 0_usize..20, put in tricky()) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        is_shown_safely(&loaded(&[("contoso.yaml", &bytes)]).map_err(failed)?)?;
    }

    #[test]
    fn what_is_written_loads_back(policy in policies(), comments in proptest::collection::vec(tricky(), 0..3)) {
        let yaml = written(&policy, &comments)?;
        prop_assert!(yaml.starts_with("# yaml-language-server: $schema=../schemas/policy.json\n"));
        let loaded = loaded(&[("contoso.yaml", yaml.as_bytes())]).map_err(failed)?;
        prop_assert!(loaded.findings.is_empty(), "{}\n{}", yaml, findings(&loaded.findings, false));
        let read: Result<Vec<Json>, _> =
            loaded.policies.iter().map(|policy| serde_json::to_value(&policy.document)).collect();
        prop_assert_eq!(read.map_err(failed)?, [policy], "{}", yaml);
    }

    #[test]
    fn the_upper_policy_wins_and_absent_keys_are_inherited(lower in policies(), upper in policies()) {
        let baseline = written(&without(lower.clone(), &["tenant"]), &[])?;
        let policy = written(&with(upper.clone(), &[("extends", json!(["baseline.yaml"]))]), &[])?;
        let loaded = loaded(&[("baseline.yaml", baseline.as_bytes()), ("contoso.yaml", policy.as_bytes())]).map_err(failed)?;
        prop_assert!(loaded.findings.is_empty(), "{}", findings(&loaded.findings, false));
        let document = &loaded.policies.first().ok_or_else(|| TestCaseError::fail("no policy"))?.document;
        let read = serde_json::to_value(document).map_err(failed)?;
        prop_assert_eq!(without(read, &["extends"]), overlaid(&upper, &lower));
    }
}

//! What holds for every input: loading never panics, what is written loads back, the upper policy wins.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::policy::PolicySet;
use ssprctl::testing::policy::document::{
    AccessState, AllowedFrom, ConvergedPolicy, Helpdesk, Method, Methods, Notifications, PolicyFile, QuestionText,
    Registration, Scope, SecurityQuestions, Users, WindowsSignIn, Writeback,
};
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::policy::managed::Managed;
use ssprctl::testing::policy::questions::PREDEFINED;
use ssprctl::testing::policy::waiver::Waiver;
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

fn managed<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Managed<T>> {
    proptest::option::weighted(0.7, value).prop_map(Managed::from).boxed()
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

fn question() -> impl Strategy<Value = QuestionText> {
    prop_oneof![
        proptest::sample::select(&PREDEFINED[..]).prop_map(|text| QuestionText::Predefined(text.into())),
        text(3, 200).prop_map(QuestionText::Custom),
    ]
}

const METHODS: [Method; 6] = [
    Method::MobileAppNotification,
    Method::MobileAppCode,
    Method::Email,
    Method::MobilePhone,
    Method::OfficePhone,
    Method::SecurityQuestions,
];

fn sections() -> impl Strategy<Value = PolicyFile> {
    let users = proptest::sample::select(&[Users::None, Users::Selected, Users::All][..]);
    let scope = (managed(users), managed(text(1, 256)), managed(any::<bool>()))
        .prop_map(|(users, group, administrators)| Scope { users, group, administrators });
    let allowed = proptest::sample::subsequence(METHODS.to_vec(), 0..=6).prop_shuffle();
    let converged = proptest::sample::select(&[ConvergedPolicy::Observe, ConvergedPolicy::Manage][..]);
    let methods = (managed(1_u32..=2), managed(allowed), managed(converged))
        .prop_map(|(required, allowed, converged_policy)| Methods { required, allowed, converged_policy });
    let questions = proptest::collection::vec(question(), 0..8).prop_map(|mut questions| {
        questions.sort_by_key(|question| format!("{question:?}"));
        questions.dedup();
        questions
    });
    let security_questions = (managed(3_u32..=5), managed(3_u32..=5), managed(questions))
        .prop_map(|(to_register, to_reset, questions)| SecurityQuestions { to_register, to_reset, questions });
    let named =
        |least| proptest::collection::btree_set(text(1, 256), least..6).prop_map(|names| names.into_iter().collect());
    let state = proptest::sample::select(&[AccessState::Disabled, AccessState::ReportOnly, AccessState::Enforced][..]);
    let allowed_from = (managed(named(1)), managed(named(0)), managed(state))
        .prop_map(|(locations, excluded_groups, state)| AllowedFrom { locations, excluded_groups, state });
    let registration = (managed(any::<bool>()), managed(0_u32..=730), managed(allowed_from)).prop_map(
        |(required_at_sign_in, reconfirm_after_days, allowed_from)| Registration {
            required_at_sign_in,
            reconfirm_after_days,
            allowed_from,
        },
    );
    let notifications = (managed(any::<bool>()), managed(any::<bool>()))
        .prop_map(|(users, administrators)| Notifications { users, administrators });
    let links =
        ["none", "https://help.contoso.com/?a=b#c", "HTTP://x", "helpdesk@contoso.com", "https://x/'\"{}[]:%&*"];
    let helpdesk =
        managed(proptest::sample::select(links.to_vec()).prop_map(str::to_owned)).prop_map(|link| Helpdesk { link });
    let writeback = (managed(any::<bool>()), managed(any::<bool>()))
        .prop_map(|(passwords, unlock_without_reset)| Writeback { passwords, unlock_without_reset });
    let windows = (managed(any::<bool>()), managed(text(1, 256)))
        .prop_map(|(reset_link, group)| WindowsSignIn { reset_link, group });
    let front = (managed(proptest::sample::select(&Cloud::ALL[..])), managed(scope), managed(methods));
    let back = (
        managed(security_questions),
        managed(registration),
        managed(notifications),
        managed(helpdesk),
        managed(writeback),
        managed(windows),
        managed(proptest::collection::vec(waiver(), 0..3)),
    );
    (front, back).prop_map(
        |(
            (cloud, scope, methods),
            (security_questions, registration, notifications, helpdesk, writeback, windows_sign_in, waivers),
        )| {
            PolicyFile {
                version: 1,
                tenant: Managed::Set("contoso.com".into()),
                cloud,
                extends: Managed::Unmanaged,
                scope,
                methods,
                security_questions,
                registration,
                notifications,
                helpdesk,
                writeback,
                windows_sign_in,
                waivers,
            }
        },
    )
}

fn waiver() -> impl Strategy<Value = Waiver> {
    let words = proptest::sample::select(vec!["agreed with the security team", "yes: no # maybe, 'later' \"on\""]);
    ("[a-z]{1,9}(-[a-z0-9]{1,9}){0,3}", words, 0..1000_i64).prop_map(|(rule, reason, days)| Waiver {
        rule,
        reason: reason.to_owned(),
        owner: "identity@contoso.com".to_owned(),
        expires: date(2026, 1, 1).saturating_add(days.days()),
    })
}

/// The lower value, where the upper says nothing.
fn over<T: Clone>(upper: &Managed<T>, lower: &Managed<T>) -> Managed<T> {
    upper.get().or(lower.get()).cloned().into()
}

/// The law of overlays, written for `methods`, `scope` and the cloud alone.
fn overlaid(upper: &PolicyFile, lower: &PolicyFile) -> (Managed<Cloud>, Methods, Scope) {
    let methods = |document: &PolicyFile| document.methods.get().cloned().unwrap_or_default();
    let scope = |document: &PolicyFile| document.scope.get().cloned().unwrap_or_default();
    let (high, low) = (methods(upper), methods(lower));
    let methods = Methods {
        required: over(&high.required, &low.required),
        allowed: over(&high.allowed, &low.allowed),
        converged_policy: over(&high.converged_policy, &low.converged_policy),
    };
    let (high, low) = (scope(upper), scope(lower));
    let scope = Scope {
        users: over(&high.users, &low.users),
        group: over(&high.group, &low.group),
        administrators: over(&high.administrators, &low.administrators),
    };
    (over(&upper.cloud, &lower.cloud), methods, scope)
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
    fn what_is_written_loads_back(document in sections(), comments in proptest::collection::vec(tricky(), 0..3)) {
        let yaml = to_yaml(&document, "../schemas/policy.json", &comments).map_err(failed)?;
        prop_assert!(yaml.starts_with("# yaml-language-server: $schema=../schemas/policy.json\n"));
        let loaded = loaded(&[("contoso.yaml", yaml.as_bytes())]).map_err(failed)?;
        prop_assert!(loaded.findings.is_empty(), "{}\n{}", yaml, findings(&loaded.findings, false));
        let read: Vec<&PolicyFile> = loaded.policies.iter().map(|policy| &policy.document).collect();
        prop_assert_eq!(read, [&document], "{}", yaml);
    }

    #[test]
    fn the_upper_policy_wins_and_absent_keys_are_inherited(lower in sections(), upper in sections()) {
        let baseline = PolicyFile { tenant: Managed::Unmanaged, ..lower.clone() };
        let policy = PolicyFile { extends: Managed::Set(vec!["baseline.yaml".into()]), ..upper.clone() };
        let baseline = to_yaml(&baseline, "x", &[]).map_err(failed)?;
        let policy = to_yaml(&policy, "x", &[]).map_err(failed)?;
        let loaded = loaded(&[("baseline.yaml", baseline.as_bytes()), ("contoso.yaml", policy.as_bytes())]).map_err(failed)?;
        prop_assert!(loaded.findings.is_empty(), "{}", findings(&loaded.findings, false));
        let document = &loaded.policies.first().ok_or_else(|| TestCaseError::fail("no policy"))?.document;
        let (cloud, methods, scope) = overlaid(&upper, &lower);
        prop_assert_eq!(document.cloud.clone(), cloud);
        prop_assert_eq!(document.methods.get().cloned().unwrap_or_default(), methods);
        prop_assert_eq!(document.scope.get().cloned().unwrap_or_default(), scope);
    }
}

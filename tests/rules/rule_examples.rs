//! Every rule fires on its example and is silent on the fixed twin.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog;
use ssprctl::testing::catalog::tenant_calendar::{TelephonyProvider, TenantCalendar};
use ssprctl::testing::policy::repository::calendar::TelephonyChannel;
use ssprctl::testing::render::codes;
use ssprctl::testing::render::pages::reference;
use ssprctl::testing::render::terminal::explain;
use ssprctl::testing::review::rule_context::{RequiredFacts, RuleContext};
use ssprctl::testing::review::rules::{self, Rule};
use ssprctl::testing::tenant::facts::{Hybrid, Licence, Migration, ResetLicence, TenantFacts};
use ssprctl::testing::tenant::group::FrozenGroup;

use crate::written::{TODAY, TestResult, codes, spot, wanted};

/// A tenant that lacks everything, and has moved its methods away.
fn poor() -> TenantFacts {
    TenantFacts {
        unread: Vec::new(),
        migration: Some(Migration::Complete),
        licence: Some(Licence { reset: ResetLicence::ChangeOnly, writeback: false }),
        hybrid: Some(Hybrid { synchronised: false, writeback_up: None }),
        administrators_among: Some(2),
        sms_sign_in: Some(true),
        frozen_groups: Some(vec![FrozenGroup { name: "SSPR-Pilot".to_owned(), of: None }]),
        ..TenantFacts::default()
    }
}

/// A tenant that has everything but a client that writes back.
fn unconnected() -> TenantFacts {
    TenantFacts { hybrid: Some(Hybrid { synchronised: true, writeback_up: Some(false) }), ..rich() }
}

/// A tenant that has everything, with licences about which Microsoft's pages disagree.
fn office_365() -> TenantFacts {
    TenantFacts { licence: Some(Licence { reset: ResetLicence::NotKnown, writeback: false }), ..rich() }
}

/// A tenant that has everything, and has moved its methods away.
fn rich() -> TenantFacts {
    TenantFacts {
        unread: Vec::new(),
        migration: Some(Migration::Complete),
        licence: Some(Licence { reset: ResetLicence::Permits, writeback: true }),
        hybrid: Some(Hybrid { synchronised: true, writeback_up: Some(true) }),
        administrators_among: Some(0),
        sms_sign_in: Some(false),
        frozen_groups: Some(Vec::new()),
        ..TenantFacts::default()
    }
}

/// What is said about sections of a policy in a tenant of which nothing but its circumstances is known.
fn judged(sections: &str, circumstances: &TenantFacts) -> Result<Vec<Finding>, Box<dyn std::error::Error>> {
    let desired = wanted(sections)?;
    Ok(rules::check_all(&RuleContext::with_tenant(&desired, &BTreeMap::new(), circumstances).on(TODAY)))
}

/// The same where a rule needs another day, or a repository that names a telephony provider.
fn judged_for(
    rule: &Rule,
    sections: &str,
    circumstances: &TenantFacts,
) -> Result<Vec<Finding>, Box<dyn std::error::Error>> {
    let desired = wanted(sections)?;
    let values = BTreeMap::new();
    let context = RuleContext::with_tenant(&desired, &values, circumstances);
    Ok(rules::check_all(&match rule.code {
        "sms-voice-retirement-late" => context.on(date(2027, 2, 1)),
        "own-telephony-provider" => {
            let channels = BTreeSet::from([TelephonyChannel::Sms]);
            let provider = TelephonyProvider { channels, groups: None, reason: String::new(), place: None };
            let calendar = TenantCalendar { provider: Some(provider), ..TenantCalendar::of(Cloud::UsGov) };
            context.on(TODAY).by_calendar(calendar)
        }
        _ => context.on(TODAY),
    }))
}

fn of(rule: &Rule, findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|finding| finding.code == rule.code).collect()
}

#[test]
fn every_rule_fires_on_its_example_and_is_silent_on_the_twin() -> TestResult {
    for rule in rules::ALL {
        let circumstances = match rule.needs {
            RequiredFacts::Policy => TenantFacts::default(),
            RequiredFacts::Migration => TenantFacts { migration: Some(Migration::PreMigration), ..rich() },
            RequiredFacts::Groups | RequiredFacts::SmsSignIn => {
                TenantFacts { sms_sign_in: Some(true), frozen_groups: poor().frozen_groups, ..rich() }
            }
            RequiredFacts::Administrators => TenantFacts { administrators_among: Some(2), ..rich() },
            _ if ["writeback-client-missing", "entra-connect-minimum"].contains(&rule.code) => unconnected(),
            _ if rule.code == "synchronised-without-writeback" => rich(),
            _ if rule.code == "reset-licence-not-known" => office_365(),
            _ => poor(),
        };
        let fired = of(rule, judged_for(rule, rule.broken, &circumstances)?);
        let [finding] = fired.as_slice() else {
            return Err(format!("{} fires not once: {fired:#?}", rule.code).into());
        };
        assert_eq!(finding.severity, rule.severity, "{}", rule.code);
        assert!(finding.hint.is_some(), "{} has no way out", rule.code);
        assert!(finding.message.chars().next().is_some_and(|c| !c.is_uppercase()), "{}", finding.message);
        let (line, text) = spot(finding).ok_or("no place")?;
        assert!(line > 2 && !text.is_empty(), "{} points at {line}: {text}", rule.code);
        let silent = judged_for(rule, rule.fixed, &circumstances)?;
        assert!(
            silent.iter().all(|finding| finding.code != rule.code && finding.severity != Severity::Error),
            "{silent:#?}"
        );
    }
    Ok(())
}

/// Unknown is not "no", and a tenant that has what it needs is left alone.
#[test]
fn rules_about_the_tenant_are_silent_until_it_is_known_to_lack_something() -> TestResult {
    for rule in rules::ALL.iter().filter(|rule| rule.needs != RequiredFacts::Policy) {
        // Nobody's password is on premises where the directory is not.
        let cloud = TenantFacts { hybrid: Some(Hybrid { synchronised: false, writeback_up: None }), ..rich() };
        let has_all = if rule.code == "synchronised-without-writeback" { cloud } else { rich() };
        for circumstances in [TenantFacts::default(), has_all] {
            assert_eq!(of(rule, judged(rule.broken, &circumstances)?), [], "{} in {circumstances:?}", rule.code);
        }
    }
    Ok(())
}

#[test]
fn a_method_is_shown_where_it_is_allowed() -> TestResult {
    let text = "methods:\n  allowed:\n    - email\n    - officePhone\n    - mobileAppCode\n    - mobilePhone";
    let found = judged(text, &TenantFacts::default())?;
    assert_eq!(codes(&found), ["sms-voice-retirement"]);
    let [finding] = found.as_slice() else { return Err("one finding".into()) };
    assert_eq!(spot(finding), Some((6, "officePhone")));
    let also: Vec<_> = finding.also.iter().map(|label| label.place.line_column()).collect();
    assert_eq!(also, [(8, 7)]);
    Ok(())
}

#[test]
fn the_end_of_texts_and_calls_is_reported_in_time_and_afterwards() -> TestResult {
    let desired = wanted("methods: { allowed: [mobilePhone, email, mobileAppCode] }")?;
    let report = |day| {
        let found = rules::check_all(&RuleContext::policy_only(&desired).on(day));
        let finding = found.into_iter().find(|finding| finding.code == "sms-voice-retirement");
        finding.map(|finding| finding.message)
    };
    let expected = [
        (date(2027, 1, 31), "stops delivering on 2027-02-01"),
        (
            date(2027, 2, 1),
            "stopped delivering on 2027-02-01; global administrators and external users have it until 2027-07-01 (one source says so)",
        ),
        (date(2027, 7, 1), "delivers to nobody since 2027-07-01 (one source says so)"),
    ];
    for (day, words) in expected {
        assert_eq!(report(day), Some(format!("methods.allowed has mobilePhone, which Microsoft {words}")));
    }
    let elsewhere = wanted("cloud: usGov\nmethods: { allowed: [mobilePhone, email, mobileAppCode] }")?;
    assert_eq!(
        rules::check_all(&RuleContext::policy_only(&elsewhere).on(TODAY)),
        [],
        "announced for the public cloud alone"
    );
    assert_eq!(
        rules::check_all(&RuleContext::policy_only(&desired)),
        [],
        "without a day nothing is known about the day"
    );
    Ok(())
}

#[test]
fn rule_names_are_checked_and_listed() -> TestResult {
    let files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/review/rules"))?
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.replace('_', "-")))
        .filter(|name| name != "mod" && name != "rule")
        .collect();
    assert_eq!(files.len(), rules::ALL.len());
    for rule in rules::ALL {
        assert!(files.iter().any(|name| name == rule.code), "{} has no file of its name", rule.code);
        assert!(rule.about.iter().all(|name| catalog::find(name).is_some()), "{} is about {:?}", rule.code, rule.about);
        assert!(rule.severity == Severity::Error || !rule.enforced, "{}: what is enforced is an error", rule.code);
        assert!(rule.benchmark.iter().all(|id| id.starts_with("CIS M365 v7 5.2.4.")), "{:?}", rule.benchmark);
    }
    let mut numbers: Vec<_> = rules::ALL.iter().flat_map(|rule| rule.benchmark).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 5, "every recommendation about password reset has a rule: {numbers:?}");
    Ok(())
}

#[test]
fn every_code_is_explained_once_and_has_its_page() {
    let pages = reference::pages();
    let codes = pages.iter().filter_map(|(path, _)| path.strip_prefix("rules/")?.strip_suffix(".md"));
    let codes: Vec<&str> = codes.collect();
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    for code in codes {
        assert!(explain::code(code).is_some_and(|text| text.contains(code)), "{code} is not explained");
        let page = pages.iter().find(|(path, _)| *path == format!("rules/{code}.md"));
        assert!(page.is_some_and(|(_, page)| page.contains(&format!("# `{code}`"))), "{code}");
        assert!(
            codes::find(code).is_some_and(|entry| entry.means.ends_with('.') && entry.fix.ends_with(['.', '?'])),
            "{code}"
        );
    }
}

/// A policy that does not list methods cannot remove one: the way out is in what it has.
#[test]
fn a_policy_is_asked_for_nothing_that_it_does_not_have() -> TestResult {
    let facts = TenantFacts { migration: Some(Migration::PreMigration), ..rich() };
    let methods = ["mobileAppNotification", "mobileAppCode", "email"].map(str::to_owned);
    let values = BTreeMap::from([("methods.allowed", Value::Set(methods.into()))]);
    for (sections, expected) in [
        (
            "methods: { required: 1 }",
            "write `required: 2`, or list the methods under `allowed`, without mobileAppNotification",
        ),
        (
            "methods: { required: 1, allowed: [mobileAppNotification, mobileAppCode, email] }",
            "remove mobileAppNotification; the code is allowed already",
        ),
    ] {
        let desired = wanted(sections)?;
        let found = rules::check_all(&RuleContext::with_tenant(&desired, &values, &facts).on(TODAY));
        let finding = found.into_iter().find(|finding| finding.code == "app-notification-needs-two");
        assert_eq!(finding.and_then(|finding| finding.hint).as_deref(), Some(expected), "{sections}");
    }
    Ok(())
}

/// That methods cannot be managed where they were is said where a plan writes them, and not in a tenant in sync.
#[test]
fn methods_that_no_plan_writes_are_not_warned_of() -> TestResult {
    let facts = TenantFacts { migration: Some(Migration::PreMigration), ..rich() };
    let desired = wanted("methods: { required: 1, allowed: [email] }")?;
    for (methods, warned) in [(&["email"][..], false), (&["email", "mobilePhone"], true)] {
        let words = methods.iter().map(|word| (*word).to_owned()).collect();
        let values = BTreeMap::from([("methods.allowed", Value::Set(words))]);
        let found = rules::check_all(&RuleContext::with_tenant(&desired, &values, &facts).on(TODAY));
        let fired = found.iter().any(|finding| finding.code == "legacy-methods-unmanageable");
        assert_eq!(fired, warned, "{methods:?}");
    }
    Ok(())
}

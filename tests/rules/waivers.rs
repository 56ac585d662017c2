//! What is accepted for a while.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use jiff::civil::{Date, date};
use ssprctl::testing::base::finding::Severity;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::policy::load::{LoadOptions, load};
use ssprctl::testing::review::approve::{Refusal, plan_and_review};
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::evaluate::{RuleResults, run_rules};
use ssprctl::testing::review::rule_context::RuleContext;
use ssprctl::testing::tenant::facts::{Licence, ResetLicence, TenantFacts};
use ssprctl::testing::tenant::snapshot::Snapshot;

use crate::written::{TODAY, TestResult, codes, spot, wanted, wanted_in};

fn on(desired: &Desired, today: Date) -> RuleResults {
    run_rules(RuleContext::policy_only(desired), &ReviewConfig::new(today))
}

fn waiver(rule: &str, expires: &str) -> String {
    format!(
        "  - rule: {rule}\n    reason: agreed with the security team\n    owner: identity@contoso.com\n    expires: {expires}\n"
    )
}

fn one_method(waivers: &str) -> String {
    format!("methods: {{ required: 1 }}\nwaivers:\n{waivers}")
}

#[test]
fn what_is_waived_counts_for_nothing_up_to_the_last_day() -> TestResult {
    let desired = wanted(&one_method(&waiver("one-method-required", "2027-01-31")))?;
    for day in [TODAY, date(2027, 1, 31)] {
        let judged = on(&desired, day);
        assert_eq!(judged.findings, []);
        let [waived] = judged.waived.as_slice() else { return Err(format!("{judged:#?}").into()) };
        assert_eq!(
            (waived.finding.code, waived.waiver.owner.as_str()),
            ("one-method-required", "identity@contoso.com")
        );
    }
    Ok(())
}

#[test]
fn an_expired_waiver_is_reported_with_the_finding_it_accepted() -> TestResult {
    let desired = wanted(&one_method(&waiver("one-method-required", "2027-01-31")))?;
    let judged = on(&desired, date(2027, 2, 1));
    assert_eq!(codes(&judged.findings), ["one-method-required", "waiver-expired"]);
    assert_eq!(judged.findings.last().and_then(spot), Some((8, "2027-01-31")));
    assert!(judged.findings.iter().all(|finding| finding.severity == Severity::Warning) && judged.waived.is_empty());
    Ok(())
}

#[test]
fn a_newer_waiver_takes_over_from_one_that_is_over() -> TestResult {
    let two = waiver("one-method-required", "2026-10-31") + &waiver("one-method-required", "2027-01-31");
    let judged = on(&wanted(&one_method(&two))?, TODAY);
    assert_eq!((codes(&judged.findings), judged.waived.len()), (vec!["waiver-expired"], 1));
    Ok(())
}

#[test]
fn a_waiver_for_nothing_is_reported() -> TestResult {
    let twice = waiver("one-method-required", "2027-01-31").repeat(2);
    let judged = on(&wanted(&one_method(&twice))?, TODAY);
    assert_eq!((codes(&judged.findings), judged.waived.len()), (vec!["waiver-unused"], 1));
    assert_eq!(judged.findings.first().and_then(spot), Some((9, "one-method-required")));
    let judged = on(&wanted(&format!("waivers:\n{}", waiver("no-helpdesk-link", "2027-01-31")))?, TODAY);
    assert_eq!(codes(&judged.findings), ["waiver-unused"]);
    Ok(())
}

/// What a tenant lacks is known only when it has been read; the same waiver holds there.
#[test]
fn a_review_of_a_tenant_is_judged_by_the_same_waivers() -> TestResult {
    let snapshot = Snapshot {
        taken: "2026-11-22T12:00:00Z".parse()?,
        tenant: "11111111-2222-4333-8444-555555555555".parse()?,
        identities: BTreeMap::new(),
        documents: BTreeMap::new(),
        groups: BTreeMap::new(),
        facts: TenantFacts {
            licence: Some(Licence { reset: ResetLicence::Permits, writeback: false }),
            ..TenantFacts::default()
        },
    };
    let text = "writeback: { passwords: true }\n";
    let reviewed =
        |text: &str| Ok::<_, Box<dyn Error>>(plan_and_review(&wanted(text)?, &snapshot, &ReviewConfig::new(TODAY)));
    let refused = reviewed(text)?;
    assert_eq!(
        (codes(&refused.findings), refused.refusal()),
        (vec!["writeback-without-licence"], Some(Refusal::Errors))
    );
    let waived = reviewed(&format!("{text}waivers:\n{}", waiver("writeback-without-licence", "2027-01-31")))?;
    assert_eq!((codes(&waived.findings), waived.waived.len()), (vec![], 1));
    assert_ne!(waived.refusal(), Some(Refusal::Errors));
    let licensed = text.replace("true", "false");
    let unused = reviewed(&format!("{licensed}waivers:\n{}", waiver("writeback-without-licence", "2027-01-31")))?;
    assert_eq!(codes(&unused.findings), ["waiver-unused"], "now that the tenant is known");
    Ok(())
}

/// Without the tenant nobody can say whether its licence permits something.
#[test]
fn a_waiver_about_the_tenant_is_not_unused_before_the_tenant_is_known() -> TestResult {
    let text =
        format!("writeback: {{ passwords: true }}\nwaivers:\n{}", waiver("writeback-without-licence", "2027-01-31"));
    assert_eq!(on(&wanted(&text)?, TODAY), RuleResults::default());
    Ok(())
}

#[test]
fn waivers_that_cannot_be_are_errors() -> TestResult {
    for (rule, expires, code, place) in [
        ("one-method-requird", "2027-01-31", "waiver-unknown-rule", "one-method-requird"),
        ("not-enough-methods", "2027-01-31", "waiver-not-allowed", "not-enough-methods"),
        ("one-method-required", "2027-11-23", "waiver-too-long", "2027-11-23"),
    ] {
        let judged = on(&wanted(&one_method(&waiver(rule, expires)))?, TODAY);
        assert_eq!(codes(&judged.findings), ["one-method-required", code], "{judged:#?}");
        let finding = judged.findings.last().ok_or("no finding")?;
        assert_eq!((finding.severity, spot(finding).map(|(_, text)| text)), (Severity::Error, Some(place)));
    }
    let judged = on(&wanted(&one_method(&waiver("one-method-required", "2027-11-22")))?, TODAY);
    assert_eq!(judged.findings, [], "a year is allowed");
    Ok(())
}

#[test]
fn a_baseline_waives_for_all_who_extend_it_and_a_list_of_their_own_replaces_its_list() -> TestResult {
    let folder = tempfile::tempdir()?;
    let baseline = format!(
        "version: 1\nhelpdesk: {{ link: none }}\nwaivers:\n{}{}",
        waiver("no-helpdesk-link", "2027-01-31"),
        waiver("scope-none", "2027-01-31")
    );
    fs::write(folder.path().join("baseline.yaml"), baseline)?;
    let head = "version: 1\ntenant: contoso.com\nextends: [baseline.yaml]\n";
    let judged = on(&wanted_in(folder.path(), head)?, TODAY);
    assert_eq!((codes(&judged.findings), judged.waived.len()), (vec![], 1), "another tenant may need the second one");
    let own = format!("{head}methods: {{ required: 1 }}\nwaivers:\n{}", waiver("one-method-required", "2027-01-31"));
    let judged = on(&wanted_in(folder.path(), &own)?, TODAY);
    assert_eq!((codes(&judged.findings), judged.waived.len()), (vec!["no-helpdesk-link"], 1));
    Ok(())
}

#[test]
fn what_a_waiver_lacks_is_reported_with_its_place() -> TestResult {
    for (change, from, to) in [
        ("missing-key", "    owner: identity@contoso.com\n", ""),
        ("unknown-key", "    owner:", "    onwer:"),
        ("too-short", "agreed with the security team", "because"),
        ("invalid-format", "2027-01-31", "2027-02-30"),
        ("invalid-format", "2027-01-31", "next year"),
        ("invalid-format", "one-method-required", "One Method"),
    ] {
        let text = one_method(&waiver("one-method-required", "2027-01-31")).replace(from, to);
        let error = wanted(&text).err().ok_or_else(|| format!("{to:?} is taken"))?.to_string();
        assert_eq!(error.matches("code: ").count(), 1, "{error}");
        assert!(error.contains(&format!("code: \"{change}\"")), "{change}: {error}");
    }
    Ok(())
}

/// The examples, which people copy, follow every rule, or say why not.
#[test]
fn the_repositorys_own_policies_are_clean() -> TestResult {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("policies")];
    for entry in fs::read_dir(root.join("examples"))? {
        folders.push(entry?.path());
    }
    assert!(folders.len() > 3, "{folders:?}");
    for folder in folders {
        let loaded = load(std::slice::from_ref(&folder), &LoadOptions { folder: root.into(), root: None });
        assert_eq!(loaded.findings, []);
        for policy in &loaded.policies {
            let judged = on(&Desired::from_policy(policy), TODAY);
            assert_eq!(judged.findings, [], "{}", folder.display());
        }
    }
    Ok(())
}

//! What `calendar` of `ssprctl.yaml` may say about dates of the service, and what follows from it.

use std::error::Error;
use std::fs;

use jiff::civil::{Date, date};
use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::evaluate::run_rules;
use ssprctl::testing::review::rule_context::RuleContext;

use crate::written::{TODAY, TestResult, spot, wanted};

fn config(calendar: &str, today: Date) -> Result<(ReviewConfig, Vec<Finding>), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("ssprctl.yaml"), format!("version: 1\ncalendar:\n{calendar}"))?;
    Ok(ReviewConfig::from_repository(&load::discover(folder.path()), today))
}

/// The findings about a policy on a day, with this calendar.
fn judged(calendar: &str, sections: &str, today: Date) -> Result<Vec<Finding>, Box<dyn Error>> {
    let (config, wrong) = config(calendar, today)?;
    assert_eq!(wrong, []);
    Ok(run_rules(RuleContext::policy_only(&wanted(sections)?), &config).findings)
}

const PHONE_ALONE: &str = "methods: { required: 1, allowed: [mobilePhone] }";
const MOVED: &str = "  sms-voice-retirement: { date: 2027-05-01, reason: MC1426371 of 2027-01-10 moves it }\n";

#[test]
fn everything_that_is_wrong_is_said_at_once_with_place_and_way_out() -> TestResult {
    let (_, found) = config(
        "  sms-voice-retirment: { date: 2027-05-01, reason: it was announced }
  registered-methods-only: { date: 2027-02-30, reason: it was announced }
  security-questions-retirement: { date: 2027-05-01 }
  entra-connect-minimum: { reason: it was announced }
  dynamic-group-memberof: { provider: true, date: 2027-05-01, reason: it was announced }
  sms-voice-retirement: { provider: true, channels: [fax], groups: [SSPR-Pilot], reason: short }
",
        TODAY,
    )?;
    let lines: Vec<_> = found
        .iter()
        .map(|finding| {
            let (line, text) = spot(finding).unwrap_or_default();
            format!("{line} {text} {}: {} -> {}", finding.code, finding.message, finding.hint.as_deref().unwrap_or("?"))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    Ok(())
}

#[test]
fn an_entry_that_says_nothing_is_an_error() -> TestResult {
    for (entry, code) in [
        ("{ reason: it was announced }", "missing-key"),
        ("{ provider: false, reason: it was announced }", "unknown-value"),
        ("{ channels: [sms], date: 2027-05-01, reason: it was announced }", "missing-key"),
        ("{ provider: true, tenants: ['***['], reason: it was announced }", "invalid-format"),
    ] {
        let (_, found) = config(&format!("  sms-voice-retirement: {entry}\n"), TODAY)?;
        let [finding] = found.as_slice() else { return Err(format!("{entry}: {found:#?}").into()) };
        assert_eq!(finding.code, code, "{entry}");
        assert!(spot(finding).is_some() && finding.hint.is_some(), "{finding:#?}");
    }
    Ok(())
}

#[test]
fn a_date_that_was_moved_moves_the_rule_and_is_named_as_moved() -> TestResult {
    for (today, severity, words) in [
        (date(2027, 4, 30), Severity::Warning, "stops delivering on 2027-05-01 (moved from 2027-02-01)"),
        (date(2027, 5, 1), Severity::Error, "stopped delivering on 2027-05-01 (moved from 2027-02-01)"),
    ] {
        let found = judged(MOVED, PHONE_ALONE, today)?;
        let finding = found.iter().find(|finding| finding.code == "sms-voice-retirement").ok_or("no finding")?;
        assert_eq!(finding.severity, severity);
        assert!(finding.message.contains(words), "{}", finding.message);
        let also: Vec<_> = finding.also.iter().map(|label| label.place.source.path.as_str()).collect();
        assert_eq!(also, ["ssprctl.yaml"]);
    }
    let elsewhere = MOVED.replace("{ date", "{ tenants: ['fabrikam.*'], date");
    let found = judged(&elsewhere, PHONE_ALONE, date(2027, 2, 1))?;
    assert!(found.iter().any(|finding| finding.severity == Severity::Error), "it is moved for another tenant alone");
    Ok(())
}

#[test]
fn a_provider_carries_the_methods_that_it_sends() -> TestResult {
    let phones = "methods: { required: 2, allowed: [mobilePhone, officePhone] }";
    let day = date(2027, 8, 1);
    let group = "groups: [5f0c1a52-7a55-4e4c-9d0e-3a1f6f7f2b10], ";
    for (channels, groups, severity, named) in [
        ("", "", None, ""),
        ("channels: [sms], ", "", Some(Severity::Error), "methods.allowed has officePhone,"),
        ("channels: [voice], ", group, Some(Severity::Warning), "serves the members of its groups alone"),
    ] {
        let calendar =
            format!("  sms-voice-retirement: {{ provider: true, {channels}{groups}reason: contract of 2026-11-02 }}\n");
        let found = judged(&calendar, phones, day)?;
        let finding = found.iter().find(|finding| finding.code == "sms-voice-retirement");
        assert_eq!(finding.map(|finding| finding.severity), severity, "{calendar}: {found:#?}");
        assert!(finding.is_none_or(|finding| finding.message.contains(named)), "{finding:#?}");
    }
    Ok(())
}

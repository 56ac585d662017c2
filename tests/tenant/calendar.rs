//! Each date of the service, on the day before, on the day and on the day after: what a plan, `show` and `announce` say
//! differently from one day to the next.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;

use jiff::civil::{Date, date};
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::catalog::calendar::CALENDAR;
use ssprctl::testing::engine::result::TenantReports;
use ssprctl::testing::engine::tenant_report::TenantReport;
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::render::announcement::{MailDates, MailFormat, announce};
use ssprctl::testing::render::terminal::show;
use ssprctl::testing::review::approve::plan_and_review;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::tenant::facts::{Hybrid, TenantFacts};
use ssprctl::testing::tenant::group::FrozenGroup;
use ssprctl::testing::tenant::snapshot::Snapshot;

use crate::harness::{CONTOSO, Harness, TestResult, policy, wanted};

/// A policy that every date touches, whatever the tenant.
const SECTIONS: &str = "scope: { users: selected, group: SSPR-Pilot }
methods: { required: 2, allowed: [email, mobilePhone, securityQuestions] }
securityQuestions:
  toRegister: 3
  toReset: 3
  questions:
    - predefined: In what city was your first job?
    - predefined: What was the name of your first pet?
    - predefined: What was your childhood nickname?
registration: { requiredAtSignIn: false }
writeback: { passwords: true }";

/// As many questions as the tenant has people register.
const QUESTIONS: &str = r#"[{"custom":"What is the first?"},{"custom":"What is the second?"},{"custom":"What is the third?"},
{"custom":"What is the fourth?"},{"custom":"What is the fifth?"}]"#;

/// What the mail says of dates, and of methods that no longer work.
const TEMPLATE: &str = "{% for date in dates %}{{ date.says }}
{% endfor %}{% for method in methods.allowed if method.ended %}{{ method.name }} is left out
{% endfor %}";

/// A tenant with everything that a date touches: not migrated, synchronised, with a frozen group and sign-in by text.
async fn tenant() -> Result<Snapshot, Box<dyn Error>> {
    let harness = Harness::start()?;
    harness.set(CONTOSO, "securityQuestions.questions", QUESTIONS)?;
    // One method more than the policy allows, so that a plan writes them.
    harness.set(CONTOSO, "methods.allowed", "email,mobilePhone,securityQuestions,mobileAppCode")?;
    let mut snapshot = harness.snapshot(CONTOSO).await?;
    snapshot.facts = TenantFacts {
        hybrid: Some(Hybrid { synchronised: true, writeback_up: None }),
        sms_sign_in: Some(true),
        frozen_groups: Some(vec![FrozenGroup { name: "SSPR-Pilot".to_owned(), of: None }]),
        ..snapshot.facts
    };
    Ok(snapshot)
}

/// What each command says by a day, a line for each statement about a date.
fn said(snapshot: &Snapshot, cloud: &str, calendar: &str, day: Date) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("ssprctl.yaml"), format!("version: 1\n{calendar}"))?;
    let (config, wrong) = ReviewConfig::from_repository(&load::discover(folder.path()), day);
    assert_eq!(wrong, []);
    let desired = wanted(&policy(CONTOSO, &format!("cloud: {cloud}\n{SECTIONS}")))?;
    let mut lines = BTreeSet::new();
    let reviewed = plan_and_review(&desired, snapshot, &config);
    let dated = |code: &str| CALENDAR.iter().any(|entry| entry.rule == code);
    for finding in reviewed.findings.iter().filter(|finding| dated(finding.code)) {
        lines.insert(format!("plan: {:?} {}: {}", finding.severity, finding.code, finding.message));
    }
    for (method, date) in &reviewed.plan.ended {
        let method = serde_json::to_value(method)?;
        lines.insert(format!("plan: in effect, {} has ended ({date})", method.as_str().unwrap_or_default()));
    }
    let calendar = config.calendar(&TenantName::parse(CONTOSO), reviewed.plan.cloud);
    let reports = TenantReports { registration: None, score: Ok(None), forecast: None };
    let report = TenantReport::new(&TenantName::parse(CONTOSO), snapshot, reports, &calendar, day);
    let shown = show::terminal(&report);
    let section =
        shown.split("Dates of the service").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
    for line in section.lines().skip(1) {
        lines.insert(format!("show: {}", line.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    let mail = announce(&desired, &MailDates { calendar, today: day }, MailFormat::Text, TEMPLATE);
    for line in mail.map_err(|error| error.to_string())?.lines() {
        lines.insert(format!("announce: {line}"));
    }
    Ok(lines)
}

/// What is said differently around some days, from each to the next.
fn differences(
    into: &mut String,
    snapshot: &Snapshot,
    [cloud, calendar]: [&str; 2],
    days: &BTreeSet<Date>,
) -> TestResult {
    let mut before: Option<BTreeSet<String>> = None;
    for day in days {
        let now = said(snapshot, cloud, calendar, *day)?;
        if let Some(before) = &before {
            writeln!(into, "{day}{}", if *before == now { ": nothing else" } else { "" })?;
            before.difference(&now).try_for_each(|line| writeln!(into, "  - {line}"))?;
            now.difference(before).try_for_each(|line| writeln!(into, "  + {line}"))?;
        }
        before = Some(now);
    }
    Ok(())
}

fn around(first: Date, last: Date) -> Result<BTreeSet<Date>, jiff::Error> {
    Ok(BTreeSet::from([first.yesterday()?, first, first.tomorrow()?, last, last.tomorrow()?]))
}

#[tokio::test]
async fn each_date_changes_what_it_says_and_nothing_else() -> TestResult {
    let snapshot = tenant().await?;
    let mut golden = String::new();
    for entry in CALENDAR {
        writeln!(golden, "\n# {}", entry.id)?;
        differences(&mut golden, &snapshot, ["global", ""], &around(entry.date, entry.certain)?)?;
    }
    for (cloud, id) in [
        ("usGov", "sms-voice-retirement"),
        ("china", "registered-methods-only"),
        ("china", "security-questions-retirement"),
    ] {
        let entry = CALENDAR.iter().find(|entry| entry.id == id).ok_or(id)?;
        writeln!(golden, "\n# {id} in the cloud {cloud}")?;
        differences(&mut golden, &snapshot, [cloud, ""], &around(entry.date, entry.certain)?)?;
    }
    let provider =
        "calendar:\n  sms-voice-retirement: { provider: true, channels: [sms], reason: contract of 2026-11-02 }\n";
    let moved = "calendar:\n  sms-voice-retirement: { date: 2027-05-03, reason: MC1426371 was updated }\n";
    let (announced, later) = (date(2027, 2, 1), date(2027, 5, 3));
    for (what, calendar, day) in [
        ("with a provider of its own for texts", provider, announced),
        ("moved, on the day that was announced first", moved, announced),
        ("moved, on its new day", moved, later),
    ] {
        writeln!(golden, "\n# sms-voice-retirement, {what}")?;
        differences(&mut golden, &snapshot, ["global", calendar], &around(day, day)?)?;
    }
    insta::assert_snapshot!(golden);
    Ok(())
}

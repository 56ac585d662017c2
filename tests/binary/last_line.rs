//! The last line of a run that could not read something, or that failed, says so, in every format with a summary, and the exit
//! code agrees.

use std::fs;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Person, Role, portal_user};

use crate::harness::{CONTOSO, FABRIKAM, Harness, POLICY_PATH, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";
const CHANGES: &str = "notifications: { administrators: true }\nscope: { administrators: false }";

/// The line that sums a run up in one format.
fn summary(stdout: &str, format: &str) -> String {
    let line = match format {
        "markdown" => stdout.lines().find(|line| line.starts_with("**")),
        _ => stdout.lines().last(),
    };
    line.unwrap_or_default().replace("**", "")
}

/// Runs a command in each format, and checks how it ends.
fn ends(harness: &Harness, arguments: &[&str], formats: &[&str], code: i32, line: &str) -> TestResult {
    for format in formats {
        let run = harness.run(&[arguments, &["--format", format]].concat())?;
        assert_eq!((run.code, summary(&run.stdout, format).as_str()), (Some(code), line), "{format}: {run:#?}");
    }
    Ok(())
}

#[test]
fn a_tenant_that_cannot_be_read_is_in_the_last_line() -> TestResult {
    let expired = Faults::none().and(Fault::on(Method::GET, "", Action::ExpiredToken));
    let harness = Harness::with(CHANGE, expired)?;
    let all = ["terminal", "markdown", "github"];
    let plan = "Plan: 0 to change, 0 unchanged, 0 unmanaged, in 0 requests; 1 tenant could not be read.";
    ends(&harness, &["plan"], &all, 8, plan)?;
    ends(&harness, &["drift"], &all, 8, "Drift: 0 settings in 0 of 1 tenants; 1 tenant could not be read.")?;
    let applied = "Applied: 0 changed, 0 verified, in 0 requests; 1 tenant could not be read.";
    ends(&harness, &["apply", "--auto-approve"], &["terminal", "markdown"], 8, applied)?;
    let document = harness.run(&["apply", "--auto-approve", "--format", "json"])?.json()?;
    assert_eq!(document["summary"]["unreadable"], 1, "{document:#}");
    let advice = "Advice: 0 options for 0 tenants; 1 tenant could not be read.";
    ends(&harness, &["advise"], &["terminal", "markdown"], 8, advice)?;
    let run = harness.run(&["accept"])?;
    let accepted = "Accepted: 0 settings in 0 of 1 tenant; 1 tenant could not be read.";
    assert_eq!((run.code, run.stdout.lines().last()), (Some(8), Some(accepted)), "{run:#?}");
    Ok(())
}

#[test]
fn what_could_not_be_read_in_full_is_in_the_last_line() -> TestResult {
    let portal = Person::Holding(vec![Role::PrivilegedRoleAdministrator]);
    let harness = Harness::of(CONTOSO, CHANGES, Faults::none(), &portal)?;
    let all = ["terminal", "markdown", "github"];
    let plan = "Plan: 1 to change, 0 unchanged, 18 unmanaged, in 1 requests; 1 tenant could not be read in full.";
    ends(&harness, &["plan"], &all, 8, plan)?;
    let drift = harness.run(&["drift"])?;
    let line = "Drift: 1 settings in 1 of 1 tenants; 1 tenant could not be read in full";
    assert!(drift.code == Some(8) && summary(&drift.stdout, "terminal").starts_with(line), "{drift:#?}");
    let show = harness.run(&["show", "--tenant", CONTOSO])?;
    assert!(summary(&show.stdout, "terminal").starts_with("Shown; "), "{show:#?}");

    // A fact that could not be read stops nothing, and is said all the same.
    let no_facts = Person::lacking(&["LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"]);
    let harness = Harness::of(FABRIKAM, "writeback: { passwords: true }", Faults::none(), &no_facts)?;
    let run = harness.run(&["plan"])?;
    assert!(run.code == Some(0) && run.stdout.ends_with("; 1 tenant could not be read in full.\n"), "{run:#?}");
    Ok(())
}

#[test]
fn an_unread_audit_log_is_in_the_last_line_of_drift_and_why() -> TestResult {
    let person = Person::lacking(&["AuditLog.Read.All"]);
    let line = "Drift: 1 settings in 1 of 1 tenants; 1 tenant with an audit log that could not be read.";
    for format in ["terminal", "markdown", "github"] {
        // The log is asked about a setting that an earlier run has seen with another value.
        let refuses = Action::Respond { status: 403, headers: Vec::new(), body: String::new() };
        let faults = Faults::none().and(Fault::on(Method::GET, "directoryAudits", refuses));
        let harness = Harness::with("registration: { reconfirmAfterDays: 180 }", faults)?;
        assert_eq!(harness.run(&["drift"])?.code, Some(0));
        portal_user::set(&harness.world, CONTOSO, "registration.reconfirmAfterDays", "60")?;
        ends(&harness, &["drift"], &[format], 2, line)?;
    }
    let harness = Harness::of(CONTOSO, CHANGE, Faults::none(), &person)?;
    let why = ["why", "alice@contoso.onmicrosoft.com", "--tenant", CONTOSO];
    let run = harness.run(&why)?;
    assert_eq!((run.code, run.stdout.lines().last()), (Some(8), Some("Answered; 1 source could not be read.")));
    let run = harness.run(&[why.as_slice(), &["--format", "json"]].concat())?;
    assert_eq!((run.code, &run.json()?["exitCode"]), (Some(8), &8.into()), "{run:#?}");
    Ok(())
}

/// Advice in which people are unclear because something could not be read ends as a forecast does.
#[test]
fn advice_about_unclear_people_ends_as_a_forecast() -> TestResult {
    let person = Person::lacking(&["User.Read.All", "Directory.Read.All"]);
    let harness = Harness::of(CONTOSO, "scope: { users: all }", Faults::none(), &person)?;
    for command in ["forecast", "advise"] {
        let run = harness.run(&[command, "--as-of", "2026-11-22"])?;
        assert!(run.code == Some(8) && run.stdout.ends_with("; 1 tenant could not be read in full.\n"), "{run:#?}");
    }
    Ok(())
}

#[test]
fn what_failed_is_in_the_last_line_of_apply() -> TestResult {
    let put = |action| Faults::none().and(Fault::on(Method::PUT, POLICY_PATH, action));
    let respond = || Action::Respond { status: 400, headers: Vec::new(), body: String::new() };
    let patch = |times| Fault::on(Method::PATCH, "authorizationPolicy", respond()).after(times);
    let cases = [
        (CHANGE, put(respond()), 1, "0 changed, 0 verified, in 0 requests; 1 tenant failed."),
        (CHANGE, put(Action::LostWrite), 6, "1 changed, 0 verified, in 1 requests; 1 tenant not verified."),
        (CHANGES, Faults::none().and(patch(0)), 7, "0 changed, 0 verified, in 2 requests; 1 tenant rolled back."),
        (
            CHANGES,
            Faults::none().and(patch(0)).and(Fault::on(Method::PUT, POLICY_PATH, respond()).after(1)),
            1,
            "1 changed, 1 verified, in 1 requests; 1 tenant not rolled back in full.",
        ),
        (
            "scope: { users: selected, group: No Such Group }",
            Faults::none(),
            4,
            "0 changed, 0 verified, in 0 requests; 1 tenant with errors.",
        ),
    ];
    for (sections, faults, code, line) in cases {
        for format in ["terminal", "markdown"] {
            let harness = Harness::with(sections, faults.clone())?;
            ends(
                &harness,
                &["apply", "--auto-approve", "--verify-timeout", "1s"],
                &[format],
                code,
                &format!("Applied: {line}"),
            )?;
        }
    }
    Ok(())
}

/// Of two tenants one cannot be read: the line has the counts of the other.
#[test]
fn one_of_two_tenants_is_counted_and_the_other_named() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let other = harness.folder.path().join("policies/fabrikam.yaml");
    fs::write(other, format!("version: 1\ntenant: {FABRIKAM}\n{CHANGE}\n"))?;
    let run = harness.run(&["drift"])?;
    let line = "Drift: 1 settings in 1 of 2 tenants; 1 tenant could not be read.";
    assert_eq!((run.code, summary(&run.stdout, "terminal").as_str()), (Some(8), line), "{run:#?}");
    Ok(())
}

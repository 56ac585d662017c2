//! What is missing is named, with the way to it; the run ends with 8 and nothing is written.

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, Person, Role};

use crate::harness::{CONTOSO, Harness, NORTHWIND, POLICY_PATH, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

/// Applies as somebody who may not, and looks for these words in what is said.
fn refused(tenant: &str, sections: &str, person: &Person, words: &[&str]) -> TestResult {
    let harness = Harness::of(tenant, sections, Faults::none(), person)?;
    let before = harness.world.show(tenant)?;
    let run = harness.apply()?;
    assert_eq!(run.code, Some(8), "{run:#?}");
    let said = format!("{}{}", run.stdout, run.stderr);
    for word in words.iter().chain(&["hint: "]) {
        assert!(said.contains(word), "nothing says `{word}`: {run:#?}");
    }
    assert_eq!(harness.world.show(tenant)?, before);
    let run = harness.run(&["apply", "--auto-approve", "--format", "json"])?;
    assert_eq!(run.json()?["exitCode"], 8);
    Ok(())
}

#[test]
fn another_tenant() -> TestResult {
    let words = ["Fabrikam", "but the policy is for contoso.onmicrosoft.com", "sign in to contoso.onmicrosoft.com"];
    let harness = Harness::of("fabrikam.onmicrosoft.com", CHANGE, Faults::none(), &Person::Administrator)?;
    std::fs::write(
        harness.folder.path().join("policies/policy.yaml"),
        format!("version: 1\ntenant: {CONTOSO}\n{CHANGE}\n"),
    )?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(8), 0), "{run:#?}");
    for word in words {
        assert!(run.stdout.contains(word), "nothing says `{word}`: {run:#?}");
    }
    Ok(())
}

#[test]
fn an_expired_token() -> TestResult {
    refused(CONTOSO, CHANGE, &Person::Expired, &["expired", "SSPRCTL_PORTAL_TOKEN"])
}

#[test]
fn an_application() -> TestResult {
    refused(CONTOSO, CHANGE, &Person::App, &["SSPRCTL_PORTAL_TOKEN"])
}

#[test]
fn a_role() -> TestResult {
    let reader = Person::Holding(vec![Role::GlobalReader]);
    refused(CONTOSO, CHANGE, &reader, &["role", "Authentication Policy Administrator"])
}

#[test]
fn a_licence() -> TestResult {
    refused(NORTHWIND, "writeback: { passwords: true }", &Person::Administrator, &["licence", "P1"])
}

/// One document holds many settings; that it cannot be read is said once, for all of them.
#[test]
fn a_reason_is_printed_once() -> TestResult {
    let settings = "methods: { required: 2 }\nnotifications: { users: true }\nscope: { administrators: true }";
    let forbidden = Action::Respond { status: 403, headers: Vec::new(), body: String::new() };
    let harness = Harness::with(settings, Faults::none().and(Fault::on(Method::GET, POLICY_PATH, forbidden)))?;
    let report = harness.run(&["plan"])?.stdout;
    assert!(report.contains("  ? methods.required\n  ? notifications.users\n      unknown: "), "{report}");
    assert_eq!(report.matches("hint: ").count(), 1, "{report}");
    let report = harness.run(&["plan", "--format", "markdown"])?.stdout;
    assert_eq!(report.matches("**unknown**").count(), 1, "{report}");
    assert!(
        report.contains("`methods.required` at `policies/policy.yaml:3:22`, `notifications.users` at "),
        "{report}"
    );
    Ok(())
}

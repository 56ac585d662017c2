//! `doctor`: every gap has its line and its way out, and no line hides another.

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, ShapeChange};
use entra_sandbox::{Faults, Person, Role};
use jiff::SignedDuration;
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, NORTHWIND, POLICY_PATH, TestResult};

type Made<T> = Result<T, Box<dyn std::error::Error>>;

const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
const BOTH: &str = "scope:\n  administrators: false\nmethods:\n  required: 2\n";
const BACK: &str = "writeback:\n  passwords: true\n";

/// What was found, after a look at its shape.
fn checks(harness: &Harness, more: &[&str], code: i32) -> Made<Vec<Value>> {
    let run = harness.run(&[&["doctor", "--format", "json"], more].concat())?;
    assert_eq!(run.code, Some(code), "{run:#?}");
    let document = run.json()?;
    let schema = jsonschema::validator_for(&serde_json::from_str(include_str!("../../schemas/doctor.json"))?)?;
    assert!(schema.is_valid(&document), "{document:#}");
    let checks = document["tenants"][0]["checks"].as_array().ok_or("no checks")?.clone();
    for check in &checks {
        let gap = ["missing", "failed"].iter().any(|state| check["state"] == *state);
        let pointed = check["says"].as_str().is_some_and(|says| says.starts_with("not known, for the same reason: "));
        assert!(!gap || pointed || check["hint"].is_string(), "a gap without a way out: {check:#}");
    }
    Ok(checks)
}

/// The check of that name about something whose name holds `about`.
fn find<'a>(checks: &'a [Value], about: &str, name: &str) -> Made<&'a Value> {
    let is = |check: &&Value| check["about"].as_str().is_some_and(|a| a.contains(about)) && check["check"] == name;
    Ok(checks.iter().find(is).ok_or_else(|| format!("no {about}, {name}: {checks:#?}"))?)
}

fn is_applied(checks: &[Value], about: &str, name: &str, state: &str, words: &str) -> TestResult {
    let check = find(checks, about, name)?;
    assert_eq!(check["state"], state, "{check:#}");
    let said = format!("{} {}", check["says"], check["hint"]);
    assert!(said.contains(words), "nothing says `{words}`: {check:#}");
    Ok(())
}

#[test]
fn a_tenant_that_lacks_nothing() -> TestResult {
    let harness = Harness::of(FABRIKAM, &format!("{BOTH}{BACK}"), Faults::none(), &Person::Administrator)?;
    let found = checks(&harness, &[], 0)?;
    is_applied(&found, "portal", "token", "good", "a person's (")?;
    is_applied(&found, "portal", "token", "good", "from SSPRCTL_PORTAL_TOKEN, until ")?;
    is_applied(&found, "portal", "permissions", "good", "user_impersonation")?;
    is_applied(&found, "Graph", "audience", "good", "https://graph.microsoft.com")?;
    is_applied(&found, "Graph", "roles", "good", "Global Administrator")?;
    is_applied(&found, "Graph", "tenant", "good", "Fabrikam")?;
    is_applied(&found, "sign-in", "clock", "good", "agrees")?;
    is_applied(&found, "onPremises", "shape", "good", "understood")?;
    is_applied(&found, "tenant", "licence", "good", "permits reset and writeback")?;
    is_applied(&found, "tenant", "directory on premises", "good", "is synchronised")?;
    is_applied(&found, "dates of the service", "entra-connect-minimum", "doubt", "2.5.79.0")?;
    let uncertain = |check: &Value| check["check"] == "writeback client" || check["about"] == "dates of the service";
    assert!(found.iter().all(|check| check["state"] == "good" || uncertain(check)), "{found:#?}");
    assert_eq!(harness.writes(), 0);
    let run = harness.run(&["doctor"])?;
    assert!(run.stdout.contains("Checked: ") && run.stdout.contains(" 0 missing, 0 failed, in 1 tenant."), "{run:#?}");
    let run = harness.run(&["doctor", "--format", "markdown"])?;
    assert!(run.stdout.contains("- **ok** Microsoft Graph, token: "), "{run:#?}");
    Ok(())
}

#[test]
fn what_only_apply_needs_is_reported_and_counts_with_write() -> TestResult {
    let scopes = vec!["Policy.Read.All".to_owned(), "Organization.Read.All".to_owned()];
    let reader = Person::Scoped { roles: vec![Role::GlobalReader], scopes };
    let harness = Harness::of(CONTOSO, BOTH, Faults::none(), &reader)?;
    for (more, code, state) in [(&[][..], 0, "doubt"), (&["--write"], 8, "missing")] {
        let found = checks(&harness, more, code)?;
        is_applied(&found, "portal", "roles", "good", "Global Reader")?;
        is_applied(&found, "portal", "role to write", state, "Authentication Policy Administrator")?;
        is_applied(&found, "Graph", "role to write", state, "Privileged Role Administrator")?;
        is_applied(&found, "Graph", "permission to write", state, "Policy.ReadWrite.Authorization")?;
    }
    Ok(())
}

#[test]
fn an_application_reaches_graph_alone() -> TestResult {
    let harness = Harness::of(CONTOSO, BOTH, Faults::none(), &Person::App)?;
    let found = checks(&harness, &[], 8)?;
    is_applied(&found, "portal", "token", "missing", "takes only a person's token")?;
    is_applied(&found, "passwordReset", "readable", "missing", "for the same reason: the Entra portal API, token")?;
    is_applied(&found, "Graph", "token", "good", "an application's (")?;
    is_applied(&found, "authorizationPolicy", "shape", "good", "understood")?;
    let found = checks(&harness, &["--surfaces", "graph"], 0)?;
    assert!(!found.iter().any(|check| check["about"] == "the Entra portal API"), "{found:#?}");
    let run = harness.run(&["plan", "--surfaces", "graph"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stderr.contains("skipped because of --surfaces: methods.required"), "{run:#?}");
    Ok(())
}

#[test]
fn licences_and_the_directory_on_premises() -> TestResult {
    let harness = Harness::of(NORTHWIND, "scope:\n  users: all\n", Faults::none(), &Person::Administrator)?;
    is_applied(&checks(&harness, &[], 8)?, "tenant", "licence", "missing", "assign Entra ID P1 or P2")?;

    let harness = Harness::of(FABRIKAM, BACK, Faults::none(), &Person::Administrator)?;
    let change = |edit: fn(&mut entra_sandbox::Tenant)| {
        let done: Result<(), std::convert::Infallible> = harness.world.change(FABRIKAM, |tenant| {
            edit(tenant);
            Ok(())
        })?;
        let Ok(()) = done;
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    change(|tenant| tenant.sync.writeback_agent = false)?;
    let found = checks(&harness, &[], 8)?;
    for step in ["Set-ADSyncAADPasswordResetConfiguration", "Set-AADCloudSyncPasswordWritebackConfiguration"] {
        is_applied(&found, "tenant", "writeback client", "missing", step)?;
    }
    change(|tenant| tenant.sync.enabled = false)?;
    let found = checks(&harness, &[], 8)?;
    is_applied(&found, "tenant", "directory on premises", "missing", "set up Entra Connect or Cloud Sync")
}

#[test]
fn a_service_that_fails_hides_no_other() -> TestResult {
    let broken = Fault::on(Method::GET, POLICY_PATH, Action::status(400));
    let harness = Harness::with(BOTH, Faults::none().and(broken))?;
    let found = checks(&harness, &[], 1)?;
    is_applied(&found, "passwordReset", "readable", "failed", "HTTP 400")?;
    is_applied(&found, "portal", "tenant", "good", "Contoso")?;
    is_applied(&found, "authorizationPolicy", "shape", "good", "understood")?;

    let harness = Harness::with(BOTH, Faults::none())?;
    let mut command = harness.command(&["doctor", "--format", "json", "--timeout", "60s"]);
    let run = harness.finish(command.env("SSPRCTL_LOGIN_URL", "http://127.0.0.1:1"))?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    let document = run.json()?;
    let found = document["tenants"][0]["checks"].as_array().ok_or("no checks")?;
    is_applied(found, "sign-in", "reachable", "failed", "127.0.0.1 cannot be reached")?;
    is_applied(found, "Graph", "token", "good", "a person's")?;
    is_applied(found, "passwordReset", "shape", "good", "understood")
}

#[test]
fn clocks_and_shapes() -> TestResult {
    let path = format!("/{CONTOSO}/v2.0/.well-known/openid-configuration");
    for (seconds, state, code) in [(3_600, "failed", 1), (-3_600, "failed", 1), (120, "doubt", 0)] {
        let skew = Action::ClockSkew(SignedDuration::from_secs(seconds));
        let harness = Harness::with(BOTH, Faults::none().and(Fault::on(Method::GET, &path, skew)))?;
        let side = if seconds > 0 { "behind" } else { "ahead of" };
        is_applied(&checks(&harness, &[], code)?, "sign-in", "clock", state, side)?;
    }
    let other = Action::ChangeShape(ShapeChange::RetypeKey("numberOfAuthenticationMethodsRequired".to_owned()));
    let harness = Harness::with(BOTH, Faults::none().and(Fault::on(Method::GET, POLICY_PATH, other)))?;
    let found = checks(&harness, &[], 1)?;
    is_applied(&found, "passwordReset", "shape", "failed", "numberOfAuthenticationMethodsRequired")?;
    is_applied(&found, "authorizationPolicy", "shape", "good", "understood")
}

#[test]
fn another_tenants_token_is_named() -> TestResult {
    let harness = Harness::of(CONTOSO, BOTH, Faults::none(), &Person::Elsewhere)?;
    let found = checks(&harness, &[], 8)?;
    for system in ["portal", "Graph"] {
        is_applied(&found, system, "tenant", "missing", "but the policy is for contoso.onmicrosoft.com")?;
    }
    Ok(())
}

//! `conformance --write`: what writes show of the assumptions, and that everything is as it was afterwards, whatever happens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Moment};
use entra_sandbox::{Faults, Person, World, portal_user};
use serde_json::{Value, json};
use ssprctl::testing::conformance::table;

use crate::conformance::{Made, NEVER, TAILSPIN, judged, with_state};
use crate::endings::{send, wait_for};
use crate::harness::{CONTOSO, FABRIKAM, Harness, NORTHWIND, POLICY_PATH, Run, TestResult};

/// The state of a tenant without the audit log and the dates of changes, which nothing takes back.
fn state(folder: &Path, tenant: &str) -> Made<Value> {
    let mut state: Value = serde_json::from_str(&fs::read_to_string(folder.join(format!("{tenant}.json")))?)?;
    state["audit"] = Value::Null;
    state["methods"]["policy"]["lastModifiedDateTime"] = Value::Null;
    Ok(state)
}

/// A tenant in a folder, and no policy for it.
fn start(folder: &Path, tenant: &str, faults: Faults, person: &Person) -> Made<Harness> {
    let harness = Harness::in_world(World::open(folder)?, tenant, "methods: { required: 1 }", faults, person)?;
    fs::remove_file(harness.folder.path().join("policies/policy.yaml"))?;
    Ok(harness)
}

fn arguments(tenant: &str) -> Vec<&str> {
    vec!["conformance", "--tenant", tenant, "--write", "--disposable-tenant", tenant, "--verify-timeout", "300ms"]
}

fn last_line(run: &Run) -> &str {
    run.stdout.lines().last().unwrap_or_default()
}

/// Five tenants together show everything that one account can see. All of it holds, and each tenant is as it was, byte for
/// byte.
#[test]
fn what_writes_show_of_the_embedded_tenants_holds() -> TestResult {
    let (mut seen, mut never) = (BTreeSet::new(), BTreeSet::new());
    for (tenant, person) in [
        (CONTOSO, Person::Administrator),
        (FABRIKAM, Person::Administrator),
        (NORTHWIND, Person::Administrator),
        (TAILSPIN, Person::Administrator),
        (CONTOSO, Person::App),
    ] {
        let folder = tempfile::tempdir()?;
        let harness = start(folder.path(), tenant, Faults::none(), &person)?;
        let edit = |setting, value| portal_user::set(&harness.world, tenant, setting, value);
        if tenant == CONTOSO {
            edit("scope.users", "all")?;
        }
        let before = state(folder.path(), tenant)?;
        let code = if tenant == TAILSPIN { 2 } else { 0 };
        let judged = judged(&harness, tenant, code, &arguments(tenant)[3..])?;
        let broken = if tenant == TAILSPIN { vec!["policy-no-other-fields"] } else { Vec::new() };
        assert_eq!(with_state(&judged, "broken"), broken, "{tenant}");
        assert_eq!(state(folder.path(), tenant)?.to_string(), before.to_string(), "{tenant}");
        assert!(harness.writes() > 10, "{tenant}");
        seen.extend(with_state(&judged, "holds"));
        let no_run = |one: &Value| one["reason"].as_str().is_some_and(|reason| NEVER.contains(&reason));
        never.extend(judged.iter().filter(|(_, one)| no_run(one)).map(|(id, _)| id.clone()));
    }
    let all: BTreeSet<String> = table::listed().into_iter().map(|(id, _)| id.to_owned()).collect();
    assert_eq!(seen.union(&never).cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(seen.intersection(&never).count(), 0);
    Ok(())
}

/// A write that does nothing, another status and a rule that is not enforced: each is named.
#[test]
fn broken_assumptions_about_writes_are_named() -> TestResult {
    let folder = tempfile::tempdir()?;
    let faults = Faults::none()
        .and(Fault::on(Method::PATCH, "v1.0/policies/authorizationPolicy", Action::LostWrite))
        .and(Fault::on(Method::POST, POLICY_PATH, Action::status(404)))
        .and(Fault::on(Method::DELETE, "SoftwareOath", Action::status(501)));
    let harness = start(folder.path(), CONTOSO, faults, &Person::Administrator)?;
    let before = state(folder.path(), CONTOSO)?;
    let judged = judged(&harness, CONTOSO, 2, &arguments(CONTOSO)[3..])?;
    assert_eq!(with_state(&judged, "broken"), ["authorization-patch", "methods-writes", "portal-method"]);
    assert_eq!(judged["portal-method"]["status"], 404);
    assert_eq!(judged["policy-put"]["state"], "holds");
    assert_eq!(state(folder.path(), CONTOSO)?, before);
    let run = harness.run(&arguments(CONTOSO))?;
    assert!(last_line(&run).ends_with(" sent, everything is as it was."), "{run:#?}");
    Ok(())
}

/// The answer to a write is lost, whether it takes effect or not, and whichever it is: nothing more is tried, and everything is
/// put back.
#[test]
fn after_a_lost_answer_everything_is_put_back() -> TestResult {
    for (method, path, after, moment) in [
        (Method::PUT, POLICY_PATH, 4, Moment::Before),
        (Method::PUT, POLICY_PATH, 4, Moment::After),
        (Method::PATCH, "authorizationPolicy", 0, Moment::After),
        (Method::PATCH, "SoftwareOath", 2, Moment::After),
        (Method::POST, "namedLocations", 0, Moment::After),
        (Method::POST, "deviceConfigurations", 0, Moment::After),
    ] {
        let folder = tempfile::tempdir()?;
        let lost = Fault::on(method.clone(), path, Action::Reset(moment)).after(after).times(1);
        let harness = start(folder.path(), CONTOSO, Faults::none().and(lost), &Person::Administrator)?;
        let before = state(folder.path(), CONTOSO)?;
        let run = harness.run(&arguments(CONTOSO))?;
        let case = format!("{method} {path} {moment:?}: {run:#?}");
        assert!(run.code == Some(0) && last_line(&run).ends_with(" everything is as it was."), "{case}");
        assert!(run.stdout.contains("the answer to a write was lost"), "{case}");
        assert_eq!(state(folder.path(), CONTOSO)?, before, "{case}");
    }
    Ok(())
}

/// What cannot be put back is named, in the last line as well, and the exit code is 1.
#[test]
fn what_cannot_be_put_back_is_named() -> TestResult {
    let folder = tempfile::tempdir()?;
    let refused = Fault::on(Method::PUT, POLICY_PATH, Action::status(403)).after(3);
    let stuck = Fault::on(Method::DELETE, "namedLocations", Action::status(400));
    let harness = start(folder.path(), CONTOSO, Faults::none().and(refused).and(stuck), &Person::Administrator)?;
    let run = harness.run(&arguments(CONTOSO))?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    let last = last_line(&run);
    assert!(last.contains(" sent, NOT put back: conditionalAccess, passwordReset; as it was: "), "{run:#?}");
    assert!(run.stdout.contains("passwordReset: registrationRequiredOnSignIn, registrationReconfirm"), "{run:#?}");
    assert!(run.stdout.contains("conditionalAccess: ssprctl conformance 2"), "{run:#?}");
    let journal = harness.journal()?;
    assert!(last.contains(&journal.display().to_string()), "{run:#?}");
    let run = harness.run(&["history", "latest"])?;
    assert!(run.code == Some(0) && run.stdout.contains("rollback incomplete"), "{run:#?}");
    Ok(())
}

/// An interrupt ends the trying, and everything is put back; a kill leaves a journal, by which `rollback` puts it back.
#[cfg(unix)]
#[test]
fn after_an_interrupt_or_a_kill_everything_can_be_put_back() -> TestResult {
    for (signal, code) in [("-INT", Some(130)), ("-KILL", None)] {
        let folder = tempfile::tempdir()?;
        let slow = Fault::on(Method::PUT, POLICY_PATH, Action::Delay(Duration::from_secs(2))).after(5).times(1);
        let harness = start(folder.path(), CONTOSO, Faults::none().and(slow), &Person::Administrator)?;
        let before = state(folder.path(), CONTOSO)?;
        let mut command = harness.command(&arguments(CONTOSO));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        wait_for("the sixth write", || harness.writes() == 6)?;
        send(signal, child.id())?;
        let output = child.wait_with_output()?;
        let text = String::from_utf8(output.stdout)?;
        assert_eq!(output.status.code(), code, "{text}");
        if code.is_none() {
            assert_ne!(state(folder.path(), CONTOSO)?, before);
            let run = harness.run(&arguments(CONTOSO))?;
            assert_eq!(run.code, Some(4), "what was left is not measured: {run:#?}");
            assert!(run.stderr.contains("a run was interrupted while it worked on this tenant"), "{run:#?}");
            let run = harness.run(&["rollback", "latest", "--auto-approve", "--verify-timeout", "2500ms"])?;
            assert_eq!(run.code, Some(0), "{run:#?}");
            // A write that is tried is about no setting.
            assert!(run.stderr.contains("\n  passwordReset: ") && !run.stderr.contains("()"), "{run:#?}");
        } else {
            assert!(text.ends_with("everything is as it was.\n") && text.contains("the run was interrupted"), "{text}");
        }
        assert_eq!(state(folder.path(), CONTOSO)?, before, "{signal}");
    }
    Ok(())
}

/// Nothing is written unless it is asked for twice, and never in a tenant that a policy of the repository manages.
#[test]
fn without_being_asked_twice_nothing_is_written() -> TestResult {
    let folder = tempfile::tempdir()?;
    let harness = start(folder.path(), CONTOSO, Faults::none(), &Person::Administrator)?;
    let once = ["conformance", "--tenant", CONTOSO, "--write"];
    let other = [&once[..], &["--disposable-tenant", FABRIKAM]].concat();
    let alone = ["conformance", "--tenant", CONTOSO, "--disposable-tenant", CONTOSO];
    for (arguments, code, why) in [
        (&once[..], 4, "--write has to be asked for twice"),
        (&[&once[..], &["--no-input"]].concat(), 4, "--write has to be asked for twice"),
        (&other, 4, "--disposable-tenant names fabrikam.onmicrosoft.com, and --tenant contoso.onmicrosoft.com"),
        (&alone, 1, "--write"),
    ] {
        let run = harness.run(arguments)?;
        assert!(run.code == Some(code) && run.stderr.contains(why), "{arguments:?}: {run:#?}");
    }
    // By another of its domains, by its id, and with a policy that is invalid.
    let policy = harness.folder.path().join("policies/policy.yaml");
    for (tenant, code, why) in [
        ("contoso.com", 4, "a policy of this repository manages contoso.com"),
        ("55bc0001-0000-4000-8000-000000000001", 4, "a policy of this repository manages 55bc0001-"),
        ("[", 1, "the policies of this repository are invalid"),
    ] {
        fs::write(&policy, format!("version: 1\ntenant: {tenant}\nmethods: {{ required: 1 }}\n"))?;
        let run = harness.run(&arguments(CONTOSO))?;
        assert!(run.code == Some(code) && run.stderr.contains(why), "{tenant}: {run:#?}");
    }
    assert_eq!(harness.writes(), 0);
    fs::write(&policy, format!("version: 1\ntenant: {FABRIKAM}\nmethods: {{ required: 1 }}\n"))?;
    let run = harness.run(&arguments(CONTOSO))?;
    assert_eq!((run.code, json!(harness.writes() > 0)), (Some(0), json!(true)), "{run:#?}");
    Ok(())
}

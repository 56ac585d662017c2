//! What runs leave behind, and what is done with it: `history`, `rollback`, the lock of a tenant.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Migration, portal_user};
use serde_json::Value;

use crate::endings::wait_for;
use crate::harness::{CONTOSO, Harness, POLICY_PATH, Run, TestResult};

const CHANGE: &str = "notifications: { administrators: true }\nscope: { administrators: false }";

fn rollback(harness: &Harness) -> Result<Run, Box<dyn std::error::Error>> {
    harness.run(&["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"])
}

#[test]
fn a_run_is_listed_and_rolled_back_and_applied_again() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["history"])?.stdout, "No run has written anything yet.\n");
    let before = harness.world.show(CONTOSO)?;
    assert_eq!(harness.apply()?.code, Some(0));
    let after = harness.world.show(CONTOSO)?;
    let report = harness.run(&["history", "--format", "json"])?.json()?;
    let run = report["runs"][0]["run"].as_str().ok_or("no run")?;
    let tenant = &report["runs"][0]["tenants"][0];
    assert_eq!((&tenant["tenant"], &tenant["ended"]), (&CONTOSO.into(), &"applied".into()), "{report:#}");
    let results: Vec<_> =
        tenant["requests"].as_array().into_iter().flatten().map(|one| one["result"].clone()).collect();
    assert_eq!(results, ["verified", "verified"]);
    assert_eq!(tenant["requests"][0]["changes"][0]["before"], false, "{report:#}");
    assert!(harness.run(&["history", run])?.stdout.contains("notifications.administrators  false → true"));

    assert_eq!(harness.run(&["rollback", run])?.code, Some(4), "a rollback is asked for like any other plan");
    assert!(harness.world.show(CONTOSO)? == after, "the tenant is another");
    let undone = harness.run(&["rollback", run, "--auto-approve"])?;
    assert_eq!((undone.code, harness.writes()), (Some(0), 4), "{undone:#?}");
    assert!(harness.world.show(CONTOSO)? == before, "the tenant is another");
    // A rollback is a run itself, and can be taken back.
    assert_eq!(rollback(&harness)?.code, Some(0));
    assert!(harness.world.show(CONTOSO)? == after, "the tenant is another");
    assert_eq!(harness.run(&["history"])?.stdout.lines().count(), 3);
    Ok(())
}

#[test]
fn a_rollback_leaves_what_somebody_changed_since() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    portal_user::set(&harness.world, CONTOSO, "notifications.administrators", "false")?;
    portal_user::set(&harness.world, CONTOSO, "registration.reconfirmAfterDays", "30")?;
    portal_user::set(&harness.world, CONTOSO, "scope.administrators", "true")?;
    portal_user::set(&harness.world, CONTOSO, "scope.administrators", "false")?;
    let run = rollback(&harness)?;
    assert_eq!((run.code, harness.writes()), (Some(0), 3), "{run:#?}");
    let shown: Value = serde_json::from_str(&harness.world.show(CONTOSO)?)?;
    assert_eq!(shown["passwordReset"]["registrationReconfirmIntevalInDays"], 30);
    assert_eq!(shown["authorization"]["allowedToUseSSPR"], true);
    Ok(())
}

/// A rollback finds out how far the tenant has migrated, as the apply did: the portal counts no methods in either.
#[test]
fn a_rollback_of_a_migrated_tenant_skips_the_portals_count() -> TestResult {
    let harness = Harness::with("registration: { reconfirmAfterDays: 90 }", Faults::none())?;
    harness.world.migrate(CONTOSO, Some(Migration::MigrationComplete))?;
    assert_eq!(harness.apply()?.code, Some(0));
    assert_eq!(rollback(&harness)?.code, Some(0));
    assert_eq!(harness.queries_of_puts(POLICY_PATH), ["byPassMethodCountCheck=true"; 2]);
    Ok(())
}

/// Questions can be put back; what people had answered cannot.
#[test]
fn a_rollback_says_what_is_lost_for_good() -> TestResult {
    let harness = Harness::with("securityQuestions: { questions: [] }", Faults::none())?;
    let five = ["One?", "Two?", "Three?", "Four?", "Five?"].map(|text| serde_json::json!({ "custom": text }));
    let five = serde_json::to_string(&five)?;
    portal_user::set(&harness.world, CONTOSO, "securityQuestions.questions", &five)?;
    let questions = |harness: &Harness| -> Result<Vec<String>, Box<dyn std::error::Error>> {
        let shown: Value = serde_json::from_str(&harness.world.show(CONTOSO)?)?;
        let list = shown["passwordReset"]["securityQuestions"].as_array().cloned().unwrap_or_default();
        let mut texts: Vec<_> = list.iter().map(|one| one["questionText"].to_string()).collect();
        texts.sort();
        Ok(texts)
    };
    let before = questions(&harness)?;
    assert_eq!(harness.apply()?.code, Some(0));
    assert_eq!(questions(&harness)?.len(), 0);
    let asked = harness.run(&["rollback", "latest"])?;
    assert!(asked.stderr.contains("warning[answers-lost]"), "{asked:#?}");
    assert_eq!(rollback(&harness)?.code, Some(0));
    assert_eq!(questions(&harness)?, before);
    Ok(())
}

#[test]
fn an_unknown_run_is_said_to_be_so() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for run in ["latest", "../policies/policy.yaml", "20261122T091400123Z-1a2b3c4d"] {
        for command in [&["history", run][..], &["rollback", run, "--auto-approve"]] {
            let report = harness.run(command)?;
            assert_eq!((report.code, harness.writes()), (Some(1), 0), "{report:#?}");
            assert!(report.stderr.contains("hint: `ssprctl history` lists the runs"), "{report:#?}");
        }
    }
    Ok(())
}

/// Nothing is sent of which there would be no trace.
#[test]
fn a_journal_that_cannot_be_written_stops_everything() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    fs::write(harness.folder.path().join("occupied"), "")?;
    let run = harness.run(&["apply", "--auto-approve", "--journal", "occupied/journal"])?;
    assert_eq!((run.code, harness.writes()), (Some(1), 0), "{run:#?}");
    assert!(run.stdout.contains("hint: make its folder writable, or name another one with --journal"), "{run:#?}");
    Ok(())
}

#[test]
fn two_applies_of_one_tenant_wait_or_fail_by_name() -> TestResult {
    let slow = Fault::on(Method::PUT, POLICY_PATH, Action::Delay(Duration::from_secs(3))).times(1);
    let harness = Harness::with(CHANGE, Faults::none().and(slow))?;
    let mut first = harness.command(&["apply", "--auto-approve"]);
    let first = first.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    wait_for("the write", || harness.writes() == 1)?;
    let refused = harness.apply()?;
    assert_eq!((refused.code, harness.writes()), (Some(1), 1), "{refused:#?}");
    let process = format!("process {}", first.id());
    assert!(refused.stdout.contains("another apply of this tenant is running (run 2"), "{refused:#?}");
    assert!(refused.stdout.contains(&process), "{refused:#?}");
    // It plans from what the first has half done, waits, and finds the tenant moved on: nothing is sent twice.
    let waited = harness.run(&["apply", "--auto-approve", "--lock-timeout", "60s"])?;
    assert!(matches!(waited.code, Some(0 | 5)), "{waited:#?}");
    let first = first.wait_with_output()?;
    assert_eq!((first.status.code(), harness.writes()), (Some(0), 2), "{first:#?}");
    Ok(())
}

/// A line that is cut in the middle, with the next one behind it, as a full disk leaves them: what it recorded is not known,
/// so neither `history` nor `rollback` takes the run for whole.
#[test]
fn a_damaged_line_is_named() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let path = harness.journal()?;
    let text = fs::read_to_string(&path)?;
    let lines: Vec<_> = text.lines().collect();
    let last_request = lines.iter().rposition(|line| line.contains("\"sending\"")).ok_or("no request")?;
    let mut damaged = lines.clone();
    let half = lines[last_request][..lines[last_request].len() / 2].to_owned() + lines[last_request + 1];
    damaged.splice(last_request..last_request + 2, [half.as_str()]);
    fs::write(&path, damaged.join("\n") + "\n")?;

    let number = last_request + 1;
    let shown = harness.run(&["history", "latest"])?;
    let named = format!("lines {number}, {} of its journal cannot be read", number + 1);
    assert!(shown.code == Some(1) && shown.stdout.contains(&named), "{shown:#?}");
    let listed = harness.run(&["history"])?;
    assert!(listed.code == Some(1) && listed.stdout.contains(&named), "{listed:#?}");
    let undone = rollback(&harness)?;
    assert_eq!(undone.code, Some(1), "{undone:#?}");
    assert_eq!(undone.stderr.matches(&named).count(), 2, "before anything is sent, and at the end: {undone:#?}");
    Ok(())
}

/// A last line that is missing whole leaves no trace, so it cannot be told from an interruption: neither is claimed.
#[test]
fn a_journal_without_its_last_line_is_not_taken_for_whole() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let path = harness.journal()?;
    let text = fs::read_to_string(&path)?;
    let last = text.trim_end().rfind('\n').ok_or("one line")?;
    fs::write(&path, &text[..=last])?;

    let no_end =
        "its journal has no end: the run was interrupted, is still at work, or the end of the file was cut off";
    for command in [&["history"][..], &["history", "latest"]] {
        let shown = harness.run(command)?;
        assert!(shown.code == Some(0) && shown.stdout.contains(no_end), "{shown:#?}");
    }
    let planned = harness.run(&["plan"])?;
    assert!(
        planned.stderr.contains("was interrupted") && planned.stderr.contains("or its journal was cut"),
        "{planned:#?}"
    );
    let undone = rollback(&harness)?;
    assert!(undone.stderr.contains(&format!("{no_end}; only what it has is rolled back")), "{undone:#?}");
    Ok(())
}

/// What was sent is not known, or there is nothing of it left: that is said, and not that a policy manages nothing.
#[test]
fn a_rollback_without_requests_says_why() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let path = harness.journal()?;
    let text = fs::read_to_string(&path)?.replace("\"sending\"", "\"sending?\"");
    fs::write(&path, text)?;
    let undone = rollback(&harness)?;
    assert_eq!((undone.code, harness.writes()), (Some(1), 2), "{undone:#?}");
    assert!(undone.stdout.contains("sent to this tenant is not known: lines 2, 5 of its journal"), "{undone:#?}");
    assert!(undone.stdout.contains("hint: compare the tenant with the policy"), "{undone:#?}");

    let refused = Fault::on(Method::PATCH, "authorizationPolicy", Action::status(400));
    let harness = Harness::with(CHANGE, Faults::none().and(refused))?;
    assert_eq!(harness.apply()?.code, Some(7));
    let undone = rollback(&harness)?;
    assert_eq!(undone.code, Some(1), "{undone:#?}");
    assert!(undone.stdout.contains("it has been rolled back already"), "{undone:#?}");
    Ok(())
}

/// Of a journal without a line nothing is known, which is not to say that the run did nothing.
#[test]
fn an_empty_journal_is_named() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    fs::write(harness.journal()?, "")?;
    let listed = harness.run(&["history"])?;
    assert!(listed.stdout.contains("no line of its journal can be read"), "{listed:#?}");
    let undone = rollback(&harness)?;
    assert!(undone.code == Some(1) && undone.stderr.contains("can be read"), "{undone:#?}");
    Ok(())
}

//! `--quiet`, and how far long work is, at a terminal that `script` of util-linux makes.

use std::fs;
use std::process::{Command, Stdio};

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

fn two_tenants() -> Result<Harness, Box<dyn std::error::Error>> {
    let harness = Harness::with("notifications: { users: true }", Faults::none())?;
    let other = "version: 1\ntenant: fabrikam.onmicrosoft.com\nnotifications: { users: true }\n";
    fs::write(harness.folder.path().join("policies/other.yaml"), other)?;
    Ok(harness)
}

/// What a terminal is sent.
fn sent(harness: &Harness, arguments: &str) -> Result<String, Box<dyn std::error::Error>> {
    let line = format!("stty rows 50 cols 100; {} {arguments}", env!("CARGO_BIN_EXE_ssprctl"));
    let mut command = Command::new("script");
    harness.prepare(&mut command);
    command.env("TERM", "xterm").args(["--quiet", "--return", "--command", &line, "/dev/null"]).stdin(Stdio::null());
    Ok(harness.finish(&mut command)?.stdout)
}

#[test]
fn notes_are_left_out_and_results_errors_and_warnings_are_not() -> TestResult {
    let harness = Harness::with("notifications: { users: true }", Faults::none())?;
    let past = ["plan", "--as-of", "2026-11-01"];
    assert!(harness.run(&past)?.stderr.contains("is past"));
    let quiet = harness.run(&[&past[..], &["--quiet"]].concat())?;
    assert_eq!(quiet.stderr, "");
    assert!(quiet.stdout.ends_with("\n"), "{quiet:#?}");
    let failed = harness.run(&["plan", "nowhere", "-q"])?;
    assert!(failed.code == Some(3) && failed.stdout.contains("does not exist"), "{failed:#?}");
    let failed = harness.run(&["history", "unknown", "-q"])?;
    assert!(failed.stderr.starts_with("error: "), "{failed:#?}");
    let mut command = harness.command(&["history", "unknown"]);
    let failed = harness.finish(command.env("SSPRCTL_QUIET", "true"))?;
    assert!(failed.stderr.starts_with("error: "), "{failed:#?}");
    Ok(())
}

#[test]
fn how_many_tenants_are_done_is_shown_at_a_terminal_alone() -> TestResult {
    let harness = two_tenants()?;
    let run = harness.run(&["drift"])?;
    assert_eq!(run.stderr, "");
    let progress = "░ 0 of 2 tenants";
    assert!(sent(&harness, "drift")?.contains(progress));
    assert!(!sent(&harness, "drift --quiet")?.contains(progress));
    Ok(())
}

//! Files that are larger than what is read of them: each is named with its bound, and nothing is done from half of one.

use std::fs::{self, File};
use std::path::Path;

use axum::http::Method;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault};

use crate::harness::{CONTOSO, Harness, POLICY_PATH, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";
const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Makes a file, or lets one grow, to this many bytes that take no space.
fn grow(path: &Path, bytes: u64) -> TestResult {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::options().create(true).append(true).open(path)?.set_len(bytes)?;
    Ok(())
}

#[test]
fn a_policy() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    grow(&harness.folder.path().join("policies/policy.yaml"), MIB + 1)?;
    let run = harness.run(&["plan"])?;
    assert_eq!((run.code, harness.requests()), (Some(3), 0), "{run:#?}");
    let report = format!("{}{}", run.stdout, run.stderr);
    assert!(report.contains("error[too-large]: the file is larger than 1048576 bytes"), "{report}");
    assert!(report.contains("policies/policy.yaml"), "{report}");
    Ok(())
}

#[test]
fn a_template() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    grow(&harness.folder.path().join("mail"), 256 * KIB + 1)?;
    let run = harness.run(&["announce", "--template", "mail"])?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
    assert!(run.stderr.contains("the template mail cannot be read: it is larger than 256 KiB"), "{run:#?}");
    Ok(())
}

/// The whole journal was there, and a truncated one would list fewer requests than were sent.
#[test]
fn a_journal() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["apply", "--auto-approve", "--journal", "runs"])?.code, Some(0));
    let name = fs::read_dir(harness.folder.path().join("runs"))?.next().ok_or("no journal")??.file_name();
    let name = name.to_str().ok_or("no name")?;
    let run = name.strip_suffix(".jsonl").ok_or("no run")?;
    let journal = harness.folder.path().join("runs").join(name);
    let whole = fs::read(&journal)?;

    // At the bound it is read, whatever else is in it.
    grow(&journal, 64 * MIB)?;
    let report = harness.run(&["history", run, "--journal", "runs"])?;
    assert_eq!(report.code, Some(0), "{report:#?}");
    assert!(report.stdout.contains("notifications.administrators"), "{report:#?}");

    grow(&journal, 64 * MIB + 1)?;
    for command in [&["history", run][..], &["history", "latest"], &["rollback", run, "--auto-approve"]] {
        let report = harness.run(&[command, &["--journal", "runs"]].concat())?;
        assert_eq!((report.code, report.stdout.as_str()), (Some(1), ""), "{report:#?}");
        let why = format!("the journal runs/{name} cannot be read: it is larger than 64 MiB");
        assert!(report.stderr.contains(&why), "{report:#?}");
    }
    let report = harness.run(&["history", "--journal", "runs"])?;
    assert!(report.stderr.contains(&format!("warning: the journal runs/{name} is left out: it is larger than 64 MiB")));
    // Whether its run was cut off is not known to whoever plans next.
    let why = format!("warning: the journal runs/{name} cannot be read: it is larger than 64 MiB");
    fs::write(
        harness.folder.path().join("policies/policy.yaml"),
        format!("version: 1\ntenant: {CONTOSO}\nscope: {{ administrators: false }}\n"),
    )?;
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let report = harness.run(&[command, &["--journal", "runs"]].concat())?;
        assert_eq!((report.code, report.stderr.matches(&why).count()), (Some(0), 1), "{report:#?}");
    }

    fs::write(&journal, whole)?;
    assert_eq!(harness.run(&["history", run, "--journal", "runs"])?.code, Some(0));
    Ok(())
}

#[test]
fn a_drift_state() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["drift"])?.code, Some(2));
    let state = fs::read_dir(harness.state().join("drift"))?.next().ok_or("no drift state")??.path();
    grow(&state, MIB + 1)?;
    let run = harness.run(&["drift"])?;
    assert_eq!(run.code, Some(2), "{run:#?}");
    let why = format!("warning: {} is not used: it is larger than 1 MiB", state.display());
    assert!(run.stderr.contains(&why), "{run:#?}");
    assert!(fs::metadata(&state)?.len() < MIB, "the next run has a state that it can use");
    Ok(())
}

#[test]
fn a_snapshot_and_its_key() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let (snapshot, key) = (harness.folder.path().join("snapshot.json"), harness.folder.path().join("key.pem"));
    fs::write(&snapshot, "{}")?;
    grow(&key, 256 * MIB + 1)?;
    let run = harness.run(&["plan", "--against", "snapshot.json", "--public-key", "key.pem"])?;
    assert_eq!((run.code, harness.requests()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("key.pem cannot be read: it is larger than 256 MiB"), "{run:#?}");
    grow(&snapshot, 256 * MIB + 1)?;
    let run = harness.run(&["plan", "--against", "snapshot.json"])?;
    assert_eq!((run.code, harness.requests()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("snapshot.json cannot be read: it is larger than 256 MiB"), "{run:#?}");
    Ok(())
}

#[test]
fn a_review() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    // A policy that is larger than a policy may be is not the one that was reviewed.
    let (policy, whole) = (
        harness.folder.path().join("policies/policy.yaml"),
        fs::read(harness.folder.path().join("policies/policy.yaml"))?,
    );
    grow(&policy, MIB + 1)?;
    let run = harness.run(&["apply", "--plan", "review.json", "--auto-approve"])?;
    assert!(run.stderr.contains("the policies are not those that were reviewed"), "{run:#?}");
    fs::write(&policy, whole)?;
    grow(&harness.folder.path().join("review.json"), 256 * MIB + 1)?;
    let run = harness.run(&["apply", "--plan", "review.json", "--auto-approve"])?;
    assert_eq!((run.code, harness.writes()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("review.json cannot be read: it is larger than 256 MiB"), "{run:#?}");
    Ok(())
}

/// A review is a regular file, as everything that is read.
#[cfg(unix)]
#[test]
fn a_review_from_a_pipe_is_refused() -> TestResult {
    use std::process::Stdio;

    let harness = Harness::with(CHANGE, Faults::none())?;
    let mut command = harness.command(&["apply", "--plan", "/dev/stdin", "--auto-approve"]);
    // Nobody writes into the pipe, and nobody closes it: whoever read it would wait.
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let open = child.stdin.take();
    let output = child.wait_with_output()?;
    drop(open);
    assert_eq!((output.status.code(), harness.requests()), (Some(1), 0), "{output:?}");
    let said = String::from_utf8(output.stderr)?;
    assert!(said.contains("/dev/stdin cannot be read: it is not a regular file"), "{said}");
    Ok(())
}

#[test]
fn a_controller_state() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    grow(&harness.folder.path().join("state-folder/state.json"), 256 * MIB + 1)?;
    let run = harness.run(&["controller", "--state", "state-folder", "--listen", "127.0.0.1:0"])?;
    assert_eq!((run.code, harness.requests()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("state.json is not used: it is larger than 256 MiB"), "{run:#?}");
    Ok(())
}

/// Whose the lock is is said by its file; where that is no such file any more, that is said.
#[test]
fn a_lock() -> TestResult {
    let slow = Fault::on(Method::PUT, POLICY_PATH, Action::Delay(std::time::Duration::from_secs(3))).times(1);
    let two = format!("{CHANGE}\nscope: {{ administrators: false }}");
    let harness = Harness::with(&two, Faults::none().and(slow))?;
    let mut first = harness.command(&["apply", "--auto-approve"]).stdout(std::process::Stdio::null()).spawn()?;
    crate::endings::wait_for("the write", || harness.writes() == 1)?;
    let locks = harness.folder.path().join("state/ssprctl/locks");
    let lock = fs::read_dir(&locks)?.next().ok_or("no lock")??.path();
    grow(&lock, 201)?;
    let refused = harness.apply()?;
    assert_eq!((refused.code, harness.writes()), (Some(1), 1), "{refused:#?}");
    let why = format!("({} does not say whose: it is larger than 200 bytes)", lock.display());
    assert!(refused.stdout.contains(&why), "{refused:#?}");
    assert!(first.wait()?.success());
    Ok(())
}

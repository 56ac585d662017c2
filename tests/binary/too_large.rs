//! Files that are larger than what is read of them: each is named with its bound, and nothing is done from half of one.

use std::fs::{self, File};
use std::path::Path;

use axum::http::Method;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault};

use crate::harness::{CONTOSO, Ended, POLICY_PATH, Stand};

const CHANGE: &str = "notifications: { administrators: true }";
const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Makes a file, or lets one grow, to this many bytes that take no space.
fn grow(path: &Path, bytes: u64) -> Ended {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::options().create(true).append(true).open(path)?.set_len(bytes)?;
    Ok(())
}

#[test]
fn a_policy() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    grow(&stand.folder.path().join("policies/policy.yaml"), MIB + 1)?;
    let run = stand.run(&["plan"])?;
    assert_eq!((run.code, stand.requests()), (Some(3), 0), "{run:#?}");
    let told = format!("{}{}", run.stdout, run.stderr);
    assert!(told.contains("error[too-large]: the file is larger than 1048576 bytes"), "{told}");
    assert!(told.contains("policies/policy.yaml"), "{told}");
    Ok(())
}

#[test]
fn a_template() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    grow(&stand.folder.path().join("mail"), 256 * KIB + 1)?;
    let run = stand.run(&["announce", "--template", "mail"])?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
    assert!(run.stderr.contains("the template mail cannot be read: it is larger than 256 KiB"), "{run:#?}");
    Ok(())
}

/// The whole journal was there, and a cut one would tell of fewer requests than were sent.
#[test]
fn a_journal() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    assert_eq!(stand.run(&["apply", "--auto-approve", "--journal", "runs"])?.code, Some(0));
    let name = fs::read_dir(stand.folder.path().join("runs"))?.next().ok_or("no journal")??.file_name();
    let name = name.to_str().ok_or("no name")?;
    let run = name.strip_suffix(".jsonl").ok_or("no run")?;
    let journal = stand.folder.path().join("runs").join(name);
    let whole = fs::read(&journal)?;

    // At the bound it is read, whatever else is in it.
    grow(&journal, 64 * MIB)?;
    let told = stand.run(&["history", run, "--journal", "runs"])?;
    assert_eq!(told.code, Some(0), "{told:#?}");
    assert!(told.stdout.contains("notifications.administrators"), "{told:#?}");

    grow(&journal, 64 * MIB + 1)?;
    for command in [&["history", run][..], &["history", "latest"], &["rollback", run, "--auto-approve"]] {
        let told = stand.run(&[command, &["--journal", "runs"]].concat())?;
        assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""), "{told:#?}");
        let why = format!("the journal runs/{name} cannot be read: it is larger than 64 MiB");
        assert!(told.stderr.contains(&why), "{told:#?}");
    }
    let told = stand.run(&["history", "--journal", "runs"])?;
    assert!(told.stderr.contains(&format!("warning: the journal runs/{name} is left out: it is larger than 64 MiB")));
    // Whether its run was cut off is not known to whoever plans next.
    let why = format!("warning: the journal runs/{name} cannot be read: it is larger than 64 MiB");
    fs::write(
        stand.folder.path().join("policies/policy.yaml"),
        format!("version: 1\ntenant: {CONTOSO}\nscope: {{ administrators: false }}\n"),
    )?;
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let told = stand.run(&[command, &["--journal", "runs"]].concat())?;
        assert_eq!((told.code, told.stderr.matches(&why).count()), (Some(0), 1), "{told:#?}");
    }

    fs::write(&journal, whole)?;
    assert_eq!(stand.run(&["history", run, "--journal", "runs"])?.code, Some(0));
    Ok(())
}

#[test]
fn a_drift_state() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    assert_eq!(stand.run(&["drift"])?.code, Some(2));
    let state = fs::read_dir(stand.folder.path().join(".ssprctl/drift"))?.next().ok_or("no drift state")??.path();
    grow(&state, MIB + 1)?;
    let run = stand.run(&["drift"])?;
    assert_eq!(run.code, Some(2), "{run:#?}");
    let name = state.file_name().and_then(|name| name.to_str()).ok_or("no name")?;
    let why = format!("warning: .ssprctl/drift/{name} is not used: it is larger than 1 MiB");
    assert!(run.stderr.contains(&why), "{run:#?}");
    assert!(fs::metadata(&state)?.len() < MIB, "the next run has a state that it can use");
    Ok(())
}

#[test]
fn a_snapshot_and_its_key() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    let (snapshot, key) = (stand.folder.path().join("snapshot.json"), stand.folder.path().join("key.pem"));
    fs::write(&snapshot, "{}")?;
    grow(&key, 256 * MIB + 1)?;
    let run = stand.run(&["plan", "--against", "snapshot.json", "--public-key", "key.pem"])?;
    assert_eq!((run.code, stand.requests()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("key.pem cannot be read: it is larger than 256 MiB"), "{run:#?}");
    grow(&snapshot, 256 * MIB + 1)?;
    let run = stand.run(&["plan", "--against", "snapshot.json"])?;
    assert_eq!((run.code, stand.requests()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("snapshot.json cannot be read: it is larger than 256 MiB"), "{run:#?}");
    Ok(())
}

#[test]
fn a_review() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    assert_eq!(stand.run(&["plan", "--out", "review.json"])?.code, Some(0));
    // A policy that is larger than a policy may be is not the one that was reviewed.
    let (policy, whole) =
        (stand.folder.path().join("policies/policy.yaml"), fs::read(stand.folder.path().join("policies/policy.yaml"))?);
    grow(&policy, MIB + 1)?;
    let run = stand.run(&["apply", "--plan", "review.json", "--auto-approve"])?;
    assert!(run.stderr.contains("the policies are not those that were reviewed"), "{run:#?}");
    fs::write(&policy, whole)?;
    grow(&stand.folder.path().join("review.json"), 256 * MIB + 1)?;
    let run = stand.run(&["apply", "--plan", "review.json", "--auto-approve"])?;
    assert_eq!((run.code, stand.writes()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("review.json cannot be read: it is larger than 256 MiB"), "{run:#?}");
    Ok(())
}

/// A review may come from a pipe, as it always could.
#[cfg(unix)]
#[test]
fn a_review_from_a_pipe() -> Ended {
    use std::io::Write;
    use std::process::Stdio;

    let stand = Stand::with(CHANGE, Faults::none())?;
    assert_eq!(stand.run(&["plan", "--out", "review.json"])?.code, Some(0));
    let review = fs::read(stand.folder.path().join("review.json"))?;
    let mut command = stand.command(&["apply", "--plan", "/dev/stdin", "--auto-approve"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no standard input")?.write_all(&review)?;
    let output = child.wait_with_output()?;
    assert_eq!((output.status.code(), stand.writes()), (Some(0), 1), "{output:?}");
    Ok(())
}

#[test]
fn a_controller_state() -> Ended {
    let stand = Stand::with(CHANGE, Faults::none())?;
    grow(&stand.folder.path().join("state-folder/state.json"), 256 * MIB + 1)?;
    let run = stand.run(&["controller", "--state", "state-folder", "--listen", "127.0.0.1:0"])?;
    assert_eq!((run.code, stand.requests()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("state.json is not used: it is larger than 256 MiB"), "{run:#?}");
    Ok(())
}

/// Whose the lock is is said by its file; where that is no such file any more, that is said.
#[test]
fn a_lock() -> Ended {
    let slow = Fault::on(Method::PUT, POLICY_PATH, Action::Delay(std::time::Duration::from_secs(3))).times(1);
    let two = format!("{CHANGE}\nscope: {{ administrators: false }}");
    let stand = Stand::with(&two, Faults::none().and(slow))?;
    let mut first = stand.command(&["apply", "--auto-approve"]).stdout(std::process::Stdio::null()).spawn()?;
    crate::endings::wait_for("the write", || stand.writes() == 1)?;
    let locks = stand.folder.path().join("state/ssprctl/locks");
    let lock = fs::read_dir(&locks)?.next().ok_or("no lock")??.path();
    grow(&lock, 201)?;
    let refused = stand.apply()?;
    assert_eq!((refused.code, stand.writes()), (Some(1), 1), "{refused:#?}");
    let why = format!("({} does not say whose: it is larger than 200 bytes)", lock.display());
    assert!(refused.stdout.contains(&why), "{refused:#?}");
    assert!(first.wait()?.success());
    Ok(())
}

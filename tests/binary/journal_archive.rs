//! Journals in one encrypted file, in which a pipeline carries them from one machine to the next.

use std::fs;

use entra_sandbox::faults::Faults;

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const OTHER_KEY: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg=";

/// Runs `history` on the machine whose state is in that folder.
fn history(harness: &Harness, machine: &str, key: &str, arguments: &[&str]) -> Result<Run, Box<dyn std::error::Error>> {
    let mut command = harness.command(&[&["history"], arguments].concat());
    if machine != "first" {
        command.env("SSPRCTL_STATE", harness.folder.path().join("state").join(machine));
    }
    harness.finish(command.env("SSPRCTL_CACHE_KEY", key))
}

#[test]
fn a_run_is_rolled_back_on_another_machine() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let before = harness.world.show(CONTOSO)?;
    assert_eq!(harness.apply()?.code, Some(0));
    let run = history(&harness, "first", KEY, &["--export", "journals"])?;
    assert!(run.code == Some(0) && run.stderr.contains("1 journal to journals"), "{run:#?}");
    let sealed = fs::read(harness.folder.path().join("journals"))?;
    assert!(!String::from_utf8_lossy(&sealed).contains("contoso"), "the journal can be read");

    for (key, says) in [(OTHER_KEY, "another key"), ("short", "32 bytes in base64")] {
        let run = history(&harness, "second", key, &["--import", "journals"])?;
        assert!(run.code == Some(1) && run.stderr.contains(says), "{run:#?}");
    }
    for says in ["1 journal written", "0 journals written; 1 was here already"] {
        let run = history(&harness, "second", KEY, &["--import", "journals"])?;
        assert!(run.code == Some(0) && run.stderr.contains(says), "{run:#?}");
    }
    let mut rollback = harness.command(&["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"]);
    let run = harness.finish(rollback.env("SSPRCTL_STATE", harness.folder.path().join("state/second")))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(harness.world.show(CONTOSO)? == before, "the tenant is another");
    Ok(())
}

#[test]
fn a_file_that_is_damaged_or_something_else_writes_nothing() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    assert_eq!(history(&harness, "first", KEY, &["--export", "journals"])?.code, Some(0));
    let file = harness.folder.path().join("journals");
    let whole = fs::read(&file)?;
    for (bytes, says) in
        [(&whole[..whole.len() - 1], "damaged"), (b"{}", "holds no journals"), (b"", "holds no journals")]
    {
        fs::write(&file, bytes)?;
        let run = history(&harness, "second", KEY, &["--import", "journals"])?;
        assert!(run.code == Some(1) && run.stderr.contains(says), "{run:#?}");
    }
    assert_eq!(history(&harness, "second", KEY, &[])?.stdout, "No run has written anything yet.\n");
    Ok(())
}

/// The journals of a machine that has lost its state, or a file that was named by mistake, are not replaced.
#[test]
fn an_export_replaces_only_older_journals() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    for _ in 0..2 {
        assert_eq!(history(&harness, "first", KEY, &["--export", "journals"])?.code, Some(0));
    }
    fs::write(harness.folder.path().join("notes.txt"), "notes")?;
    for (machine, file, says) in
        [("second", "journals", "there are none here"), ("first", "notes.txt", "it has another content")]
    {
        let before = fs::read(harness.folder.path().join(file))?;
        let run = history(&harness, machine, KEY, &["--export", file])?;
        assert!(run.code == Some(1) && run.stderr.contains(says), "{run:#?}");
        assert!(fs::read(harness.folder.path().join(file))? == before, "{file} is another");
    }
    Ok(())
}

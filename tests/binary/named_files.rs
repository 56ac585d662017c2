//! No two options of a run name the same file: nothing is read, sent or written then.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

#[test]
fn two_options_that_name_the_same_file_are_refused_before_anything_is_read() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let folder = harness.folder.path();
    fs::create_dir(folder.join("sub"))?;
    fs::write(folder.join("there"), "as it was")?;
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("there", folder.join("link"))?;
        std::os::unix::fs::symlink("new", folder.join("dangling"))?;
        std::os::unix::fs::symlink("sub", folder.join("folder"))?;
    }
    let absolute = folder.join("new").display().to_string();
    let policy = "policies/policy.yaml";
    let links: &[&[&str]] = &[
        &["plan", "--output", "link", "--also", "json=there"],
        &["plan", "--output", "dangling", "--also", "json=new"],
        &["plan", "--out", "folder/new", "--output", "sub/new"],
        &["apply", "--plan", "there", "--also", "json=link"],
    ];
    let plain: &[&[&str]] = &[
        &["plan", "--out", "new", "--output", "new"],
        &["plan", "--out", "new", "--output", "./sub/../new"],
        &["plan", "--out", "new", "--also", &format!("json={absolute}")],
        &["plan", "--also", "json=new", "--also", "sarif=new"],
        &["plan", "--against", "there", "--output", "there"],
        &["plan", "--against", "new", "--public-key", "there", "--output", "there"],
        &["apply", "--plan", "there", "--output", "there"],
        &["drift", "--issues", "sub", "--also", "markdown=sub/contoso.onmicrosoft.com.md"],
        &["drift", "--state", "sub", "--output", "sub/drift/x.json"],
        &["apply", "--journal", "sub", "--output", "sub/run.jsonl"],
        &["snapshot", "--output", "snapshot.json"],
        &["conformance", "--out", "new", "--output", "new", "--tenant", CONTOSO],
        &["import", "--from", "portal:there", "--out", "there", "--force", "--tenant", CONTOSO],
        &["show", "--policy", policy, "--output", policy, "--tenant", CONTOSO],
        &["announce", "--template", "there", "--output", "there"],
        &["history", "--export", "new", "--output", "new"],
        &["init", "--ci", "none", "--output", "README.md", "--tenant", CONTOSO],
        &["validate", policy, "--output", policy],
        &["validate", "--output", policy],
        &["accept", "--output", "policies/new.yaml"],
    ];
    for arguments in plain.iter().chain(if cfg!(unix) { links } else { &[] }) {
        let run = harness.run(arguments)?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments:?}: {run:#?}");
        assert!(
            run.stderr.contains("; nothing was read or written\n  hint: name another file with one of them"),
            "{run:#?}"
        );
    }
    assert_eq!(harness.requests(), 0, "nothing was sent");
    assert!(!folder.join("new").exists() && fs::read_dir(folder.join("sub"))?.next().is_none());
    assert_eq!(fs::read_to_string(folder.join("there"))?, "as it was");
    let policy = fs::read_to_string(folder.join("policies/policy.yaml"))?;
    assert!(policy.contains(CHANGE) && fs::read_dir(folder.join("policies"))?.count() == 1, "{policy}");
    Ok(())
}

#[test]
fn the_message_names_both_options_as_they_were_written() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let run = harness.finish(harness.command(&["plan", "--out", "F"]).env("SSPRCTL_OUTPUT", "./F"))?;
    let line = "error: --out F and SSPRCTL_OUTPUT=./F name the same file; nothing was read or written\n";
    assert!(run.code == Some(1) && run.stderr.starts_with(line), "{run:#?}");
    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\n")?;
    let run = harness.run(&["plan", "--output", "ssprctl.yaml"])?;
    let line = "error: --output ssprctl.yaml is the configuration of a repository; nothing was written\n";
    assert!(run.code == Some(1) && run.stderr.starts_with(line), "{run:#?}");
    Ok(())
}

#[test]
fn different_files_and_what_is_no_file_are_written() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let run = harness.run(&["plan", "--out", "F", "--output", "G", "--also", "json=policies/H.json"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    #[cfg(unix)]
    {
        let run = harness.run(&["plan", "--output", "/dev/null", "--also", "json=/dev/null"])?;
        assert_eq!(run.code, Some(0), "{run:#?}");
    }
    let run = harness.run(&["apply", "--plan", "F", "--auto-approve", "--output", "G"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}

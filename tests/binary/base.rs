//! `--base`: the exceptions that a change brings are marked, and the commit is read without any checkout.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use entra_sandbox::Faults;
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const SECTIONS: &str = "methods: { required: 2, allowed: [email, mobilePhone] }";
const FORMATS: [&str; 5] = ["terminal", "markdown", "json", "sarif", "github"];

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> TestResult {
    let mut git = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgSign=false"];
    let output = git.args(identity).args(arguments).current_dir(folder).output()?;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    Ok(())
}

fn write(folder: &Path, files: &[(&str, &str)]) -> TestResult {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn policy(rest: &str) -> String {
    format!("version: 1\ntenant: {CONTOSO}\n{SECTIONS}\n{rest}\n")
}

fn waiver(rule: &str, expires: &str) -> String {
    format!("  - {{ rule: {rule}, reason: agreed with the team, owner: alice, expires: {expires} }}\n")
}

/// A repository whose only commit has these files next to the policy, on the branch `main`.
fn repository(files: &[(&str, &str)]) -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(SECTIONS, Faults::none())?;
    let folder = harness.folder.path();
    write(folder, files)?;
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message=base"])?;
    Ok(harness)
}

fn run(harness: &Harness, folder: &Path, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    let mut command = harness.command(arguments);
    command.args(["--as-of", "2026-11-27"]).env_remove("SSPRCTL_ALLOW").current_dir(folder);
    harness.finish(&mut command)
}

/// How each exception compares, by its name.
fn compared(run: &Run) -> Result<Vec<String>, Box<dyn Error>> {
    let document = run.json()?;
    let exceptions = document["exceptions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let lines = exceptions.iter().map(|one| {
        let text = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("change"), text("name"), text("was"))
    });
    Ok(lines.collect())
}

#[test]
fn what_is_new_or_widened_is_marked_in_every_format() -> TestResult {
    let before = policy(&format!(
        "waivers:\n{}{}{}",
        waiver("sms-voice-retirement", "2027-01-15"),
        waiver("no-helpdesk-link", "2027-01-15"),
        waiver("scope-none", "2027-01-15")
    ));
    let harness = repository(&[
        ("policies/policy.yaml", &before),
        (
            "ssprctl.yaml",
            "version: 1
rules: { users-not-notified: error, reconfirm-never: off, one-method-required: error, registration-not-required: off }
limits: { tenants: 25, percent: 20, percentFrom: 15, allow: [writeback-switched-off, scope-switched-off] }\n",
        ),
    ])?;
    let folder = harness.folder.path();
    let after = policy(&format!(
        "waivers:\n{}{}{}",
        waiver("sms-voice-retirement", "2027-02-15"),
        waiver("no-helpdesk-link", "2027-01-01"),
        waiver("one-method-required", "2027-01-15")
    ));
    write(
        folder,
        &[
            ("policies/policy.yaml", &after),
            (
                "ssprctl.yaml",
                "version: 1
rules: { users-not-notified: off, reconfirm-never: off, scope-none: off }
limits: { tenants: 30, percentFrom: 20, allow: [writeback-switched-off, methods-switched-off] }\n",
            ),
        ],
    )?;
    let expected = [
        "new scope-none -",
        "new methods-switched-off -",
        "new one-method-required -",
        "widened users-not-notified error",
        "widened one-method-required error",
        "widened limits.percent 20",
        "widened limits.tenants 25",
        "widened sms-voice-retirement 2027-01-15",
        "unchanged reconfirm-never -",
        "unchanged writeback-switched-off -",
        "unchanged no-helpdesk-link -",
    ];
    for command in ["validate", "plan"] {
        let json = run(&harness, folder, &[command, "--base", "main", "--format", "json"])?;
        assert_eq!(compared(&json)?, expected, "{command}");
        for format in FORMATS {
            let run = run(&harness, folder, &[command, "--base", "HEAD", "--format", format])?;
            for words in ["widened", "new", "25", "2027-02-15"] {
                assert!(run.stdout.contains(words), "{command} {format}: {words}: {}", run.stdout);
            }
        }
        let without = run(&harness, folder, &[command, "--format", "json"])?;
        assert!(compared(&without)?.iter().all(|line| line.starts_with("- ")), "{without:#?}");
    }
    let markdown = run(&harness, folder, &["plan", "--base", "main", "--format", "markdown"])?;
    assert!(markdown.stdout.contains("**Exceptions: 11 in force, 8 new or widened.**"), "{markdown:#?}");
    let sarif = run(&harness, folder, &["plan", "--base", "main", "--format", "sarif"])?;
    let log: Value = serde_json::from_str(&sarif.stdout)?;
    let notes = &log["runs"][0]["invocations"][0]["toolConfigurationNotifications"];
    assert_eq!((&notes[0]["level"], &notes[10]["level"]), (&"warning".into(), &"note".into()), "{notes:#}");
    Ok(())
}

#[test]
fn a_waiver_is_new_to_a_tenant_that_begins_to_extend_it() -> TestResult {
    let lenient = format!("version: 1\nwaivers:\n{}", waiver("sms-voice-retirement", "2027-01-15"));
    let other = format!("version: 1\ntenant: fabrikam.onmicrosoft.com\nextends: [../lenient.yaml]\n{SECTIONS}\n");
    let harness = repository(&[("lenient.yaml", &lenient), ("policies/other.yaml", &other)])?;
    let folder = harness.folder.path();
    let unchanged = run(&harness, folder, &["validate", "--base", "main", "--format", "json"])?;
    assert_eq!(compared(&unchanged)?, ["unchanged sms-voice-retirement -"]);
    write(folder, &[("policies/policy.yaml", &policy("extends: [../lenient.yaml]"))])?;
    let run = run(&harness, folder, &["validate", "--base", "main", "--format", "json"])?;
    assert_eq!(compared(&run)?, ["new sms-voice-retirement -"]);
    assert_eq!(run.json()?["exceptions"][0]["tenants"], 2);
    Ok(())
}

#[test]
fn a_run_in_a_folder_below_or_in_a_linked_worktree_finds_the_same() -> TestResult {
    let harness = repository(&[
        ("infra/policies/a.yaml", &format!("version: 1\ntenant: contoso.com\n{SECTIONS}\n")),
        ("infra/ssprctl.yaml", "version: 1\nrules: { scope-none: off }\n"),
    ])?;
    let folder = harness.folder.path();
    git(folder, &["worktree", "add", "--quiet", "linked", "-b", "change"])?;
    for start in [folder.join("infra"), folder.join("linked/infra")] {
        write(&start, &[("ssprctl.yaml", "version: 1\nrules: { scope-none: off, reconfirm-never: off }\n")])?;
        let absolute = start.join("policies");
        for path in ["policies", "../infra/policies", &absolute.to_string_lossy()] {
            let run = run(&harness, &start, &["validate", path, "--base", "main", "--format", "json"])?;
            assert_eq!(compared(&run)?, ["new reconfirm-never -", "unchanged scope-none -"], "{path}");
        }
    }
    Ok(())
}

#[test]
fn what_names_no_commit_is_refused_and_runs_nothing() -> TestResult {
    let harness = repository(&[])?;
    let folder = harness.folder.path();
    let long = "x".repeat(300);
    for name in [
        "nothing",
        "-x",
        "--output=stolen",
        "--upload-pack=touch stolen",
        "main:policies",
        "main stolen",
        "a\nb",
        &long,
    ] {
        for command in ["plan", "validate"] {
            let run = run(&harness, folder, &[command, &format!("--base={name}")])?;
            assert_eq!(run.code, Some(1), "{name}: {run:#?}");
            assert!(run.stderr.contains("--base names no commit"), "{name}: {run:#?}");
            assert_eq!(run.stdout, "", "{name}");
        }
    }
    assert!(!folder.join("stolen").exists());
    let elsewhere = Harness::with(SECTIONS, Faults::none())?;
    let run = run(&elsewhere, elsewhere.folder.path(), &["validate", "--base", "main"])?;
    assert!(run.code == Some(1) && run.stderr.contains("in no git repository"), "{run:#?}");
    Ok(())
}

#[test]
fn nothing_is_checked_out_and_no_program_of_the_repository_runs() -> TestResult {
    let harness = repository(&[(".gitattributes", "*.yaml filter=evil eol=crlf ident\n")])?;
    let folder = harness.folder.path();
    for setting in ["core.fsmonitor", "core.sshCommand", "filter.evil.smudge", "filter.evil.process", "core.pager"] {
        git(folder, &["config", setting, "touch stolen; cat"])?;
    }
    write(
        folder,
        &[
            ("ssprctl.yaml", "version: 1\nrules: { scope-none: off }\n"),
            (".git/hooks/post-checkout", "#!/bin/sh\ntouch stolen\n"),
        ],
    )?;
    let head = fs::read(folder.join(".git/HEAD"))?;
    let index = fs::read(folder.join(".git/index"))?;
    let run = run(&harness, folder, &["validate", "--base", "main", "--format", "json"])?;
    assert_eq!(compared(&run)?, ["new scope-none -"]);
    assert_eq!((fs::read(folder.join(".git/HEAD"))?, fs::read(folder.join(".git/index"))?), (head, index));
    assert!(
        folder.join("ssprctl.yaml").exists() && !folder.join("stolen").exists() && !folder.join(".git/stolen").exists()
    );
    Ok(())
}

#[test]
fn what_a_broken_base_excuses_counts_as_nothing() -> TestResult {
    let broken = policy("waivers:\n  - { rule: sms-voice-retirement }");
    let harness = repository(&[("policies/policy.yaml", &broken)])?;
    let folder = harness.folder.path();
    let whole = policy(&format!("waivers:\n{}", waiver("sms-voice-retirement", "2027-01-15")));
    write(folder, &[("policies/policy.yaml", &whole)])?;
    let run = run(&harness, folder, &["validate", "--base", "main", "--format", "json"])?;
    assert_eq!(compared(&run)?, ["new sms-voice-retirement -"]);
    assert!(run.stderr.contains("files of main have errors"), "{run:#?}");
    Ok(())
}

/// More people who may lose the reset are an exception, and so is a limit that is gone: people are then no longer read.
#[test]
fn a_limit_on_losses_is_compared_with_the_base() -> TestResult {
    for (before, after, expected) in [
        ("", "losing: 0%", &[][..]),
        ("", "losing: 2%", &["new limits.losing -"]),
        ("losing: 2%", "losing: 3%", &["widened limits.losing 2%"]),
        ("losing: 2%", "losing: 1%", &["unchanged limits.losing -"]),
        ("losing: 2%", "losing: 5", &["widened limits.losing 2%"]),
        ("losing: 0", "", &["widened limits.losing 0"]),
    ] {
        let file = |limits: &str| format!("version: 1\nlimits: {{ {limits} }}\n");
        let harness = repository(&[("policies/policy.yaml", &policy("")), ("ssprctl.yaml", &file(before))])?;
        let folder = harness.folder.path();
        write(folder, &[("ssprctl.yaml", &file(after))])?;
        let json = run(&harness, folder, &["validate", "--base", "main", "--format", "json"])?;
        assert_eq!(compared(&json)?, expected, "{before} -> {after}");
    }
    Ok(())
}

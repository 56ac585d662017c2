//! `--changed-since`: a change is planned for the tenants that it touches and for no other, compared in real repositories.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use entra_sandbox::Faults;

use crate::base::git;
use crate::fleet::{Fleet, name};
use crate::harness::{Run, TestResult};

/// The files of the first commit: a baseline below another one, and a tenant for each way to reach them.
const FILES: [(&str, &str); 8] = [
    ("lowest.yaml", "version: 1\nscope: { administrators: true }\n"),
    ("lower.yaml", "version: 1\nextends: [lowest.yaml]\n"),
    ("other.yaml", "version: 1\nscope: { administrators: true }\n"),
    ("policies/t0001.yaml", "extends: [../lower.yaml]"),
    ("policies/t0002.yaml", "extends: [../lowest.yaml, ../other.yaml]"),
    ("policies/t0003.yaml", "extends: [../other.yaml]"),
    ("policies/t0004.yaml", "scope: { administrators: true }"),
    ("policies/t0005.yaml", "scope: { administrators: true }"),
];

/// A fleet whose five policies are the only commit of the branch `main`.
fn repository() -> Result<Fleet, Box<dyn Error>> {
    let fleet = Fleet::of(5, Faults::none())?;
    for (n, (path, text)) in FILES.iter().enumerate() {
        let policy = |n: usize| Ok::<_, Box<dyn Error>>(tenant(u32::try_from(n - 2)?, text));
        fleet.write(path, &if path.starts_with("policies") { policy(n)? } else { (*text).to_owned() })?;
    }
    fleet.write(".gitignore", "state/\n*.json\n")?;
    git(fleet.folder.path(), &["init", "--quiet", "--initial-branch=main"])?;
    commit(&fleet)?;
    Ok(fleet)
}

fn tenant(n: u32, text: &str) -> String {
    format!("version: 1\ntenant: {}\n{text}\n", name(n))
}

fn commit(fleet: &Fleet) -> TestResult {
    git(fleet.folder.path(), &["add", "--all"])?;
    git(fleet.folder.path(), &["commit", "--quiet", "--message=change"])
}

fn run(fleet: &Fleet, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    fleet.finish(fleet.command(arguments).env("PATH", path))
}

/// The numbers of the tenants that are planned, and the tenants that left.
fn touched(fleet: &Fleet, since: &str) -> Result<(BTreeSet<u32>, String), Box<dyn Error>> {
    let json = run(fleet, &["plan", "--changed-since", since, "--format", "json"])?.json()?;
    let tenants = json["tenants"].as_array().into_iter().flatten();
    let planned: BTreeSet<u32> =
        tenants.filter_map(|one| (1..=9).find(|n| one["tenant"] == name(*n).as_str())).collect();
    let said = &json["changedSince"];
    assert_eq!((&said["ref"], &said["touched"]), (&since.into(), &planned.len().into()), "{json:#}");
    let left = said["left"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
    Ok((planned, left.collect()))
}

/// What is written or, without text, removed, and which tenants that touches.
type Change<'a> = (&'a [(&'a str, Option<&'a str>)], &'a [u32]);

#[test]
fn a_change_touches_the_tenants_that_reach_it() -> TestResult {
    let moved = tenant(4, "scope: { administrators: true }");
    let extending = tenant(4, "extends: [../other.yaml]");
    let without = tenant(3, "scope: { administrators: true }");
    let changes: [Change<'_>; 10] = [
        (&[("lowest.yaml", Some("version: 1\nscope: { administrators: false }\n"))], &[1, 2]),
        (&[("lower.yaml", Some("version: 1\nextends: [other.yaml]\n"))], &[1]),
        (&[("other.yaml", Some("version: 1\nscope: { administrators: true } # why\n"))], &[2, 3]),
        (&[("other.yaml", None), ("policies/t0003.yaml", Some(&without)), ("policies/t0002.yaml", None)], &[3]),
        (&[("policies/t0004.yaml", None), ("policies/moved.yaml", Some(&moved))], &[4]),
        (&[("policies/t0004.yaml", Some(&extending))], &[4]),
        (&[("ssprctl.yaml", Some("version: 1\nlimits: { tenants: 9 }\n"))], &[1, 2, 3, 4, 5]),
        (&[("README.md", Some("nothing about a tenant\n")), ("unused.yaml", Some("version: 1\n"))], &[]),
        (&[("lowest.yaml", Some("version: 1\r\nscope: { administrators: true }\r\n"))], &[]),
        (&[("new.yaml", Some("version: 1\n")), ("lower.yaml", Some("version: 1\nextends: [new.yaml]\n"))], &[1]),
    ];
    let fleet = repository()?;
    let folder = fleet.folder.path();
    for (files, expected) in changes {
        for (path, text) in files {
            match text {
                Some(text) => fleet.write(path, text)?,
                None => fs::remove_file(folder.join(path))?,
            }
        }
        let gone = files.iter().any(|(path, text)| *path == "policies/t0002.yaml" && text.is_none());
        let expected = (expected.iter().copied().collect(), if gone { name(2) } else { String::new() });
        assert_eq!(touched(&fleet, "main")?, expected, "not committed: {files:?}");
        git(folder, &["checkout", "--quiet", "-b", "change"])?;
        commit(&fleet)?;
        assert_eq!(touched(&fleet, "main")?, expected, "committed: {files:?}");
        git(folder, &["checkout", "--quiet", "main"])?;
        git(folder, &["branch", "--quiet", "-D", "change"])?;
    }
    Ok(())
}

#[test]
fn what_was_merged_meanwhile_is_no_change() -> TestResult {
    let fleet = repository()?;
    let folder = fleet.folder.path();
    git(folder, &["checkout", "--quiet", "-b", "change"])?;
    fleet.write("policies/t0005.yaml", &tenant(5, "scope: { administrators: false }"))?;
    commit(&fleet)?;
    git(folder, &["checkout", "--quiet", "main"])?;
    fleet.write("policies/t0001.yaml", &tenant(1, "scope: { administrators: false }"))?;
    commit(&fleet)?;
    git(folder, &["checkout", "--quiet", "change"])?;
    assert_eq!(touched(&fleet, "main")?.0, BTreeSet::from([5]));
    git(folder, &["checkout", "--quiet", "--orphan", "foreign"])?;
    commit(&fleet)?;
    let run = run(&fleet, &["plan", "--changed-since", "main"])?;
    assert!(run.code == Some(1) && run.stderr.contains("shares no commit"), "{run:#?}");
    Ok(())
}

#[test]
fn it_is_said_in_every_format_for_people() -> TestResult {
    let fleet = repository()?;
    fs::remove_file(fleet.folder.path().join("policies/t0005.yaml"))?;
    let commit = fs::read_to_string(fleet.folder.path().join(".git/refs/heads/main"))?;
    let since = format!("touched by what changed since commit {} of main: ", &commit[..7]);
    for format in ["terminal", "markdown"] {
        let run = run(&fleet, &["plan", "--changed-since", "main", "--format", format])?;
        assert_eq!(run.code, Some(0), "{run:#?}");
        for words in [&format!("No tenant is {since}0 of 4."), "tenant-0005", "Plan: 0 to change"] {
            assert!(run.stdout.contains(words), "{words}: {run:#?}");
        }
    }
    fleet.write("other.yaml", "version: 1\nscope: { administrators: false }\n")?;
    let drift = run(&fleet, &["drift", "--changed-since", "main"])?;
    assert!(drift.stderr.contains(&format!("{since}2 of 4.")), "{drift:#?}");
    assert!(drift.stdout.contains("of 2 tenants"), "{drift:#?}");
    for (arguments, expected) in [
        (["plan", "--changed-since", "nothing"], "--changed-since names no commit"),
        (["drift", "--changed-since", "-x"], "--changed-since names no commit"),
    ] {
        let run = run(&fleet, &[arguments[0], &arguments[1..].join("=")])?;
        assert!(run.code == Some(1) && run.stderr.contains(expected), "{run:#?}");
    }
    let bare = Fleet::of(1, Faults::none())?;
    let refused = run(&bare, &["plan", "--changed-since", "main"])?;
    assert!(refused.stderr.contains("leave --changed-since and SSPRCTL_CHANGED_SINCE out"), "{refused:#?}");
    Ok(())
}

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--verify-timeout=3s", "--plan"];

/// Each review binds the files of its own tenants, so the second one is applied as it is after the first was merged.
#[test]
fn two_changes_of_different_tenants_are_applied_one_after_the_other() -> TestResult {
    let fleet = repository()?;
    let folder = fleet.folder.path();
    let allow = ["--allow", "administrators-switched-off"];
    assert_eq!(run(&fleet, &[&["apply", "--auto-approve"], &allow[..]].concat())?.code, Some(0));
    for (n, branch) in [(4, "four"), (5, "five")] {
        git(folder, &["checkout", "--quiet", "-b", branch, "main"])?;
        fleet.write(&format!("policies/t000{n}.yaml"), &tenant(n, "scope: { administrators: false }"))?;
        commit(&fleet)?;
        let out = format!("{branch}.json");
        let run = run(&fleet, &[&["plan", "--changed-since", "main", "--out", &out], &allow[..]].concat())?;
        assert!(run.code == Some(0) && run.stderr.contains("wrote"), "{run:#?}");
    }
    git(folder, &["checkout", "--quiet", "main"])?;
    for (branch, on) in [("four", &[1, 2, 3, 5][..]), ("five", &[1, 2, 3])] {
        git(folder, &["merge", "--quiet", "--no-edit", branch])?;
        let run = run(&fleet, &[&APPLY[..], &[&format!("{branch}.json")], &allow[..]].concat())?;
        let expected: BTreeSet<String> = on.iter().map(|n| name(*n)).collect();
        assert_eq!((run.code, fleet.applied()?), (Some(0), expected), "{run:#?}");
    }
    Ok(())
}

#[test]
fn a_review_for_no_tenant_is_written_and_applies_nothing() -> TestResult {
    let fleet = repository()?;
    let plan = run(&fleet, &["plan", "--changed-since", "main", "--out", "review.json"])?;
    assert!(plan.code == Some(0) && plan.stderr.contains("wrote review.json for no tenant"), "{plan:#?}");
    for arguments in [&[][..], &["--tenant", "tenant-0001*"]] {
        let apply = run(&fleet, &[&APPLY[..], &["review.json"], arguments].concat())?;
        assert_eq!((apply.code, fleet.applied()?.len()), (Some(0), 0), "{apply:#?}");
        assert!(apply.stderr.contains("nothing to apply"), "{apply:#?}");
    }
    Ok(())
}

/// Two of five are 40 %, also where the review and its apply read no more than these two.
#[test]
fn limits_in_percent_count_all_tenants() -> TestResult {
    for (percent, code) in [(40, 0), (39, 4)] {
        let fleet = repository()?;
        fleet.write("ssprctl.yaml", &format!("version: 1\nlimits: {{ percent: {percent}, percentFrom: 5 }}\n"))?;
        commit(&fleet)?;
        fleet.write("other.yaml", "version: 1\nscope: { administrators: true } # again\n")?;
        let plan = run(&fleet, &["plan", "--changed-since", "main", "--out", "review.json"])?;
        assert_eq!(plan.code, Some(code), "{plan:#?}");
        let apply = run(&fleet, &[&APPLY[..], &["review.json"]].concat())?;
        assert_eq!(apply.code, Some(code), "{apply:#?}");
        if code != 0 {
            assert!(apply.stderr.contains("2 of 5 tenants would change"), "{apply:#?}");
        }
    }
    Ok(())
}

/// The part of the history and the files that a clone lacks is named, and what the hint says brings it.
#[test]
fn what_a_clone_lacks_is_named_and_can_be_fetched() -> TestResult {
    let fleet = repository()?;
    let folder = fleet.folder.path();
    fleet.write("policies/t0005.yaml", &tenant(5, "scope: { administrators: false }"))?;
    commit(&fleet)?;
    git(folder, &["checkout", "--quiet", "-b", "change"])?;
    fleet.write("policies/t0004.yaml", &tenant(4, "scope: { administrators: false }"))?;
    commit(&fleet)?;
    let elsewhere = tempfile::tempdir()?;
    let (upstream, gone) = (elsewhere.path().join("upstream.git"), elsewhere.path().join("gone.git"));
    git(folder, &["clone", "--quiet", "--bare", ".", &upstream.to_string_lossy()])?;
    git(&upstream, &["config", "uploadpack.allowFilter", "true"])?;
    let url = format!("file://{}", upstream.display());
    for (option, reason, commands) in [
        (
            "--depth=1",
            "main, which --changed-since names, is not in this clone, which is shallow",
            &[&["fetch", "--quiet", "--unshallow"][..], &["fetch", "--quiet", "origin", "main:main"]][..],
        ),
        (
            "--single-branch",
            "--changed-since names no commit of this repository: main",
            &[&["fetch", "--quiet", "origin", "main:main"]],
        ),
        (
            "--filter=blob:none",
            "this is a partial clone, which lacks files of that commit",
            &[&["fetch", "--quiet", "--refetch", "--no-filter"]],
        ),
    ] {
        let clone = elsewhere.path().join("clone");
        git(elsewhere.path(), &["clone", "--quiet", "--branch=change", option, &url, "clone"])?;
        fs::remove_dir_all(folder.join(".git"))?;
        fs::rename(clone.join(".git"), folder.join(".git"))?;
        fs::remove_dir_all(&clone)?;
        // The machine of a pipeline may have no way to the other one.
        fs::rename(&upstream, &gone)?;
        let since = if option.starts_with("--filter") { "origin/main" } else { "main" };
        for named in ["--changed-since", "--base"] {
            let refused = run(&fleet, &["plan", named, since])?;
            let reason = reason.replace("--changed-since", named);
            assert!(refused.code == Some(1) && refused.stderr.contains(&reason), "{option}: {refused:#?}");
            for command in commands {
                let command = command.join(" ").replace(" --quiet", "");
                assert!(refused.stderr.contains(&format!("`git {command}`")), "{option}, {command}: {refused:#?}");
            }
        }
        fs::rename(&gone, &upstream)?;
        commands.iter().try_for_each(|command| git(folder, command))?;
        assert_eq!(touched(&fleet, since)?.0, BTreeSet::from([4]), "{option}");
        let planned = run(&fleet, &["plan", "--base", since, "--tenant", &name(1)])?;
        assert_eq!(planned.code, Some(0), "{option}: {planned:#?}");
    }
    // Both commits are here, and what they share is not.
    git(elsewhere.path(), &["clone", "--quiet", "--branch=change", "--depth=1", "--no-single-branch", &url, "clone"])?;
    fs::remove_dir_all(folder.join(".git"))?;
    fs::rename(elsewhere.path().join("clone/.git"), folder.join(".git"))?;
    let refused = run(&fleet, &["plan", "--changed-since", "origin/main"])?;
    assert!(
        refused.stderr.contains("in this clone, which is shallow")
            && refused.stderr.contains("`git fetch --unshallow`")
    );
    git(folder, &["fetch", "--quiet", "--unshallow"])?;
    assert_eq!(touched(&fleet, "origin/main")?.0, BTreeSet::from([4]));
    Ok(())
}

//! Results of a run against embedded tenants say so, so that nobody takes them for results of real ones.

use std::error::Error;
use std::fs;

use entra_sandbox::Faults;
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, Run, TestResult};

/// What says it where people read.
const MARK: &str = "embedded tenant, not a real one";
const CHANGE: &str = "notifications: { administrators: true }";

/// A policy for Contoso; with `--sandbox` a run reaches the tenants in its state, without it those of the test.
fn harness() -> Result<Harness, Box<dyn Error>> {
    Harness::with(CHANGE, Faults::none())
}

fn sandboxed(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    harness.run(&[arguments, &["--sandbox"]].concat())
}

#[test]
fn every_document_of_embedded_tenants_says_so_and_no_other_does() -> TestResult {
    let harness = harness()?;
    let commands: [&[&str]; 9] = [
        &["plan"],
        &["drift"],
        &["forecast"],
        &["why", "alice@contoso.onmicrosoft.com", "--tenant", CONTOSO],
        &["advise"],
        &["show", "--tenant", CONTOSO],
        &["doctor"],
        &["conformance", "--tenant", CONTOSO],
        &["apply", "--auto-approve"],
    ];
    for command in commands {
        let command = [command, &["--format", "json"]].concat();
        let embedded = sandboxed(&harness, &command)?.json()?;
        assert_eq!(embedded["sandbox"], true, "{command:?}: {embedded:#}");
        let other = harness.run(&command)?.json()?;
        assert_eq!(other.get("sandbox"), None, "{command:?}: {other:#}");
    }
    let undone = sandboxed(&harness, &["rollback", "latest", "--auto-approve", "--format", "json"])?.json()?;
    assert_eq!(undone["sandbox"], true, "{undone:#}");
    // A command that reads no tenant has nothing to say of one.
    let checked = sandboxed(&harness, &["validate", "--format", "json"])?.json()?;
    assert_eq!(checked.get("sandbox"), None, "{checked:#}");
    Ok(())
}

#[test]
fn a_page_says_it_near_its_title_and_in_its_evidence() -> TestResult {
    let harness = harness()?;
    let page = sandboxed(&harness, &["plan", "--format", "html", "--also", "json=embedded.json"])?.stdout;
    let (header, rest) = page.split_once("</header>").ok_or("no header")?;
    let (_, footer) = rest.split_once("<footer>").ok_or("no footer")?;
    assert!(header.contains("Embedded tenant, not a real one.") && footer.contains(MARK), "{page}");
    assert_eq!(harness.run(&["report", "embedded.json"])?.stdout, page, "the page of the saved result is another");

    let other = harness.run(&["plan", "--format", "html", "--also", "json=other.json"])?.stdout;
    assert!(!other.to_lowercase().contains("embedded tenant"), "{other}");
    let both = harness.run(&["report", "embedded.json", "other.json"])?.stdout;
    assert!(both.contains("1 of these 2 results: embedded tenant, not a real one."), "{both}");
    Ok(())
}

#[test]
fn a_comment_says_it_below_its_heading() -> TestResult {
    let harness = harness()?;
    for command in [&["plan"][..], &["drift"], &["forecast"], &["show", "--tenant", CONTOSO], &["advise"]] {
        let command = [command, &["--format", "markdown"]].concat();
        let comment = sandboxed(&harness, &command)?.stdout;
        assert_eq!(comment.matches(MARK).count(), 1, "{command:?}: {comment}");
        assert!(comment.lines().take(6).any(|line| line.contains(MARK)), "{command:?}: {comment}");
        assert!(!harness.run(&command)?.stdout.contains(MARK), "{command:?}");
    }
    let also = sandboxed(&harness, &["plan", "--also", "markdown=plan.md"])?;
    assert!(fs::read_to_string(harness.folder.path().join("plan.md"))?.contains(MARK), "{also:#?}");
    Ok(())
}

/// Whoever typed `--sandbox` knows it. A variable may have been set long ago.
#[test]
fn the_variable_is_named_where_the_option_was_not_typed() -> TestResult {
    let harness = harness()?;
    let note = "note: SSPRCTL_SANDBOX is set: the tenants are embedded ones, not real ones\n";
    let run = harness.finish(harness.command(&["plan"]).env("SSPRCTL_SANDBOX", "true"))?;
    assert_eq!((run.code, run.stderr.matches(note).count()), (Some(0), 1), "{run:#?}");
    for arguments in [&["plan", "--sandbox"][..], &["--sandbox", "plan"], &["validate"], &["plan", "--quiet"]] {
        let run = harness.finish(harness.command(arguments).env("SSPRCTL_SANDBOX", "true"))?;
        assert!(run.code == Some(0) && !run.stderr.contains("SSPRCTL_SANDBOX"), "{arguments:?}: {run:#?}");
    }
    Ok(())
}

/// Both have a tenant of this name.
#[test]
fn a_review_is_applied_only_to_the_kind_of_tenants_that_it_was_made_for() -> TestResult {
    let harness = harness()?;
    assert_eq!(sandboxed(&harness, &["plan", "--out", "embedded.json"])?.code, Some(0));
    assert_eq!(harness.run(&["plan", "--out", "other.json"])?.code, Some(0));
    let saved: Value = serde_json::from_str(&fs::read_to_string(harness.folder.path().join("embedded.json"))?)?;
    assert_eq!(saved["review"]["sandbox"], true, "{saved:#}");

    let apply = ["apply", "--auto-approve", "--plan"];
    let run = harness.run(&[&apply[..], &["embedded.json"]].concat())?;
    assert_eq!((run.code, harness.writes()), (Some(5), 0), "{run:#?}");
    assert!(
        run.stderr.contains("embedded.json is a review of embedded tenants, and this run is for real ones"),
        "{run:#?}"
    );
    assert!(run.stderr.contains("hint: add --sandbox"), "{run:#?}");
    let run = sandboxed(&harness, &[&apply[..], &["other.json"]].concat())?;
    assert_eq!(run.code, Some(5), "{run:#?}");
    assert!(
        run.stderr.contains("other.json is a review of real tenants, and this run is for embedded ones"),
        "{run:#?}"
    );
    let run = sandboxed(&harness, &[&apply[..], &["embedded.json"]].concat())?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}

#[test]
fn a_plan_against_a_snapshot_says_what_the_snapshot_was_made_of() -> TestResult {
    let harness = harness()?;
    assert_eq!(sandboxed(&harness, &["snapshot", "--out", "embedded.json"])?.code, Some(0));
    assert_eq!(harness.run(&["snapshot", "--out", "other.json"])?.code, Some(0));
    for (file, embedded) in [("embedded.json", true), ("other.json", false)] {
        let plan = ["plan", "--against", file, "--format", "json", "--also", "markdown=plan.md"];
        for run in [harness.run(&plan)?, sandboxed(&harness, &plan)?] {
            assert_eq!(run.json()?.get("sandbox").is_some(), embedded, "{file}: {run:#?}");
            let comment = fs::read_to_string(harness.folder.path().join("plan.md"))?;
            assert_eq!(comment.contains(MARK), embedded, "{file}: {comment}");
        }
    }
    Ok(())
}

/// Nobody has credentials here, so that a command line of a hint that reached for a real tenant would end with 8.
#[test]
fn every_command_line_of_a_hint_reaches_the_embedded_tenants() -> TestResult {
    let harness = harness()?;
    let run = |line: &str| {
        let mut command = harness.command(&line.split(' ').collect::<Vec<_>>());
        command.env_remove("SSPRCTL_PORTAL_TOKEN").env_remove("SSPRCTL_GRAPH_TOKEN");
        harness.finish(&mut command)
    };
    let show = format!("show --tenant {CONTOSO}");
    let import = format!("import --tenant {CONTOSO} --out new.yaml");
    let lines = ["plan --out review.json", &show, "snapshot", "drift", "forecast", "advise", "doctor", &import]
        .into_iter()
        .chain(["apply --auto-approve", "rollback latest --auto-approve", "history", "accept", "plan nowhere"]);
    let (mut checked, mut with_option) = (0, 0);
    for line in lines {
        let shown = run(&format!("{line} --sandbox"))?;
        let text = format!("{}{}", shown.stdout, shown.stderr);
        for hint in text.split("`ssprctl ").skip(1).filter_map(|rest| rest.split('`').next()) {
            let followed = run(hint)?;
            assert_ne!(followed.code, Some(8), "{line}: {hint}: {followed:#?}");
            checked += 1;
            with_option += u32::from(hint.ends_with(" --sandbox"));
        }
    }
    assert!(checked >= 5 && with_option >= 3, "{checked} command lines, {with_option} with --sandbox");
    Ok(())
}

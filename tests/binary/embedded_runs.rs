//! Runs against embedded tenants and against others in one list: `history` marks them, and `rollback` never mixes them up.

use entra_sandbox::Faults;
use serde_json::Value;
use ssprctl::testing::base::signature::Digest;

use crate::harness::{CONTOSO, Harness, TestResult};

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--verify-timeout", "300ms"];
const LATEST: [&str; 5] = ["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"];

fn embedded<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--sandbox"]].concat()
}

#[test]
fn a_rollback_takes_only_runs_of_the_tenants_that_it_is_for() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    // A run against embedded tenants alone: there is nothing to roll back in others.
    assert_eq!(harness.run(&embedded(&APPLY))?.code, Some(0));
    let refused = harness.run(&LATEST)?;
    assert_eq!((refused.code, harness.writes()), (Some(4), 0), "{refused:#?}");
    let why = "no run here is one of real tenants; nothing was sent\n  hint: add --sandbox;";
    assert!(refused.stderr.contains(why), "{refused:#?}");

    assert_eq!(harness.run(&APPLY)?.code, Some(0));
    assert_eq!(harness.run(&embedded(&APPLY))?.code, Some(0), "the embedded tenant is in sync");
    let listed = harness.run(&["history"])?.stdout;
    let marked: Vec<bool> = listed.lines().map(|line| line.ends_with("(embedded tenant)")).collect();
    assert_eq!(marked, [true, false], "{listed}");
    let runs = harness.run(&["history", "--format", "json"])?.json()?["runs"].clone();
    assert_eq!((&runs[0]["sandbox"], runs[1].get("sandbox")), (&Value::Bool(true), None), "{runs:#}");
    let [first, second] = [0, 1].map(|index: usize| runs[index]["run"].as_str().unwrap_or_default().to_owned());

    let named = harness.run(&["rollback", &first, "--auto-approve"])?;
    assert!(named.code == Some(4) && named.stderr.contains("is not one of real tenants"), "{named:#?}");
    let named = harness.run(&embedded(&["rollback", &second, "--auto-approve"]))?;
    assert!(named.code == Some(4) && named.stderr.contains("is not one of embedded tenants"), "{named:#?}");
    assert_eq!(harness.writes(), 1);

    // The newest run is of the other tenants.
    let run = harness.run(&embedded(&LATEST))?;
    assert_eq!((run.code, harness.writes()), (Some(0), 1), "{run:#?}");
    let run = harness.run(&LATEST)?;
    assert_eq!((run.code, harness.writes()), (Some(0), 2), "{run:#?}");
    let runs = harness.run(&["history", "--format", "json"])?.json()?["runs"].clone();
    for (index, undone) in [(2, first), (3, second)] {
        let tenant: &Value = &runs[index]["tenants"][0];
        assert_eq!(
            (&tenant["tenant"], &tenant["policy"]),
            (&CONTOSO.into(), &format!("run {undone}").into()),
            "{runs:#}"
        );
    }
    Ok(())
}

/// What a journal of an older version does not say is not known, so its run is refused by nobody for that.
#[test]
fn a_run_of_an_older_version_is_of_either_kind() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    assert_eq!(harness.run(&embedded(&APPLY))?.code, Some(0));
    let journal = harness.journal()?;
    let (mut lines, mut marks) = (String::new(), 0);
    for line in std::fs::read_to_string(&journal)?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        let begun = line.pointer_mut("/event/begun").and_then(Value::as_object_mut);
        marks += usize::from(begun.is_some_and(|begun| begun.remove("sandbox").is_some()));
        line.as_object_mut().and_then(|line| line.remove("checksum"));
        let text = line.to_string();
        let summed = text.strip_suffix('}').ok_or("a line without an end")?;
        lines.push_str(&format!("{summed},\"checksum\":\"{}\"}}\n", Digest::of(summed.as_bytes())));
    }
    std::fs::write(&journal, lines)?;
    assert_eq!(marks, 1);
    assert!(!harness.run(&["history"])?.stdout.contains("embedded"));
    let run = harness.run(&embedded(&LATEST))?;
    assert_eq!((run.code, harness.writes()), (Some(0), 0), "{run:#?}");
    Ok(())
}

#[test]
fn a_rollback_without_a_terminal_says_that_it_needs_approval_itself() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    assert_eq!(harness.run(&APPLY)?.code, Some(0));
    let run = harness.run(&["rollback", "latest"])?;
    assert_eq!(run.code, Some(4), "{run:#?}");
    assert!(run.stderr.contains("rollback needs approval") && !run.stderr.contains("apply needs"), "{run:#?}");
    Ok(())
}

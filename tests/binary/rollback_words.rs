//! What is said of a rollback: whom it counts, what its page is called, and how it is listed.

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, TestResult};

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--verify-timeout", "300ms"];
const LATEST: [&str; 5] = ["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"];
/// Everybody may reset with one method, which nobody may before.
const OPEN: &str = "scope: { users: all }\nmethods: { required: 1, allowed: [email, mobilePhone, mobileAppCode] }";
const POLICY: &str = "scope: { administrators: false }";

#[test]
fn a_rollback_counts_nobody_and_says_what_does() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    let planned = harness.run(&["plan"])?.stdout;
    assert!(planned.contains("not counted; `ssprctl plan --impact` counts who gains"), "{planned}");
    assert_eq!(harness.run(&APPLY)?.code, Some(0));
    let shown = harness.run(&["rollback", "latest"])?.stderr;
    let says = "not counted: a rollback counts nobody; `ssprctl forecast` counts who can reset afterwards";
    assert!(shown.contains(says) && !shown.contains("--impact"), "{shown}");
    Ok(())
}

/// The rollback takes the reset from everybody, and restores what was there.
#[test]
fn the_limit_of_people_does_not_refuse_a_rollback() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    assert_eq!(harness.run(&APPLY)?.code, Some(0));
    std::fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nlimits: { losing: 0 }\n")?;
    let run = harness.finish(harness.command(&LATEST).env_remove("SSPRCTL_ALLOW"))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}

#[test]
fn the_page_and_the_list_say_that_it_is_a_rollback() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    let page = harness.run(&[&APPLY[..], &["--format", "html"]].concat())?.stdout;
    assert!(page.contains(&format!("Apply of {CONTOSO}")) && !page.to_lowercase().contains("rollback"), "{page}");
    let first = harness.run(&["history", "--format", "json"])?.json()?["runs"][0]["run"].clone();
    let first = first.as_str().ok_or("no run")?;

    let page = harness.run(&[&LATEST[..], &["--format", "html"]].concat())?.stdout;
    assert!(page.contains(&format!("Rollback of {CONTOSO}")) && !page.contains("Apply of"), "{page}");
    assert!(page.contains(&format!("This is a rollback of the run <code>{first}</code>.")), "{page}");
    assert!(!page.contains(":1:1"), "a run has no lines: {page}");
    let nothing = harness.run(&["rollback", first, "--auto-approve", "--format", "html"])?.stdout;
    assert!(
        nothing.contains("nothing of the run is left to roll back") && !nothing.contains("policies say"),
        "{nothing}"
    );

    let listed = harness.run(&["history"])?.stdout;
    let [apply, back] = listed.lines().collect::<Vec<_>>()[..] else { return Err(listed.into()) };
    assert!(back.ends_with(&format!("scope.administrators  (rolls back {first})")), "{listed}");
    assert!(!apply.contains("rolls back") && apply.find("applied") == back.find("applied"), "{listed}");
    let latest = harness.run(&["history", "latest"])?.stdout;
    assert!(latest.contains(&format!("  rolls back {first}  applied")), "{latest}");
    Ok(())
}

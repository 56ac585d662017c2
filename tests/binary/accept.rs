//! `accept` of some settings, without writing, and through links; and what `rollback` says about the policy.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{Harness, Run, TestResult};

const DRIFT: &str = "methods: { required: 2 }\nnotifications: { administrators: true }";

fn policy(harness: &Harness) -> std::io::Result<String> {
    fs::read_to_string(harness.folder.path().join("policies/policy.yaml"))
}

fn last_line(run: &Run) -> &str {
    run.stdout.lines().last().unwrap_or_default()
}

#[test]
fn only_the_named_settings_are_accepted() -> TestResult {
    let harness = Harness::with(DRIFT, Faults::none())?;
    let run = harness.run(&["accept", "--setting", "methods.required"])?;
    let line = "Accepted: 1 setting in 1 of 1 tenant; 1 other setting drifted and not named; 1 new warning of the policy alone.";
    assert_eq!((run.code, last_line(&run)), (Some(0), line), "{run:#?}");
    assert!(!run.stdout.contains("notifications"), "{run:#?}");
    let text = policy(&harness)?;
    assert!(text.contains("required: 1") && text.contains("administrators: true"), "{text}");

    let run = harness.run(&["accept", "--setting", "methods.requird"])?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("'methods.required'"), "the nearest name is suggested: {run:#?}");
    Ok(())
}

/// A policy of selected users must name the group, whichever of the two was named.
#[test]
fn a_group_comes_along_with_the_scope() -> TestResult {
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    for (name, value) in [("scope.group", "SSPR-Pilot"), ("scope.users", "selected")] {
        entra_sandbox::portal_user::set(&harness.world, crate::harness::CONTOSO, name, value)?;
    }
    let run = harness.run(&["accept", "--setting", "scope.users"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let text = policy(&harness)?;
    assert!(text.contains("users: selected") && text.contains("group: "), "{text}");
    Ok(())
}

#[test]
fn a_dry_run_shows_the_edit_and_writes_nothing() -> TestResult {
    let harness = Harness::with(DRIFT, Faults::none())?;
    let before = policy(&harness)?;
    let run = harness.run(&["accept", "--dry-run"])?;
    let line = "Would accept: 2 settings in 1 of 1 tenant; 2 new warnings of the policy alone; nothing was written, because of --dry-run.";
    assert_eq!((run.code, last_line(&run)), (Some(0), line), "{run:#?}");
    let lines = ["--- a/policies/policy.yaml", "-methods: { required: 2 }", "+methods: { required: 1 }"];
    assert!(lines.iter().all(|line| run.stdout.lines().any(|shown| shown == *line)), "{run:#?}");
    assert_eq!(policy(&harness)?, before);
    Ok(())
}

#[test]
fn a_policy_that_would_not_be_valid_is_refused_without_writing_also_by_a_dry_run() -> TestResult {
    let harness = Harness::with("scope: { users: selected, group: SSPR-Pilot }", Faults::none())?;
    let before = policy(&harness)?;
    for arguments in [&["accept", "--setting", "scope.group"][..], &["accept", "--setting", "scope.group", "--dry-run"]]
    {
        let run = harness.run(arguments)?;
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(run.stderr.contains("make no valid policy") && run.stderr.contains("--setting"), "{run:#?}");
        assert_eq!(policy(&harness)?, before);
    }
    Ok(())
}

/// What `validate` would say of the policies only afterwards is shown, and what it says already is not.
#[test]
fn new_warnings_are_shown_and_counted_also_by_a_dry_run() -> TestResult {
    let policy = "registration: { reconfirmAfterDays: 180 }\nnotifications: { administrators: false }";
    let harness = Harness::with(policy, Faults::none())?;
    entra_sandbox::portal_user::set(&harness.world, crate::harness::CONTOSO, "registration.reconfirmAfterDays", "0")?;
    entra_sandbox::portal_user::set(&harness.world, crate::harness::CONTOSO, "notifications.administrators", "false")?;
    let known = harness.run(&["validate"])?;
    assert!(known.stdout.contains("warning[") && !known.stdout.contains("reconfirm-never"), "{known:#?}");
    let cases = [
        (
            &["accept", "--dry-run"][..],
            "Would accept: 1 setting in 1 of 1 tenant; 1 new warning of the policy alone; nothing was written, ",
        ),
        (&["accept"][..], "Accepted: 1 setting in 1 of 1 tenant; 1 new warning of the policy alone."),
        (&["accept"][..], "Accepted: 0 settings in 0 of 1 tenant."),
    ];
    for (arguments, line) in cases {
        let run = harness.run(arguments)?;
        assert!(run.code == Some(0) && last_line(&run).starts_with(line), "{run:#?}");
        let is_new = line.contains("new warning");
        assert_eq!(run.stdout.matches("warning[").count(), usize::from(is_new), "{run:#?}");
        assert_eq!(run.stdout.contains("warning[reconfirm-never]"), is_new, "{run:#?}");
        assert_eq!(run.stdout.contains("--> policies/policy.yaml:"), is_new, "{run:#?}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_named() -> TestResult {
    use std::os::unix::fs::symlink;

    let harness = Harness::with(DRIFT, Faults::none())?;
    let folder = harness.folder.path();
    fs::create_dir(folder.join("shared"))?;
    fs::rename(folder.join("policies/policy.yaml"), folder.join("shared/contoso.yaml"))?;
    symlink("../shared/contoso.yaml", folder.join("policies/policy.yaml"))?;
    let note = "note: policies/policy.yaml leads through a symbolic link; shared/contoso.yaml";
    let run = harness.run(&["accept", "--dry-run"])?;
    assert!(run.stdout.contains(&format!("{note} would be edited")), "{run:#?}");
    assert!(run.stdout.contains("--- a/shared/contoso.yaml"), "{run:#?}");
    let run = harness.run(&["accept"])?;
    assert!(run.code == Some(0) && run.stdout.contains(&format!("{note} was edited")), "{run:#?}");
    assert!(folder.join("policies/policy.yaml").is_symlink());
    assert!(fs::read_to_string(folder.join("shared/contoso.yaml"))?.contains("required: 1"));

    // A link that leaves the repository is not followed at all.
    let foreign = tempfile::tempdir()?;
    fs::rename(folder.join("shared/contoso.yaml"), foreign.path().join("contoso.yaml"))?;
    fs::remove_file(folder.join("policies/policy.yaml"))?;
    symlink(foreign.path().join("contoso.yaml"), folder.join("policies/policy.yaml"))?;
    entra_sandbox::portal_user::set(&harness.world, crate::harness::CONTOSO, "methods.required", "2")?;
    let before = fs::read_to_string(foreign.path().join("contoso.yaml"))?;
    let run = harness.run(&["accept"])?;
    assert!(run.code == Some(3) && run.stdout.contains("link-outside"), "{run:#?}");
    assert_eq!(fs::read_to_string(foreign.path().join("contoso.yaml"))?, before);
    Ok(())
}

#[test]
fn a_rollback_names_what_the_policy_still_asks_for_and_two_ways_to_let_it_follow() -> TestResult {
    let harness = Harness::with(DRIFT, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let rollback = ["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"];
    let run = harness.run(&rollback)?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let said = "note: the policy still has what was rolled back, so the next `ssprctl apply` applies it again:\n  \
                contoso.onmicrosoft.com: methods.required (policies/policy.yaml:3:22), notifications.administrators \
                (policies/policy.yaml:4:34)\n  hint: ";
    assert!(run.stderr.contains(said), "{run:#?}");
    assert!(run.stderr.contains("git log -- policies/policy.yaml"), "{run:#?}");
    // The command of the hint does what it says.
    let command = "accept --setting methods.required,notifications.administrators";
    assert!(run.stderr.contains(&format!("`ssprctl {command}`")), "{run:#?}");
    let run = harness.run(&command.split(' ').collect::<Vec<_>>())?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(harness.run(&["plan"])?.stdout.contains("No changes: "), "the policy follows the rollback");
    Ok(())
}

#[test]
fn a_rollback_says_nothing_where_the_policy_has_been_reverted() -> TestResult {
    let harness = Harness::with(DRIFT, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let reverted =
        policy(&harness)?.replace("required: 2", "required: 1").replace("administrators: true", "users: true");
    fs::write(harness.folder.path().join("policies/policy.yaml"), reverted)?;
    let run = harness.run(&["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(!run.stderr.contains("still asks"), "{run:#?}");
    Ok(())
}

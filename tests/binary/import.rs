//! `import --force` over the policy of the same tenant: what a person wrote around the values stays.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, NORTHWIND, TestResult};

const IMPORT: [&str; 6] = ["import", "--tenant", CONTOSO, "--out", "policies/policy.yaml", "--force"];
const BASELINE: &str = "version: 1
registration: { requiredAtSignIn: true, reconfirmAfterDays: 180 }
notifications: { users: true, administrators: true }
";
const POLICY: &str = "# agreed with the service desk
version: 1
tenant: contoso.onmicrosoft.com
extends: [../baseline.yaml]
# two methods are the goal, see the wiki
methods:
  required: 2  # not yet
registration:
  reconfirmAfterDays: 30
helpdesk:
  link: https://help.contoso.com/old
waivers:
  - rule: sms-voice-retirement
    reason: the app is being rolled out
    owner: identity@contoso.com
    expires: 2027-01-15
";

#[test]
fn a_policy_that_extends_stays_one() -> TestResult {
    let harness = Harness::with("{}", Faults::none())?;
    let folder = harness.folder.path();
    fs::write(folder.join("baseline.yaml"), BASELINE)?;
    fs::write(folder.join("policies/policy.yaml"), POLICY)?;
    let run = harness.run(&IMPORT)?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let text = fs::read_to_string(folder.join("policies/policy.yaml"))?;
    for stays in [
        "# agreed with",
        "extends: [../baseline.yaml]",
        "# two methods are",
        "rule: sms-voice-retirement",
        "required: 1",
    ] {
        assert!(text.contains(stays), "{stays}: {text}");
    }
    for gone in ["reconfirmAfterDays", "users: true", "old", "{}"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert!(text.contains("administrators: false"), "another value than the baseline's is said: {text}");
    assert!(run.stderr.contains("edited in place") && run.stderr.contains(" left to baselines"), "{run:#?}");
    let plan = harness.run(&["plan", "--detailed-exitcode", "--as-of", "2026-11-27"])?;
    assert_eq!(plan.code, Some(0), "{plan:#?} {text}");
    assert_eq!(harness.run(&IMPORT)?.code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("policies/policy.yaml"))?, text, "a second import changes nothing");
    Ok(())
}

#[test]
fn what_a_baseline_says_and_the_tenant_does_not_have_is_named() -> TestResult {
    let harness = Harness::with("extends: [../baseline.yaml]", Faults::none())?;
    let baseline = "version: 1\nscope: { users: selected, group: SSPR-Pilot }\n";
    fs::write(harness.folder.path().join("baseline.yaml"), baseline)?;
    let run = harness.run(&IMPORT)?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("cannot be edited: scope.group is given, but scope.users is none"), "{run:#?}");
    let baseline = "version: 1\nwindowsSignIn: { resetLink: true, group: SSPR-Pilot }\n";
    fs::write(harness.folder.path().join("baseline.yaml"), baseline)?;
    let run = harness.run(&IMPORT)?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let warning = "baseline.yaml says windowsSignIn.resetLink, which was not imported, so a plan may change it";
    assert!(run.stderr.contains(warning), "{run:#?}");
    Ok(())
}

/// What `--force` is for is the policy of the tenant; nobody's baseline, notes or other policies are lost to it.
#[test]
fn what_cannot_be_edited_stays_as_it_is() -> TestResult {
    let policy = |tenant: &str, sections: &str| format!("version: 1\ntenant: {tenant}\n{sections}\n");
    let cases = [
        (policy(NORTHWIND, "methods: { required: 2 }"), "it is for northwind"),
        (policy(CONTOSO, "helpdesk: &desk { link: none }\nx-desk: *desk"), "`x-desk`"),
        (policy(CONTOSO, "unknown: 1"), "`unknown`"),
        (BASELINE.to_owned(), "it is for no tenant"),
        ("# Notes\n\nNot a policy.\n".to_owned(), "not a mapping of keys"),
        ("# only a comment\n".to_owned(), ""),
    ];
    for (text, why) in cases {
        let harness = Harness::with("{}", Faults::none())?;
        let file = harness.folder.path().join("policies/policy.yaml");
        fs::write(&file, &text)?;
        let run = harness.run(&IMPORT)?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
        assert!(run.stderr.contains("policies/policy.yaml stays as it is, because it cannot be edited: "), "{run:#?}");
        assert!(run.stderr.contains(why) && run.stderr.contains("hint: "), "{why}: {run:#?}");
        assert_eq!(fs::read_to_string(&file)?, text);
    }
    Ok(())
}

#[test]
fn an_empty_file_is_written_to() -> TestResult {
    let harness = Harness::with("{}", Faults::none())?;
    fs::write(harness.folder.path().join("policies/policy.yaml"), "\n")?;
    assert_eq!(harness.run(&IMPORT)?.code, Some(0));
    assert_eq!(harness.run(&["plan", "--detailed-exitcode"])?.code, Some(0));
    Ok(())
}

/// A waiver that is not valid says nothing about the settings, so they are edited around it.
#[test]
fn waivers_that_are_not_valid_stay_and_cost_no_comments() -> TestResult {
    for waiver in ["  - rule: no-such-rule\n    reason: x\n", "  - rule: sms-voice-retirement\n    expires: soon\n"] {
        let harness = Harness::with("{}", Faults::none())?;
        let file = harness.folder.path().join("policies/policy.yaml");
        let text = "# agreed\nversion: 1\ntenant: contoso.onmicrosoft.com\n# goal\nmethods:\n  required: 2 # not yet\n";
        fs::write(&file, format!("{text}waivers:\n  # why\n{waiver}"))?;
        let run = harness.run(&IMPORT)?;
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert!(run.stderr.contains("its waivers are as they were, and not valid"), "{run:#?}");
        let text = fs::read_to_string(&file)?;
        for stays in ["# agreed", "# goal", "# why", waiver, "required: 1"] {
            assert!(text.contains(stays), "{stays}: {text}");
        }
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_link_is_neither_followed_nor_replaced() -> TestResult {
    use std::os::unix::fs::symlink;
    let harness = Harness::with("{}", Faults::none())?;
    let folder = harness.folder.path();
    fs::write(folder.join("baseline.yaml"), BASELINE)?;
    symlink("../baseline.yaml", folder.join("policies/link.yaml"))?;
    symlink("nowhere.yaml", folder.join("policies/dangling.yaml"))?;
    for name in ["policies/link.yaml", "policies/dangling.yaml"] {
        for force in [&["--force"][..], &[]] {
            let run = harness.run(&[&["import", "--tenant", CONTOSO, "--out", name], force].concat())?;
            let line = format!("error: {name} is a symbolic link; nothing was read or written\n");
            assert!(run.code == Some(1) && run.stderr.starts_with(&line), "{run:#?}");
            assert!(folder.join(name).symlink_metadata()?.is_symlink());
        }
    }
    assert_eq!(fs::read_to_string(folder.join("baseline.yaml"))?, BASELINE);
    assert_eq!(harness.requests(), 0);
    Ok(())
}

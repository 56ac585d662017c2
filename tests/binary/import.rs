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
    assert!(
        run.stderr.contains("edited in place") && run.stderr.contains("settings are left to baselines"),
        "{run:#?}"
    );
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
    assert_eq!(run.code, Some(0), "{run:#?}");
    let expected = ["baseline.yaml says scope.group, which was not imported", "could not be edited: "];
    assert!(expected.iter().any(|words| run.stderr.contains(words)), "{run:#?}");
    Ok(())
}

#[test]
fn what_cannot_be_edited_is_replaced_and_that_is_said() -> TestResult {
    let anchored = "helpdesk: &desk { link: none }\nx-desk: *desk";
    for (sections, tenant, why) in [
        (POLICY.split_once("methods:").map_or("", |(_, rest)| rest), NORTHWIND, "it is for northwind"),
        (anchored, CONTOSO, "could not be edited: "),
        ("unknown: 1", CONTOSO, "could not be edited: "),
    ] {
        let harness = Harness::with("{}", Faults::none())?;
        let file = harness.folder.path().join("policies/policy.yaml");
        let sections = if tenant == NORTHWIND { format!("methods:{sections}") } else { sections.to_owned() };
        fs::write(&file, format!("version: 1\ntenant: {tenant}\n{sections}\n"))?;
        let run = harness.run(&IMPORT)?;
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert!(run.stderr.contains(why) && run.stderr.contains("waivers and comments are gone"), "{run:#?}");
        assert!(fs::read_to_string(&file)?.contains(CONTOSO));
        assert_eq!(harness.run(&["plan", "--detailed-exitcode"])?.code, Some(0));
    }
    Ok(())
}

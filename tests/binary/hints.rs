//! Hints that lead out of a mistake, and lists that say what there is.

use entra_sandbox::{Faults, Person, Role};

use crate::harness::{CONTOSO, Harness, NORTHWIND, TestResult};

#[test]
fn a_saved_review_that_is_named_as_a_policy_has_the_hint_that_applies_it() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    let run = harness.run(&["apply", "review.json", "--auto-approve"])?;
    assert_eq!((run.code, harness.writes()), (Some(3), 0), "{run:#?}");
    assert!(run.stdout.contains("`ssprctl apply --plan review.json`"), "{run:#?}");
    let run = harness.run(&["apply", "--plan", "review.json", "--auto-approve", "--verify-timeout", "300ms"])?;
    assert_eq!(run.code, Some(0), "the command of the hint: {run:#?}");
    Ok(())
}

#[test]
fn a_path_that_leads_nowhere_has_the_file_that_was_meant() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    for (named, meant) in [
        ("policies/policy.json", "policies/policy.yaml"),
        ("policies/policy", "policies/policy.yaml"),
        ("policies/plicy.yaml", "policies/policy.yaml"),
        ("polices", "policies"),
    ] {
        let run = harness.run(&["plan", named])?;
        assert_eq!(run.code, Some(3), "{run:#?}");
        assert!(run.stdout.contains(&format!("hint: did you mean `{meant}`? ")), "{named}: {run:#?}");
    }
    let run = harness.run(&["plan", "elsewhere/other.yaml"])?;
    assert!(run.stdout.contains("hint: name a policy file"), "{run:#?}");
    Ok(())
}

#[test]
fn the_embedded_tenants_are_listed_in_a_line_each() -> TestResult {
    let harness = Harness::with("{}", Faults::none())?;
    let run = harness.run(&["sandbox", "show"])?;
    assert_eq!((run.code, run.stdout.lines().count()), (Some(0), 5), "{run:#?}");
    let line = "contoso.onmicrosoft.com    Entra ID P1, cloud only, migration in progress, 50 users";
    assert!(run.stdout.lines().any(|shown| shown == line), "{run:#?}");
    for arguments in [["sandbox", "show", CONTOSO], ["sandbox", "show", "--tenant=contoso.onmicrosoft.com"]] {
        let run = harness.run(&arguments)?;
        let shown: serde_json::Value = serde_json::from_str(&run.stdout)?;
        assert_eq!(shown["tenant"], CONTOSO, "{run:#?}");
    }
    Ok(())
}

/// What a tenant cannot have is no warning; what may be there and could not be read is one.
#[test]
fn an_import_notes_what_it_left_out() -> TestResult {
    let import = |harness: &Harness, tenant| harness.run(&["import", "--tenant", tenant, "--out", "policies/new.yaml"]);
    let harness = Harness::of(NORTHWIND, "{}", Faults::none(), &Person::Administrator)?;
    let run = import(&harness, NORTHWIND)?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stderr.contains("note: left out windowsSignIn.resetLink, windowsSignIn.group: "), "{run:#?}");
    assert!(!run.stderr.contains("error") && !run.stderr.contains("warning"), "{run:#?}");

    let person = Person::Holding(vec![Role::PrivilegedRoleAdministrator]);
    let harness = Harness::of(CONTOSO, "{}", Faults::none(), &person)?;
    let run = import(&harness, CONTOSO)?;
    assert!(run.code == Some(0) && run.stderr.contains("warning: left out "), "{run:#?}");
    let run = harness.run(&["import", "--quiet", "--tenant", CONTOSO, "--out", "policies/quiet.yaml"])?;
    assert!(run.stderr.starts_with("warning: ") && !run.stderr.contains("note:"), "{run:#?}");
    Ok(())
}

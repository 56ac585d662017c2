//! What `--surfaces` leaves out was not looked at, and no output says that the tenant matches its policy there.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

const PORTAL_ONLY: &str = "methods: { required: 2 }";

#[test]
fn a_run_that_looks_at_nothing_of_a_tenant_says_so() -> TestResult {
    for config in [None, Some("version: 1\nlimits: { losing: 10 }\n")] {
        let harness = Harness::with(PORTAL_ONLY, Faults::none())?;
        let folder = harness.folder.path();
        if let Some(config) = config {
            fs::create_dir(folder.join(".git"))?;
            fs::write(folder.join("ssprctl.yaml"), config)?;
        }
        assert_eq!(harness.run(&["snapshot", "--out", "snapshot.json"])?.code, Some(0));
        for command in [
            &["plan"][..],
            &["plan", "--impact"],
            &["plan", "--against", "snapshot.json"],
            &["drift"],
            &["apply", "--auto-approve"],
        ] {
            let run = harness.run(&[command, &["--surfaces", "graph"]].concat())?;
            assert_eq!(run.code, Some(1), "{command:?}: {run:#?}");
            let said = "nothing of the tenant was looked at: --surfaces leaves out all that the policy manages \
                        (methods.required)";
            assert!(run.stdout.contains(said) && !run.stdout.contains("No changes"), "{command:?}: {run:#?}");
            assert!(run.stdout.contains("hint: leave --surfaces out"), "{run:#?}");
        }
        assert_eq!(harness.writes(), 0);
    }
    Ok(())
}

#[test]
fn a_comment_names_what_was_not_looked_at() -> TestResult {
    let harness = Harness::with("methods: { required: 2 }\nscope: { administrators: true }", Faults::none())?;
    let run = harness.run(&["plan", "--surfaces", "graph", "--format", "markdown"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("Not looked at, because of --surfaces: methods.required."), "{run:#?}");
    Ok(())
}

/// What is left out is no part of the tenant that matches: the last line counts it, quiet or not, and documents name it.
#[test]
fn the_end_of_a_run_says_what_was_not_looked_at() -> TestResult {
    let harness = Harness::with("methods: { required: 2 }\nscope: { administrators: true }", Faults::none())?;
    let more = "; 1 setting not looked at, because of --surfaces.";
    let plan = format!("Plan: 0 to change, 1 unchanged, 18 unmanaged, in 0 requests{more}");
    let drift = format!("Drift: 0 settings in 0 of 1 tenants{more}");
    let applied = format!("Applied: 0 changed, 0 verified, in 0 requests{more}");
    let all = &["terminal", "markdown", "github"][..];
    for (command, formats, line) in [
        (&["plan"][..], all, plan),
        (&["drift"], all, drift),
        (&["apply", "--auto-approve"], &["terminal", "markdown"], applied),
    ] {
        for format in formats {
            let run = harness.run(&[command, &["--surfaces", "graph", "--quiet", "--format", format]].concat())?;
            assert!(run.code == Some(0) && run.stdout.contains(&line), "{command:?} {format}: {run:#?}");
            let matches = ["No changes", "matches the policy"].iter().any(|words| run.stdout.contains(words));
            assert!(!matches, "{command:?} {format}: {run:#?}");
            let named = run.stdout.contains("Not looked at, because of --surfaces: methods.required.");
            assert_eq!(named, *format == "markdown", "{command:?} {format}: {run:#?}");
        }
        let run = harness.run(&[command, &["--surfaces", "graph", "--format", "json"]].concat())?;
        let document = run.json()?;
        let tenant = &document["tenants"][0];
        assert_eq!(tenant["skipped"], serde_json::json!(["methods.required"]), "{document:#}");
        if command[0] != "apply" {
            assert_eq!((&tenant["complete"], &document["summary"]["skipped"]), (&false.into(), &1.into()));
            let unmanaged = tenant["unmanaged"].as_array().ok_or("no list")?;
            assert!(!unmanaged.contains(&"methods.required".into()), "{document:#}");
        }
        let page = harness.run(&[command, &["--surfaces", "graph", "--format", "html"]].concat())?.stdout;
        assert!(page.contains("Not looked at, because of --surfaces: methods.required."), "{page}");
    }
    let run = harness.run(&["apply", "--auto-approve", "--surfaces", "graph"])?;
    assert!(run.stdout.contains("the tenant is in sync as far as read; nothing was sent"), "{run:#?}");
    Ok(())
}

/// Without any sign-in the error names those that the portal takes, and no application.
#[test]
fn the_first_error_of_the_portal_leads_to_a_sign_in_that_it_takes() -> TestResult {
    let harness = Harness::with(PORTAL_ONLY, Faults::none())?;
    let mut command = harness.command(&["plan"]);
    command.env_remove("SSPRCTL_PORTAL_TOKEN").env_remove("SSPRCTL_GRAPH_TOKEN").env("PATH", "");
    let run = harness.finish(&mut command)?;
    for words in [
        "SSPRCTL_PORTAL_TOKEN is not set; SSPRCTL_REFRESH_TOKEN is not set; nobody is signed in by `ssprctl login`",
        "run `ssprctl login --tenant contoso.onmicrosoft.com`",
        "in a pipeline put a refresh token of a person into SSPRCTL_REFRESH_TOKEN",
    ] {
        assert!(run.stdout.contains(words), "{words}: {run:#?}");
    }
    assert!(!run.stdout.contains("AZURE_CLIENT"), "{run:#?}");
    Ok(())
}

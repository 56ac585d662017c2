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

//! Plans against a public snapshot, with the real binary: no credential, no request.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{Harness, Run, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

/// Runs the binary without any credential.
fn without_credentials(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn std::error::Error>> {
    let mut command = harness.command(arguments);
    command.env_remove("SSPRCTL_PORTAL_TOKEN").env_remove("SSPRCTL_GRAPH_TOKEN").env("PATH", "");
    harness.finish(&mut command)
}

#[test]
fn a_plan_against_a_snapshot_asks_nobody() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["snapshot", "keygen"])?.code, Some(0));
    let folder = harness.folder.path();
    let private = fs::read_to_string(folder.join("snapshot.key"))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(folder.join("snapshot.key"))?.permissions().mode() & 0o077, 0, "others may read it");
    }
    let run = harness.finish(harness.command(&["snapshot"]).env("SSPRCTL_SNAPSHOT_KEY", &private))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(!run.stderr.contains("not signed"), "{run:#?}");
    let text = fs::read_to_string(folder.join("snapshot.json"))?;
    for secret in harness
        .secrets()
        .into_iter()
        .chain(private.lines().filter(|line| !line.starts_with("-----")).map(str::to_owned))
    {
        assert!(!text.contains(&secret) && !run.stderr.contains(&secret), "a secret was printed");
    }

    let asked = harness.asked();
    let plan = ["plan", "--against", "snapshot.json", "--public-key", "snapshot.key.pub"];
    let run = without_credentials(&harness, &plan)?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("~ notifications.administrators"), "{run:#?}");
    assert!(run.stdout.contains("cannot be applied"), "{run:#?}");
    let json = without_credentials(&harness, &[plan.as_slice(), &["--format", "json"]].concat())?.json()?;
    assert_eq!(json["against"]["signatureChecked"], true);
    let markdown = without_credentials(&harness, &[plan.as_slice(), &["--format", "markdown"]].concat())?;
    assert!(
        markdown.stdout.contains("cannot be applied") && !markdown.stdout.contains("is what is applied"),
        "{markdown:#?}"
    );
    assert_eq!(harness.asked(), asked, "no request is sent");

    fs::write(folder.join("snapshot.json"), text.replace("\"enablementType\": 0", "\"enablementType\": 2"))?;
    let run = without_credentials(&harness, &plan)?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{run:#?}");
    assert!(run.stderr.contains("was changed since it was written"), "{run:#?}");
    Ok(())
}

#[test]
fn what_cannot_be_applied_is_not_saved_and_age_is_bounded() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["snapshot"])?.code, Some(0));
    let run = harness.run(&["plan", "--against", "snapshot.json", "--out", "review.json"])?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(
        run.stderr.contains("cannot be applied") && !harness.folder.path().join("review.json").exists(),
        "{run:#?}"
    );
    let run = harness.run(&["plan", "--against", "snapshot.json", "--max-age", "0s"])?;
    assert_eq!(run.code, Some(5), "{run:#?}");
    let run = harness.run(&["plan", "--against", "snapshot.json"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stderr.contains("the snapshot's signature was not checked"), "{run:#?}");
    assert_eq!(harness.run(&["snapshot", "keygen"])?.code, Some(0));
    assert_eq!(harness.run(&["snapshot", "keygen"])?.code, Some(1), "a key is never overwritten");
    Ok(())
}

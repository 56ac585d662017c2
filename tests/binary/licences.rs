//! A tenant with Office 365 E3, of whose licence Microsoft's pages disagree on whether it permits a reset.

use std::fs;
use std::path::{Path, PathBuf};

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, TestResult};

/// The file of the embedded tenant, which `sandbox reset` has written below the state folder.
fn tenant_file(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    entries.map(|entry| entry.path()).find_map(|path| match path.is_dir() {
        true => tenant_file(&path),
        false => path.ends_with(format!("sandbox/{CONTOSO}.json")).then_some(path),
    })
}

/// What is not known is a warning at most: the plan is applied, drift is found, and an unattended run ends with 0.
#[test]
fn a_licence_that_is_not_known_refuses_nothing() -> TestResult {
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    assert_eq!(harness.run(&["sandbox", "reset"])?.code, Some(0));
    let file = tenant_file(&harness.folder.path().join("state")).ok_or("no tenant")?;
    let text = fs::read_to_string(&file)?;
    assert!(text.contains("\"licence\": \"p1\""), "the tenant has another licence");
    fs::write(&file, text.replace("\"licence\": \"p1\"", "\"licence\": \"office365\""))?;

    let plan = harness.run(&["plan", "--sandbox", "--detailed-exitcode"])?;
    assert_eq!(plan.code, Some(2), "{plan:#?}");
    assert!(plan.stdout.contains("warning[reset-licence-not-known]"), "{plan:#?}");
    assert_eq!(harness.run(&["apply", "--sandbox", "--auto-approve"])?.code, Some(0));
    let drift = harness.run(&["drift", "--sandbox"])?;
    assert_eq!(drift.code, Some(0), "{drift:#?}");

    // A repository that makes an error of it is heeded, also where the plan changes nothing.
    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nrules: { reset-licence-not-known: error }\n")?;
    let refused = harness.run(&["plan", "--sandbox"])?;
    assert_eq!(refused.code, Some(4), "{refused:#?}");
    fs::remove_file(harness.folder.path().join("ssprctl.yaml"))?;

    let show = harness.run(&["show", "--sandbox", "--tenant", CONTOSO])?;
    assert!(show.stdout.contains("Microsoft's pages disagree"), "{show:#?}");
    let json = harness.run(&["show", "--sandbox", "--tenant", CONTOSO, "--format", "json"])?.json()?;
    assert!(json["circumstances"].get("resetLicensed").is_none(), "{json:#}");
    let scope = json["settings"].as_array().into_iter().flatten().find(|setting| setting["setting"] == "scope.users");
    assert!(scope.is_some_and(|scope| scope["effect"].get("noEffect").is_none()), "{json:#}");
    Ok(())
}

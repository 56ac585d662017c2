//! What the pages say while a tenant or the source cannot be read: no number that was not seen, and the reason on every page.

use std::fs;

use serde_json::Value;

use crate::process::{AUTHORIZATION, Process, program, reconcile_until, request, wait_for};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
const FAULTS: &str = "version: 1\nfaults:\n  - { path: PasswordResetPolicies, fault: { error: { status: 404 } } }\n";
const ARGUMENTS: [&str; 4] = ["controller", "--sandbox", "--listen", "127.0.0.1:0"];

#[test]
fn what_cannot_be_read_now_is_unknown_and_the_last_attempt_is_no_comparison() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    let policy = format!("version: 1\ntenant: {CONTOSO}\nmethods: {{ required: 2 }}\n");
    fs::write(folder.path().join("policies/contoso.yaml"), policy)?;
    fs::write(folder.path().join("faults.yaml"), FAULTS)?;
    let process = Process::start(folder.path(), &[], &ARGUMENTS)?;
    let address = process.address()?;
    let compared = reconcile_until(&address, "a comparison", |status| !status["tenants"][CONTOSO]["drift"].is_null())?;
    let compared = compared["tenants"][CONTOSO]["lastCompared"].clone();
    process.end("-TERM")?;

    let arguments: Vec<&str> = ARGUMENTS.into_iter().chain(["--faults", "faults.yaml"]).collect();
    let process = Process::start(folder.path(), &[], &arguments)?;
    let address = process.address()?;
    let status = reconcile_until(&address, "the fault", |status| {
        status["tenants"][CONTOSO]["conditions"]["ready"]["status"] == "False"
            && status["tenants"][CONTOSO]["drift"].is_null()
    })?;
    let known = &status["tenants"][CONTOSO];
    assert!(known["lastCompared"].is_object() && known["lastCompared"] != known["lastAttempted"], "{known:#}");
    assert_eq!(known["lastCompared"]["revision"], compared["revision"], "{known:#}");
    let page = |path: &str| request(&address, "GET", path, "").map(|(_, page)| page);
    let fleet = page("/")?;
    let row = fleet.lines().find(|line| line.contains("data-label=\"Differ\"")).unwrap_or_default();
    assert!(row.contains("data-label=\"Differ\">unknown</td>") && row.contains("<small>last attempt "), "{row}");
    let tenant = page(&format!("/t/{CONTOSO}"))?;
    for part in ["<dt>Last attempt</dt>", "unknown: the last attempt could not compare everything."] {
        assert!(tenant.contains(part), "{part}: {tenant}");
    }
    assert!(
        !tenant.contains("No difference is known") && tenant.contains("it is unknown which settings differ"),
        "{tenant}"
    );
    let setting = page("/settings/methods.required")?;
    assert!(setting.contains("data-label=\"Read\">unknown<br><small>last attempt "), "{setting}");
    let tenants =
        |format: &str| program(folder.path(), &[]).args(["controller", "tenants", "--format", format]).output();
    let shown = String::from_utf8(tenants("terminal")?.stdout)?;
    assert!(shown.contains("  unknown  ") && shown.contains(" (last attempt "), "{shown}");
    let json: Value = serde_json::from_slice(&tenants("json")?.stdout)?;
    let row = &json["tenants"][0];
    assert!(row["differingSettings"].is_null() && row["failedAttempt"].is_string(), "{row:#}");
    assert_eq!((&row["last"], &row["revision"]), (&known["lastCompared"]["at"], &compared["revision"]));
    process.end("-TERM")?;
    Ok(())
}

#[test]
fn every_page_says_that_the_source_is_not_ready_and_no_filter_is_named_where_there_is_none() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    let write = |text: &str| fs::write(folder.path().join("policies/contoso.yaml"), text);
    let is_invalid = |status: &Value| status["source"]["conditions"]["ready"]["reason"] == "InvalidPolicy";
    write("version: 1\ntenat: wrong\n")?;
    let process = Process::start(folder.path(), &[], &ARGUMENTS)?;
    let address = process.address()?;
    let page = |path: &str| request(&address, "GET", path, "").map(|(_, page)| page);
    reconcile_until(&address, "the first revision", is_invalid)?;
    let fleet = page("/")?;
    assert!(fleet.contains("No tenant is known yet") && !fleet.contains("No tenant matches"), "{fleet}");
    assert!(page("/t/nobody")?.contains("The source is not ready (InvalidPolicy)"));

    write(&format!("version: 1\ntenant: {CONTOSO}\nmethods: {{ required: 1 }}\n"))?;
    assert_eq!(request(&address, "POST", "/reconcile", AUTHORIZATION)?.0, 202);
    wait_for("a valid revision", || Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(())))?;
    let paths = ["/", &format!("/t/{CONTOSO}"), "/settings/methods.required", "/t/nobody"];
    for path in paths {
        assert!(!page(path)?.contains("The source is not ready"), "{path}");
    }
    write("version: 1\ntenat: wrong\n")?;
    reconcile_until(&address, "the invalid revision", is_invalid)?;
    for path in paths {
        let page = page(path)?;
        assert!(
            page.contains("The source is not ready (InvalidPolicy)") && page.contains("the last valid one"),
            "{page}"
        );
    }
    process.end("-TERM")?;
    Ok(())
}

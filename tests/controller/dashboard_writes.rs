//! The page of a tenant after runs of the controller that did not apply everything.

use std::fs;

use crate::process::{Process, request, status, wait_for};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
/// Two requests, to two services.
const POLICY: &str =
    "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 2 }\nscope: { administrators: false }\n";
const CONFIG: &str = "version: 1\nlimits: { allow: [administrators-switched-off] }\n";
/// The second request is refused.
const FAULTS: &str =
    "version: 1\nfaults: [{ method: PATCH, path: authorizationPolicy, fault: { error: { status: 403 } } }]\n";
const UNKNOWN: &str = "unknown<br><small>a run has written since it was read, and did not verify everything</small>";

/// The page of the tenant once the controller has written with these options.
fn page_after(options: &[&str]) -> Result<String, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("policies"))?;
    fs::write(folder.path().join("policies/contoso.yaml"), POLICY)?;
    fs::write(folder.path().join("ssprctl.yaml"), CONFIG)?;
    fs::write(folder.path().join("faults.yaml"), FAULTS)?;
    let arguments = ["controller", "--sandbox", "--listen", "127.0.0.1:0", "--remediate", "--verify-timeout", "5s"];
    let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
    let process = Process::start(folder.path(), &[], &arguments)?;
    let address = process.address()?;
    wait_for("a run", || {
        let status = status(&address)?;
        Ok(status["tenants"][CONTOSO]["lastAttempted"].is_object().then_some(()))
    })?;
    let (code, page) = request(&address, "GET", &format!("/t/{CONTOSO}"), "")?;
    assert_eq!(code, 200, "{page}");
    process.end("-TERM")?;
    Ok(page)
}

/// The row of a setting in the table of desired, actual and effective values.
fn row<'a>(page: &'a str, setting: &str) -> &'a str {
    let side = page.split("Settings side by side").nth(1).unwrap_or_default();
    let name = format!("<code>{setting}</code>");
    side.lines().find(|line| line.starts_with("<tr>") && line.contains(&name)).unwrap_or_default()
}

#[test]
fn after_a_run_that_was_rolled_back_nothing_it_wrote_is_known() -> TestResult {
    let page = page_after(&["--faults", "faults.yaml"])?;
    for setting in ["methods.required", "scope.administrators"] {
        let row = row(&page, setting);
        assert_eq!(row.matches(UNKNOWN).count(), 2, "actual and effective: {row}");
        assert!(row.contains("○</span> unknown") && !row.contains("●"), "{row}");
    }
    // What the run did not write was read before, and what takes effect may depend on what it wrote.
    let other = row(&page, "notifications.users");
    assert_eq!(other.matches(UNKNOWN).count(), 1, "{other}");
    assert!(page.contains("◆</span> rolled back"), "the run: {page}");
    Ok(())
}

#[test]
fn after_a_run_of_which_one_request_failed_nothing_it_wrote_is_known() -> TestResult {
    let page = page_after(&["--faults", "faults.yaml", "--on-failure", "stop"])?;
    for setting in ["methods.required", "scope.administrators"] {
        let row = row(&page, setting);
        assert_eq!(row.matches(UNKNOWN).count(), 2, "actual and effective: {row}");
        assert!(row.contains("○</span> unknown") && !row.contains("●"), "{row}");
    }
    assert!(page.contains("may not write the authorization policy") && !page.contains("rolled back"), "{page}");
    Ok(())
}

#[test]
fn after_a_run_that_was_verified_every_value_is_as_written() -> TestResult {
    let page = page_after(&[])?;
    for (setting, value) in [("methods.required", "2"), ("scope.administrators", "false")] {
        let row = row(&page, setting);
        assert!(
            row.contains("●</span> as written") && row.contains(&format!("data-label=\"Actual\">{value}</td>")),
            "{row}"
        );
        assert!(!page.contains(UNKNOWN), "{page}");
    }
    Ok(())
}

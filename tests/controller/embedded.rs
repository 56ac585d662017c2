//! What a controller of embedded tenants says of them, and one of other tenants does not.

use std::fs;

use serde_json::{Value, json};

use crate::process::{Process, Sandbox, program, request, wait_for};
use crate::repository::TestResult;

const MARK: &str = "<p class=\"banner\"><strong>embedded tenants, not real ones</strong></p>\n</header>";

#[test]
fn pages_and_documents_say_that_tenants_are_embedded() -> TestResult {
    let served = tempfile::tempdir()?;
    let sandbox = Sandbox::serve(served.path())?;
    for (environment, option, says) in [(&[][..], "--sandbox", true), (&sandbox.environment, "--no-input", false)] {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("policies"))?;
        let policy = "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 2 }\n";
        fs::write(folder.path().join("policies/contoso.yaml"), policy)?;
        let process = Process::start(folder.path(), environment, &["controller", "--listen", "127.0.0.1:0", option])?;
        let address = process.address()?;
        wait_for("a ready controller", || Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(())))?;
        for path in ["/", "/t/contoso.onmicrosoft.com", "/settings/methods.required", "/t/nobody"] {
            let (_, page) = request(&address, "GET", path, "")?;
            assert_eq!(page.matches(MARK).count(), usize::from(says), "{option}, {path}: {page}");
        }
        let status: Value = serde_json::from_str(&request(&address, "GET", "/status", "")?.1)?;
        let run = program(folder.path(), &[]).args(["controller", "tenants", "--format", "json"]).output()?;
        let tenants: Value = serde_json::from_slice(&run.stdout)?;
        for document in [status, tenants] {
            assert_eq!(document.get("sandbox"), says.then_some(&json!(true)), "{option}: {document:#}");
        }
    }
    Ok(())
}

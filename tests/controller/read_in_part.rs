//! A tenant that is as its policy says and of which a fact cannot be read: no page and no table calls it in sync.

use std::fs;

use serde_json::Value;

use crate::process::{Process, program, request, wait_for};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
const FAULTS: &str = "version: 1\nfaults:\n  - { path: subscribedSkus, fault: { error: { status: 403 } } }\n";

#[test]
fn a_tenant_that_was_read_in_part_is_in_sync_as_far_as_read() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    let policy = format!("version: 1\ntenant: {CONTOSO}\nscope: {{ users: all }}\n");
    fs::write(folder.path().join("policies/contoso.yaml"), policy)?;
    fs::write(folder.path().join("faults.yaml"), FAULTS)?;
    let set = program(folder.path(), &[]).args(["sandbox", "set", "scope.users=all", "--tenant", CONTOSO]).output()?;
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    let arguments = ["controller", "--sandbox", "--faults", "faults.yaml", "--listen", "127.0.0.1:0"];
    let process = Process::start(folder.path(), &[], &arguments)?;
    let address = process.address()?;
    wait_for("a ready controller", || Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(())))?;

    let (_, page) = request(&address, "GET", "/", "")?;
    assert!(page.contains("data-summary=\"1 in sync as far as read\""), "{page}");
    assert!(page.contains("in sync as far as read; not read: the tenant&#39;s licences"), "{page}");
    let (_, chosen) = request(&address, "GET", "/?state=in+sync", "")?;
    assert!(!chosen.contains(&format!("href=\"/t/{CONTOSO}\"")), "{chosen}");
    let (_, page) = request(&address, "GET", &format!("/t/{CONTOSO}"), "")?;
    assert!(page.contains("</span> in sync as far as read"), "{page}");
    let status: Value = serde_json::from_str(&request(&address, "GET", "/status", "")?.1)?;
    assert_eq!(status["summary"]["inSyncAsRead"], 1, "{status:#}");
    assert_eq!(status["tenants"][CONTOSO]["unread"][0], "the tenant's licences", "{status:#}");
    Ok(())
}

//! Who gets the pages of a controller behind a proxy, and what they show of runs that wrote.

use std::error::Error;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use tempfile::TempDir;

use crate::process::{Process, answer, controller_folder, program, reconcile_until, request, wait_for};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";

fn with_policy() -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("policies"))?;
    let policy = format!("version: 1\ntenant: {CONTOSO}\nmethods:\n  required: 1\n");
    fs::write(folder.path().join("policies/contoso.yaml"), policy)?;
    Ok(folder)
}

fn start(folder: &TempDir, listen: &str, options: &[&str]) -> Result<(Process, String), Box<dyn Error>> {
    let arguments = ["controller", "--sandbox", "--listen", listen];
    let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
    let process = Process::start(folder.path(), &[], &arguments)?;
    let address = process.address()?;
    wait_for("a ready controller", || Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(())))?;
    Ok((process, address))
}

/// Where a proxy lets people sign in, whoever goes past it gets no page.
#[test]
fn pages_can_be_for_a_trusted_proxy_alone() -> TestResult {
    let folder = with_policy()?;
    let file = folder.path().join("proxy");
    fs::write(&file, "the-token-of-the-proxy\n")?;
    fs::set_permissions(&file, Permissions::from_mode(0o600))?;
    let option = format!("--dashboard-token-file={}", file.display());
    let (process, address) = start(&folder, "0.0.0.0:0", &["--dashboard", &option])?;
    let paths =
        ["/", "/t/contoso.onmicrosoft.com", "/settings/methods.required", "/runs/x", "/live.js", "/live", "/?sort=x"];
    for path in paths {
        for headers in [
            "",
            "ssprctl-proxy-token: \r\n",
            "ssprctl-proxy-token: the-token-of-the-prox\r\n",
            "Authorization: Bearer the-token-of-the-proxy\r\n",
            "ssprctl-proxy-token: the-token-of-the-proxy\r\nssprctl-proxy-token: the-token-of-the-proxy\r\n",
        ] {
            let (code, said) = request(&address, "GET", path, headers)?;
            assert_eq!(code, 403, "{path} {headers}");
            assert!(!said.contains(CONTOSO) && !said.contains("<html"), "{said}");
        }
    }
    let brought = "ssprctl-proxy-token: the-token-of-the-proxy\r\n";
    assert_eq!(request(&address, "GET", "/", brought)?.0, 200);
    assert_eq!(request(&address, "GET", "/", &format!("{brought}Host: rebound.example\r\n"))?.0, 403);
    assert_eq!(request(&address, "POST", "/reconcile", brought)?.0, 401, "it is no token to control");
    assert_eq!(request(&address, "GET", "/healthz", "")?.0, 200, "probes need none");
    let mut socket = UnixStream::connect(controller_folder(folder.path())?.join("control.sock"))?;
    assert_eq!(answer(&mut socket, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?.0, 200);
    fs::set_permissions(&file, Permissions::from_mode(0o644))?;
    assert_eq!(request(&address, "GET", "/", brought)?.0, 503, "others may know it");
    let said = process.end("-TERM")?.1;
    assert!(!said.contains("the-token-of-the-proxy") && said.contains("others can read or write it"), "{said}");
    let arguments = ["controller", "--sandbox", "--listen", "127.0.0.1:0", &option];
    assert_eq!(program(folder.path(), &[]).args(arguments).output()?.status.code(), Some(4));
    fs::set_permissions(&file, Permissions::from_mode(0o600))?;
    let arguments = ["controller", "--sandbox", "--listen", "0.0.0.0:0", &option];
    let off = program(folder.path(), &[]).args(arguments).output()?;
    assert_eq!(off.status.code(), Some(1));
    assert!(String::from_utf8(off.stderr)?.contains("has no effect: the pages are switched off here"));
    Ok(())
}

#[test]
fn a_run_that_wrote_is_on_the_page_of_its_tenant_and_has_one_of_its_own() -> TestResult {
    let folder = with_policy()?;
    let (process, address) = start(&folder, "127.0.0.1:0", &["--remediate"])?;
    let page = |path: &str| request(&address, "GET", path, "");
    let tenant = format!("/t/{CONTOSO}");
    assert!(page(&tenant)?.1.contains("None of the newest 200 whose journals are here."));
    let set = ["sandbox", "set", "methods.required=2", "--tenant", CONTOSO];
    assert!(program(folder.path(), &[]).args(set).output()?.status.success());
    reconcile_until(&address, "the repair", |status| {
        status["tenants"][CONTOSO]["conditions"]["ready"]["reason"] == "Applied"
    })?;
    let (_, shown) = page(&tenant)?;
    let link = shown.split("href=\"/runs/").nth(1).and_then(|rest| rest.split('"').next()).ok_or("no run")?;
    assert!(shown.contains("●</span> applied"), "{shown}");
    // What was verified is what the tenant has.
    let side = shown.split("Settings side by side").nth(1).unwrap_or_default();
    let row = side.lines().find(|line| line.contains("<code>methods.required</code>")).unwrap_or_default();
    assert!(row.contains("data-label=\"Actual\">1</td>") && row.contains("●</span> as written"), "{row}");

    let (code, run) = page(&format!("/runs/{link}"))?;
    assert_eq!(code, 200);
    for part in ["<code>methods.required</code>", "2 → 1", "the tenant shows it", "<code>passwordReset</code>", &tenant]
    {
        assert!(run.contains(part), "{part}: {run}");
    }
    assert!(!run.contains("has no end") && run.contains(": applied</h2>"), "{run}");
    for nothing in ["/runs/20260101T000000000Z-00000000", "/runs/..%2Fstate", "/runs/%3Cb%3E", "/runs/"] {
        assert_eq!(page(nothing)?.0, 404, "{nothing}");
    }
    process.end("-TERM")?;
    Ok(())
}

#[test]
fn the_page_of_a_run_names_a_group_that_the_controller_has_read() -> TestResult {
    let folder = with_policy()?;
    let policy = format!("version: 1\ntenant: {CONTOSO}\nscope: {{ users: selected, group: SSPR-Pilot }}\n");
    fs::write(folder.path().join("policies/contoso.yaml"), policy)?;
    let set = ["sandbox", "set", "scope.users=all", "--tenant", CONTOSO];
    assert!(program(folder.path(), &[]).args(set).output()?.status.success());
    let (process, address) = start(&folder, "127.0.0.1:0", &["--remediate"])?;
    reconcile_until(&address, "the write", |status| {
        status["tenants"][CONTOSO]["conditions"]["ready"]["status"] == "True"
    })?;
    let (_, shown) = request(&address, "GET", &format!("/t/{CONTOSO}"), "")?;
    let link = shown.split("href=\"/runs/").nth(1).and_then(|rest| rest.split('"').next()).ok_or("no run")?;
    let (_, run) = request(&address, "GET", &format!("/runs/{link}"), "")?;
    assert!(run.contains("<code>scope.group</code>") && run.contains("SSPR-Pilot"), "{run}");
    process.end("-TERM")?;
    Ok(())
}

//! The pages of the controller over HTTP: what they show, who gets them, and that they are told of changes.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::process::{AUTHORIZATION, Process, program, reconcile_until, request, wait_for};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
const ALICE: &str = "alice@contoso.onmicrosoft.com";
const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
/// What would be markup if it were printed as it is.
const HOSTILE: &str = "<b id=evil onclick='x'>&\"</b><script>evil()</script>";

/// Embedded tenants with a policy for two of them, and a controller that is ready.
struct Dashboard {
    folder: TempDir,
    process: Process,
    address: String,
}

/// The policies of both tenants, which are as they say.
fn write_policies(folder: &TempDir) -> TestResult {
    fs::create_dir_all(folder.path().join("policies"))?;
    for (name, tenant, required) in [("contoso", CONTOSO, 1), ("fabrikam", FABRIKAM, 2)] {
        let policy = format!("version: 1\ntenant: {tenant}\nmethods:\n  required: {required}\n");
        fs::write(folder.path().join(format!("policies/{name}.yaml")), policy)?;
    }
    Ok(())
}

impl Dashboard {
    fn open(options: &[&str]) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        write_policies(&folder)?;
        fs::write(folder.path().join("ssprctl.yaml"), "version: 1\nrings: [{ name: pilot, tenants: [contoso.*] }]\n")?;
        let arguments = ["controller", "--sandbox", "--listen", "127.0.0.1:0"];
        let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
        let process = Process::start(folder.path(), &[], &arguments)?;
        let address = process.address()?;
        ready(&address)?;
        Ok(Self { folder, process, address })
    }

    fn page(&self, path: &str) -> Result<(u16, String), Box<dyn Error>> {
        request(&self.address, "GET", path, "")
    }

    /// Somebody changes a tenant in the portal.
    fn portal(&self, change: &str) -> TestResult {
        let arguments = ["sandbox", "set", change, "--tenant", CONTOSO, "--as", ALICE];
        let set = program(self.folder.path(), &[]).args(arguments).output()?;
        assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
        Ok(())
    }
}

pub(crate) fn ready(address: &str) -> TestResult {
    wait_for("a ready controller", || Ok((request(address, "GET", "/readyz", "")?.0 == 200).then_some(())))
}

/// The names of the tenants in the table, in its order.
pub(crate) fn rows(page: &str) -> Vec<&str> {
    let links = page.split("<tr><th scope=\"row\"><a href=\"/t/").skip(1);
    links.filter_map(|rest| rest.split('"').next()).collect()
}

/// The row of a table that has a text.
fn row<'a>(page: &'a str, text: &str) -> &'a str {
    page.lines().find(|line| line.starts_with("<tr>") && line.contains(text)).unwrap_or_default()
}

#[test]
fn pages_show_the_fleet_a_tenant_and_a_setting() -> TestResult {
    let dashboard = Dashboard::open(&[])?;
    let (code, page) = dashboard.page("/")?;
    assert_eq!((code, rows(&page)), (200, vec![CONTOSO, FABRIKAM]), "{page}");
    assert!(row(&page, CONTOSO).contains("●</span> in sync") && row(&page, CONTOSO).contains(">pilot<"), "{page}");
    assert!(row(&page, CONTOSO).contains(">unknown<") && page.contains("--count-people"), "nobody was counted: {page}");

    dashboard.portal("methods.required=2")?;
    reconcile_until(&dashboard.address, "the drift", |status| !status["tenants"][CONTOSO]["drift"][0].is_null())?;
    let (_, page) = dashboard.page("/")?;
    assert!(row(&page, CONTOSO).contains("◆</span> drifted"), "{page}");
    assert!(page.contains("data-summary=\"1 in sync, 1 drifted\""), "{page}");

    // Filter and sort are links and a form, and need no script.
    for (query, expected) in [
        ("?state=drifted", vec![CONTOSO]),
        ("?state=in+sync", vec![FABRIKAM]),
        ("?q=FABRI", vec![FABRIKAM]),
        ("?ring=pilot&q=", vec![CONTOSO]),
        ("?ring=pilot&state=in+sync", vec![]),
        ("?sort=tenant", vec![CONTOSO, FABRIKAM]),
        ("?sort=-tenant", vec![FABRIKAM, CONTOSO]),
        ("?sort=-settings", vec![CONTOSO, FABRIKAM]),
        ("?sort=settings", vec![FABRIKAM, CONTOSO]),
        ("?sort=ring", vec![CONTOSO, FABRIKAM]),
        ("?sort=-ring", vec![FABRIKAM, CONTOSO]),
    ] {
        let (code, page) = dashboard.page(&format!("/{query}"))?;
        assert_eq!((code, rows(&page)), (200, expected), "{query}");
    }
    assert!(dashboard.page("/?sort=tenant")?.1.contains("aria-sort=\"ascending\"><a href=\"/?sort=-tenant\""));
    for wrong in ["/?state=wrong", "/?sort=wrong"] {
        assert_eq!(dashboard.page(wrong)?.0, 400, "{wrong}");
    }

    let (code, page) = dashboard.page(&format!("/t/{CONTOSO}"))?;
    assert_eq!(code, 200);
    let drift = row(&page, "<ins>1</ins> → <del>2</del>");
    assert!(
        drift.contains("changed by alice@contoso.onmicrosoft.com") && drift.contains("policies/contoso.yaml:4:13"),
        "{page}"
    );
    // When it changed is drawn, and in the table.
    let drawing = page.split("When the settings changed</title>").nth(1).and_then(|rest| rest.split("</svg>").next());
    assert!(drawing.is_some_and(|svg| svg.contains("class=\"span\"") && svg.contains("class=\"event\"")), "{page}");
    assert!(drift.contains("UTC</td>") || drift.contains("UTC<br>") || drift.contains(", between "), "{drift}");
    assert!(drift.contains("Update") && drift.contains("◐</span> likely"), "{drift}");
    let side = page.split("Settings side by side").nth(1).unwrap_or_default();
    let required = row(side, "<code>methods.required</code>");
    assert!(
        required.contains("data-label=\"Desired\">1</td>") && required.contains("data-label=\"Actual\">2</td>"),
        "{required}"
    );
    assert!(required.contains("◆</span> differs"), "{required}");
    assert!(page.contains("1 setting is not as the policy says; who changed what is below"), "{page}");
    let (_, unmanaged) =
        side.split_once("that the policy leaves to the tenant</summary>").ok_or("nothing is folded")?;
    let unread = row(unmanaged, "<code>writeback.passwords</code>");
    assert!(unread.contains("unknown<br><small>the controller reads only what a policy needs"), "{unread}");
    assert!(page.contains("unknown: the controller counts people only with --count-people"), "{page}");
    assert!(page.contains("Whether permissions, roles and licences suffice for a write is unknown here"), "{page}");

    let (code, page) = dashboard.page("/settings/methods.required")?;
    assert_eq!((code, rows(&page)), (200, vec![CONTOSO, FABRIKAM]), "what differs comes first: {page}");
    assert!(page.contains("<tr><th scope=\"row\">2</th><td class=\"num\">2</td></tr>"), "{page}");
    for nothing in ["/t/nobody.onmicrosoft.com", "/settings/methods.wrong", "/t/", "/settings/"] {
        assert_eq!(dashboard.page(nothing)?.0, 404, "{nothing}");
    }
    dashboard.process.end("-TERM")?;
    Ok(())
}

#[test]
fn a_page_may_load_its_script_alone_and_names_of_other_hosts_get_none() -> TestResult {
    let dashboard = Dashboard::open(&[])?;
    for path in ["/", &format!("/t/{CONTOSO}"), "/settings/methods.required", "/live.js", "/live", "/t/nobody"] {
        for headers in ["Host: rebound.example\r\n", "Origin: https://rebound.example\r\n"] {
            let (code, report) = request(&dashboard.address, "GET", path, headers)?;
            assert_eq!(code, 403, "{path} {headers}");
            assert!(!report.contains(CONTOSO), "{report}");
        }
        assert_eq!(request(&dashboard.address, "POST", path, AUTHORIZATION)?.0, 405, "{path} is only read");
    }
    for path in ["/", &format!("/t/{CONTOSO}"), "/settings/methods.required", "/t/nobody", "/?sort=wrong"] {
        let mut stream = TcpStream::connect(&dashboard.address)?;
        let host = &dashboard.address;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, page) = answer.split_once("\r\n\r\n").ok_or("no page")?;
        let policy = head.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).ok_or("no policy")?;
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && head.contains("cache-control: no-store"), "{head}");
        // A page that answers with a sentence has nothing to keep current.
        let scripts = usize::from(head.starts_with("HTTP/1.1 200"));
        assert_eq!(page.matches("<script").count(), scripts, "{path}");
        assert_eq!(page.matches("<script src=\"/live.js\" defer></script>").count(), scripts, "{path}");
    }
    let (code, script) = dashboard.page("/live.js")?;
    assert!(code == 200 && script.lines().count() <= 80 && !script.contains("innerHTML"), "{script}");
    dashboard.process.end("-TERM")?;
    Ok(())
}

#[test]
fn pages_are_on_by_default_on_loopback_alone() -> TestResult {
    for (listen, options, expected) in [
        ("127.0.0.1:0", &[][..], 200),
        ("127.0.0.1:0", &["--dashboard=false"], 404),
        ("0.0.0.0:0", &[], 404),
        ("0.0.0.0:0", &["--dashboard"], 200),
    ] {
        let folder = tempfile::tempdir()?;
        write_policies(&folder)?;
        let arguments = ["controller", "--sandbox", "--listen", listen];
        let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
        let process = Process::start(folder.path(), &[], &arguments)?;
        let address = process.address()?;
        ready(&address)?;
        for path in ["/", &format!("/t/{CONTOSO}"), "/settings/methods.required", "/live.js"] {
            assert_eq!(request(&address, "GET", path, "")?.0, expected, "{listen} {options:?} {path}");
        }
        assert_eq!(request(&address, "GET", "/status", "")?.0, 200);
        process.end("-TERM")?;
    }
    Ok(())
}

/// Opens a stream of events after that of a page; what comes first is consumed.
fn listen(address: &str, after: &str) -> Result<BufReader<TcpStream>, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(70)))?;
    write!(stream, "GET /live?after={after} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    Ok(BufReader::new(stream))
}

/// Reads a stream up to a line that has a text.
fn read_to(stream: &mut impl BufRead, text: &str) -> Result<String, Box<dyn Error>> {
    let mut said = String::new();
    while !said.lines().last().is_some_and(|line| line.contains(text)) {
        if stream.read_line(&mut said)? == 0 {
            return Err(format!("the stream ended: {said}").into());
        }
    }
    Ok(said)
}

fn number(page: &str) -> &str {
    let rest = page.split("data-number=\"").nth(1).unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn an_event_says_that_a_tenant_has_drifted() -> TestResult {
    let dashboard = Dashboard::open(&[])?;
    // The rounds of the start are over when nothing has changed for a moment.
    let (_, page) = dashboard.page("/")?;
    let mut stream = listen(&dashboard.address, number(&page))?;
    let begin = read_to(&mut stream, "retry:")?;
    assert!(begin.starts_with("HTTP/1.1 200") && begin.contains("content-type: text/event-stream"), "{begin}");
    dashboard.portal("methods.required=2")?;
    assert_eq!(request(&dashboard.address, "POST", "/reconcile", AUTHORIZATION)?.0, 202);
    let drifted = wait_for("an event after which the page shows the drift", || {
        let said = read_to(&mut stream, "data:")?;
        assert!(said.contains("event: change\n") && said.contains("id: "), "{said}");
        assert!(!said.contains(CONTOSO), "values come with the page: {said}");
        let (_, page) = dashboard.page(&format!("/t/{CONTOSO}"))?;
        Ok(page.contains("changed by alice@contoso.onmicrosoft.com").then_some(page))
    })?;
    // A page that missed an event gets it at once, and one that missed none does not.
    let mut late = listen(&dashboard.address, number(&page))?;
    read_to(&mut late, "event: change")?;
    assert_ne!(number(&page), number(&drifted));
    dashboard.process.end("-TERM")?;
    Ok(())
}

#[test]
fn streams_are_few_and_end_and_leave_room_for_others() -> TestResult {
    let dashboard = Dashboard::open(&[])?;
    let mut streams = Vec::new();
    for _ in 0..16 {
        let mut stream = listen(&dashboard.address, "")?;
        read_to(&mut stream, "data:")?;
        streams.push(stream);
    }
    let refused = read_to(&mut listen(&dashboard.address, "")?, "too many")?;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after"), "{refused}");
    assert_eq!(dashboard.page("/")?.0, 200);
    assert_eq!(dashboard.page("/status")?.0, 200);
    // One that leaves makes room, and one that stays is ended.
    drop(streams.pop());
    wait_for("room", || Ok(read_to(&mut listen(&dashboard.address, "")?, "HTTP/1.1 ")?.contains("200").then_some(())))?;
    let mut rest = String::new();
    streams.swap_remove(0).read_to_string(&mut rest)?;
    assert!(rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
    // One on a connection that ends before it would end itself is not cut off.
    let ask = format!("GET /live HTTP/1.1\r\nHost: {}\r\n\r\n", dashboard.address);
    let mut old = TcpStream::connect(&dashboard.address)?;
    old.set_read_timeout(Some(Duration::from_secs(90)))?;
    old.write_all(ask.as_bytes())?;
    let mut old = BufReader::new(old);
    let mut line = String::new();
    while line != "0\r\n" {
        line.clear();
        assert!(old.read_line(&mut line)? > 0, "the first one is cut off");
    }
    old.read_line(&mut line)?;
    old.get_mut().write_all(ask.as_bytes())?;
    let mut rest = String::new();
    old.read_to_string(&mut rest)?;
    assert!(rest.starts_with("HTTP/1.1 200") && rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
    // The others do not hold up the end of the process.
    let (code, said) = dashboard.process.end("-TERM")?;
    assert_eq!(code, Some(0), "{said}");
    Ok(())
}

#[test]
fn hostile_names_and_values_do_not_become_markup() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("policies"))?;
    let policy = json!({
        "version": 1, "tenant": CONTOSO,
        "scope": { "users": "selected", "group": HOSTILE },
        "methods": { "required": 1, "allowed": ["mobilePhone", "securityQuestions"] },
        "securityQuestions": { "toRegister": 3, "toReset": 3, "questions": [{ "custom": HOSTILE }, { "custom": "<i>2" }, { "custom": "<i>3" }] },
        "helpdesk": { "link": "https://help.contoso.com/?a=<b%20id=evil>&b='x'" },
        "waivers": [{ "rule": "sms-voice-retirement", "reason": HOSTILE, "owner": HOSTILE, "expires": "2027-01-31" }],
    });
    fs::write(folder.path().join("policies/<b id=evil>.yaml"), policy.to_string())?;
    let process = Process::start(
        folder.path(),
        &[("SSPRCTL_AS_OF".to_owned(), "2026-11-28".to_owned())],
        &["controller", "--sandbox", "--listen", "127.0.0.1:0"],
    )?;
    let address = process.address()?;
    wait_for("a first comparison", || {
        let status = crate::process::status(&address)?;
        Ok(status["tenants"][CONTOSO]["lastAttempted"].is_object().then_some(()))
    })?;
    let query = "/?q=%3Cb+id%3Devil%3E%22&ring=%3Cb+id%3Devil%3E%22";
    for path in ["/", query, &format!("/t/{CONTOSO}"), "/settings/scope.group", "/settings/securityQuestions.questions"]
    {
        let (code, page) = request(&address, "GET", path, "")?;
        assert!(code == 200 && page.contains("&lt;b id=evil"), "{path} {code}: {page}");
        assert!(!page.contains("<b id=evil") && !page.contains("<i>") && !page.contains("evil()</script>"), "{page}");
        assert_eq!(page.matches("<script").count(), 1, "{path}");
    }
    process.end("-TERM")?;
    Ok(())
}

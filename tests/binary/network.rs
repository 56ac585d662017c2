//! The network between the program and the real services: proxies that want a password, certificates of a company's own,
//! and what is said when something on the way fails. Nothing leaves this machine: the proxy leads every name to loopback.

use std::process::Command;

use axum::http::Method;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault, RetryAfter};

use crate::company::{Company, Door};
use crate::harness::{Harness, POLICY_PATH, Run, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";
const PROXY_PASSWORD: &str = "proxy-password-that-nobody-may-see";

/// Runs a plan for the real hosts through a company's proxy.
fn plan(
    harness: &Harness,
    company: &Company,
    prepare: impl FnOnce(&mut Command),
) -> Result<Run, Box<dyn std::error::Error>> {
    let mut command = harness.command(&["plan", "-vv"]);
    for name in ["PORTAL", "GRAPH", "LOGIN"] {
        command.env_remove(format!("SSPRCTL_{name}_URL"));
    }
    for name in
        ["HTTP_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_DIR"]
    {
        command.env_remove(name);
    }
    command.env("HTTPS_PROXY", company.proxy("reader", PROXY_PASSWORD)).env("SSL_CERT_FILE", company.authority());
    prepare(&mut command);
    let run = harness.finish(&mut command)?;
    assert!(!run.stderr.contains(PROXY_PASSWORD) && !run.stdout.contains(PROXY_PASSWORD), "{run:#?}");
    Ok(run)
}

#[test]
fn a_proxy_with_a_password_and_a_company_authority_are_passed() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Password("reader", PROXY_PASSWORD))?;
    let run = plan(&harness, &company, |_| {})?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("Plan: 1 to change"), "{run:#?}");
    let led = company.led();
    for host in ["main.iam.ad.ext.azure.com:443", "graph.microsoft.com:443"] {
        assert!(led.iter().any(|to| to == host), "{host}: {led:?}");
    }
    assert!(led.iter().all(|to| to.ends_with(":443")), "{led:?}");
    Ok(())
}

/// Everything that a failure says on standard output, as one line of message and one of hint.
fn said(run: &Run, message: &str, hint: &str) {
    assert_eq!((run.code, run.stderr.matches(" request ").count() > 0), (Some(1), true), "{run:#?}");
    assert!(run.stdout.contains(message), "{message}: {}", run.stdout);
    assert!(run.stdout.contains(hint), "{hint}: {}", run.stdout);
}

#[test]
fn a_proxy_that_wants_another_password_is_reported() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Password("reader", "another"))?;
    let run = plan(&harness, &company, |_| {})?;
    said(&run, "main.iam.ad.ext.azure.com cannot be reached", "put the name and the password into HTTPS_PROXY");
    assert!(company.led().is_empty());
    Ok(())
}

#[test]
fn an_untrusted_certificate_is_reported_and_not_tried_again() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Password("reader", PROXY_PASSWORD))?;
    let other = Company::found(&harness.url(), Door::Nowhere)?;
    let run = plan(&harness, &company, |command| {
        command.env("SSL_CERT_FILE", other.authority());
    })?;
    said(&run, "invalid peer certificate", "set SSL_CERT_FILE to a file with it");
    assert!(!harness.was_asked(""), "nothing is sent to whom nobody vouches for");
    let portal = company.led().iter().filter(|to| to.starts_with("main.")).count();
    assert!(portal <= 2, "{:?}", company.led());
    Ok(())
}

#[test]
fn an_end_before_tls_is_reported() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Nowhere)?;
    let run = plan(&harness, &company, |_| {})?;
    said(&run, "main.iam.ad.ext.azure.com cannot be reached", "check the network");
    Ok(())
}

#[test]
fn a_proxy_that_is_not_there_is_reported() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Nowhere)?;
    let run = plan(&harness, &company, |command| {
        command.env("HTTPS_PROXY", "http://127.0.0.1:1");
    })?;
    said(&run, "onnection refused", "the address in HTTPS_PROXY");
    let run = plan(&harness, &company, |command| {
        command.env("HTTPS_PROXY", format!("http://reader:{PROXY_PASSWORD}@proxy.invalid:8080"));
    })?;
    said(&run, "main.iam.ad.ext.azure.com cannot be reached", "the name does not resolve");
    Ok(())
}

/// The HTTP library takes a proxy that it cannot read for none. Requests would go past the proxy, with their tokens.
#[test]
fn a_proxy_variable_that_cannot_be_used_stops_the_run_and_is_named() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Password("reader", PROXY_PASSWORD))?;
    let good = company.proxy("reader", PROXY_PASSWORD);
    let address = good.rsplit('@').next().ok_or("no address")?;
    for (name, value) in [
        ("HTTPS_PROXY", format!("\"{good}\"")),
        ("HTTPS_PROXY", format!("http://CONTOSO\\reader:{PROXY_PASSWORD}@{address}")),
        ("HTTPS_PROXY", format!("http://reader:{PROXY_PASSWORD}@x@{address}")),
        ("HTTPS_PROXY", format!("ftp://{address}")),
        ("HTTPS_PROXY", format!("socks5://{address}")),
        ("https_proxy", format!(" {good}")),
        ("ALL_PROXY", format!("'{good}'")),
        ("all_proxy", "http://:8080".to_owned()),
    ] {
        let run = plan(&harness, &company, |command| {
            command.env_remove("HTTPS_PROXY").env(name, &value);
        })?;
        said(&run, &format!("{name} cannot be used as a proxy: "), "write it as http://HOST:PORT");
    }
    let run = plan(&harness, &company, |command| {
        command.env("REQUEST_METHOD", "GET");
    })?;
    said(&run, "HTTPS_PROXY cannot be used as a proxy: REQUEST_METHOD is set", "unset it");
    assert!(company.led().is_empty() && !harness.was_asked(""), "nothing is sent past the proxy");
    Ok(())
}

#[test]
fn an_authority_that_cannot_be_read_is_reported() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let company = Company::found(&harness.url(), Door::Nowhere)?;
    let run = plan(&harness, &company, |command| {
        command.env("SSL_CERT_FILE", "nothing-here.pem");
    })?;
    said(&run, "main.iam.ad.ext.azure.com cannot be reached", "correct SSL_CERT_FILE and SSL_CERT_DIR");
    Ok(())
}

/// At a terminal, one line says what is waited for, and goes when the wait is over. Elsewhere nothing is said.
#[test]
fn a_wait_is_shown_at_a_terminal_alone() -> TestResult {
    let throttled = Action::throttled(Some(RetryAfter::Seconds(1)));
    let faults = Faults::none().and(Fault::on(Method::GET, POLICY_PATH, throttled).times(1));
    let harness = Harness::with(CHANGE, faults.clone())?;
    let mut command = Command::new("script");
    harness.prepare(&mut command);
    let line = format!("{} plan", env!("CARGO_BIN_EXE_ssprctl"));
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let run = harness.finish(&mut command)?;
    let report = run.stdout.find("waiting 1 s: the Entra portal API throttles").ok_or_else(|| format!("{run:#?}"))?;
    let gone = run.stdout.rfind("\r\u{1b}[2K").ok_or_else(|| format!("{run:#?}"))?;
    let plan = run.stdout.find("Plan: 1 to change").ok_or_else(|| format!("{run:#?}"))?;
    assert!(report < gone && gone < plan, "{run:#?}");
    let run = Harness::with(CHANGE, faults)?.run(&["plan"])?;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:#?}");
    Ok(())
}

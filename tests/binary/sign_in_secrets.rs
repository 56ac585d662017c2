//! No flow of signing in puts a secret where anybody reads: not on either stream, in no log however detailed, in no file.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entra_sandbox::Faults;
use rcgen::{CertificateParams, KeyPair};

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const POLICY: &str = "scope:\n  administrators: false\nmethods:\n  required: 2\n";
const ADMIN: &str = "admin@contoso.onmicrosoft.com";
const APP: &str = "55bc0001-0a99-4000-8000-000000000001";
const COMMANDS: [&[&str]; 4] = [
    &["plan", "-vv", "--log-format", "json", "--format", "json"],
    &["drift", "-vv", "--format", "markdown"],
    &["plan", "-vv", "--surfaces", "graph"],
    &["apply", "-vv", "--auto-approve", "--surfaces", "graph", "--format", "json"],
];

/// The binary without the tokens of the harness, with the most detailed log.
fn command(harness: &Harness, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = harness.command(arguments);
    command.env_remove("SSPRCTL_PORTAL_TOKEN").env_remove("SSPRCTL_GRAPH_TOKEN").env("PATH", "/nonexistent");
    command.envs(variables.iter().copied());
    command
}

/// Everything that was said and written so far.
struct Printed(String);

impl Printed {
    fn add(&mut self, run: &Run) {
        self.0 += &format!("{run:?}\n");
    }

    fn files(&mut self, folder: &Path) -> TestResult {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.files(&path)?;
            } else {
                self.0 += &String::from_utf8_lossy(&std::fs::read(&path)?);
            }
        }
        Ok(())
    }
}

fn login(
    harness: &Harness,
    variables: &[(&str, &str)],
    name: &str,
    password: &str,
) -> Result<Run, Box<dyn std::error::Error>> {
    harness.world.set_poll_interval(0);
    let mut command = command(harness, &["login", "--tenant", CONTOSO, "-vv"], variables);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stderr = BufReader::new(child.stderr.take().ok_or("no stderr")?);
    let mut said = String::new();
    let code = loop {
        let mut line = String::new();
        if stderr.read_line(&mut line)? == 0 {
            return Err(format!("no code: {said}").into());
        }
        said += &line;
        if let Some((_, rest)) = line.split_once("and type ") {
            break rest.split(' ').next().unwrap_or_default().to_owned();
        }
    };
    let form = format!("user_code={code}&username={name}&password={password}");
    let page = post(&harness.url(), &form)?;
    assert!(page.contains("Done."), "{page}");
    stderr.read_to_string(&mut said)?;
    let output = child.wait_with_output()?;
    Ok(Run { code: output.status.code(), stdout: String::from_utf8(output.stdout)?, stderr: said })
}

/// Posts a form to the page for codes.
fn post(base: &str, form: &str) -> Result<String, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build()?;
        let sent = client.post(format!("{base}/devicelogin"));
        let sent = sent.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        Ok(sent.send().await?.text().await?)
    })
}

fn certificate(folder: &Path) -> Result<(PathBuf, String, String), Box<dyn std::error::Error>> {
    let key = KeyPair::try_from(include_bytes!("../client/keys/first.der").as_slice())?;
    let certificate = CertificateParams::new(Vec::new())?.self_signed(&key)?;
    let path = folder.join("application.pem");
    std::fs::write(&path, format!("{}{}", certificate.pem(), key.serialize_pem()))?;
    Ok((path, STANDARD.encode(certificate.der()), key.serialize_pem()))
}

#[test]
fn no_flow_prints_a_secret() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    let outside = tempfile::tempdir()?;
    let (path, der, pem) = certificate(outside.path())?;
    let done: Result<(), &str> = harness.world.change(CONTOSO, |tenant| {
        let app = tenant.apps.iter_mut().find(|app| app.client_id.to_string() == APP).ok_or("no application")?;
        app.certificates.push(der);
        Ok(())
    })?;
    done?;
    let path = path.display().to_string();
    let (key, other) = (STANDARD.encode([1; 32]), STANDARD.encode([2; 32]));
    let cache_key = [("SSPRCTL_CACHE_KEY", key.as_str())];
    let mut report = Printed(String::new());
    let signed = login(&harness, &cache_key, ADMIN, "Sandbox-1")?;
    assert_eq!(signed.code, Some(0), "{signed:?}");
    report.add(&signed);

    // A refresh token such as somebody put into a vault; it was issued, so the sign-in service knows it.
    let before = harness.world.secrets();
    let vault = before.iter().filter(|secret| secret.starts_with("eyJ")).find(|secret| secret.len() < 400);
    let vault = vault.ok_or("no refresh token was issued")?.clone();
    let elsewhere = outside.path().join("tokens").display().to_string();

    let flows: [&[(&str, &str)]; 6] = [
        &cache_key,
        &[("SSPRCTL_REFRESH_TOKEN", &vault), ("SSPRCTL_CACHE_KEY", &key), ("SSPRCTL_CACHE", &elsewhere)],
        &[("AZURE_CLIENT_ID", APP), ("AZURE_CLIENT_SECRET", "sandbox-secret")],
        &[("AZURE_CLIENT_ID", APP), ("AZURE_CLIENT_SECRET", "wrong-secret-of-contoso")],
        &[("AZURE_CLIENT_ID", APP), ("AZURE_CLIENT_CERTIFICATE_PATH", &path)],
        &[("SSPRCTL_CACHE_KEY", &other)],
    ];
    for flow in flows {
        for arguments in COMMANDS {
            report.add(&harness.finish(&mut command(&harness, arguments, flow))?);
        }
    }
    report.files(harness.folder.path())?;
    assert!(report.0.contains("request_id"), "the log is there");
    assert!(
        report.0.contains("AADSTS7000215") && report.0.contains("was encrypted with another key"),
        "refusals are there"
    );
    let secrets = harness.world.secrets();
    assert!(secrets.len() > 15, "{}: access, refresh and device codes, assertions", secrets.len());
    let lines = pem.lines().filter(|line| !line.starts_with("---")).map(str::to_owned);
    let keys = [key, other, vault].into_iter().chain(lines);
    for secret in secrets.into_iter().chain(keys).filter(|secret| secret != "Sandbox-1") {
        assert!(!report.0.contains(&secret), "printed: {secret}");
        // A token without its signature still says whose it is.
        if let Some(payload) = secret.split('.').nth(1) {
            assert!(!report.0.contains(payload), "printed: {payload}");
        }
    }
    Ok(())
}

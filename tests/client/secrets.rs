//! Where tokens must not turn up: in messages, in logs, and at other hosts.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use ssprctl::testing::client::{Credentials, TenantWriter, connect};
use ssprctl::testing::tenant::api::{ReadTenant, WriteTenant};
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{TenantErrorKind, WriteFailure};
use ssprctl::testing::tenant::surface::{Service, Surface};
use tracing_subscriber::fmt::MakeWriter;

use crate::applications::{certificate, env, rsa};
use crate::harness::{Checked, GRAPH_TOKEN, Harness, PORTAL_TOKEN, Reply, Seen, error_of};
use crate::people::key;

const CLIENT_SECRET: &str = "client~secret+that/nobody=may&see";
const BODY: &str = "body-that-nobody-may-see";

const RUNNER: &str = "runner-token-that-nobody-may-see";
const SERVICE: &str = "service-header-that-nobody-may-see";
const REFRESH: &str = "refresh-token-that-nobody-may-see";
const WORKLOAD: &str = "workload-token-that-nobody-may-see";

/// Every way of signing in that sends a secret, pointed at one server.
struct Flows {
    folder: tempfile::TempDir,
    credentials: Vec<Credentials>,
}

impl Flows {
    fn of(harness: &Harness, own: &rcgen::KeyPair) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (pem, _) = certificate(folder.path(), own)?;
        std::fs::write(folder.path().join("workload"), WORKLOAD)?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let cache = vec![("SSPRCTL_CACHE", at("tokens")), ("SSPRCTL_CACHE_KEY", key(1))];
        let application = ("AZURE_CLIENT_ID", "application".to_owned());
        let flows = [
            vec![application.clone(), ("AZURE_CLIENT_CERTIFICATE_PATH", pem.display().to_string())],
            vec![application.clone(), ("AZURE_FEDERATED_TOKEN_FILE", at("workload"))],
            vec![
                application,
                ("ACTIONS_ID_TOKEN_REQUEST_URL", harness.url()),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", RUNNER.to_owned()),
            ],
            vec![("IDENTITY_ENDPOINT", harness.url()), ("IDENTITY_HEADER", SERVICE.to_owned())],
            vec![("SSPRCTL_REFRESH_TOKEN", REFRESH.to_owned())],
        ];
        let credentials = flows.into_iter().map(|flow| env([cache.clone(), flow].concat())).collect();
        Ok(Self { folder, credentials })
    }
}

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A server that repeats everything it was sent, in every field that we might quote.
fn parrot(status: u16) -> impl Fn(&Seen) -> Reply {
    move |seen| {
        let said = format!("{} {} {}", seen.header("authorization"), seen.header("x-identity-header"), seen.body);
        let shape = serde_json::json!({
            "error": {"code": said, "message": said, "innerError": {"code": said}},
            "Message": said,
            "ClientData": {"errorCode": said},
            "error_description": said,
        });
        Reply::new(status, shape.to_string())
    }
}

#[tokio::test]
async fn no_secret_is_in_any_message_or_log() -> Checked {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (own, mut report, mut assertions) = (rsa()?, String::new(), Vec::new());
    let body = Document::parse(&format!(r#"{{"x":"{BODY}"}}"#))?;
    for status in [200, 400, 401, 403, 404, 409, 429, 500, 503] {
        let harness = Harness::new(parrot(status))?;
        let writer = TenantWriter::new(harness.reader()?);
        for surface in Surface::ALL {
            report += &format!("{:?}\n", writer.read(surface).await.err());
            report += &format!("{:?}\n", writer.write(surface, &body).await.err());
        }
        for system in [Service::Portal, Service::Graph] {
            report += &format!("{:?}\n", writer.identify(system).await.err());
        }
        let mut options = harness.options();
        options.credentials = Credentials::from_env_and_cli(
            |name| match name {
                "AZURE_CLIENT_ID" => Some("application".to_owned()),
                "AZURE_CLIENT_SECRET" => Some(CLIENT_SECRET.to_owned()),
                _ => None,
            },
            Some("/nonexistent/az".into()),
        );
        report += &format!("{:?}\n", connect(options)?.read(Surface::AuthorizationPolicy).await.err());
        let flows = Flows::of(&harness, &own)?;
        for credentials in &flows.credentials {
            let mut options = harness.options();
            options.credentials = credentials.clone();
            let reader = connect(options)?;
            report += &format!("{:?}\n", reader.read(Surface::AuthorizationPolicy).await.err());
            report += &format!("{:?}\n", reader.sign_in(None, &[Service::Graph], &|_| {}).await.err());
        }
        report += &String::from_utf8_lossy(&std::fs::read(flows.folder.path().join("tokens")).unwrap_or_default());
        let forms = harness.seen().into_iter().filter(|seen| seen.target.ends_with("/token"));
        let fields =
            forms.flat_map(|seen| url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect::<Vec<_>>());
        assertions.extend(fields.filter(|(name, _)| name == "client_assertion").map(|(_, value)| value));
    }
    drop(guard);
    assert!(assertions.len() > 8, "assertions were sent");
    for secret in assertions.iter().map(String::as_str).chain([RUNNER, SERVICE, REFRESH, WORKLOAD]) {
        assert!(!report.contains(secret), "{secret}: {report}");
        assert!(!log.text().contains(secret), "{secret}");
    }
    let log = log.text();
    assert!(log.contains("request_id="), "the log was not captured");
    assert!(log.contains("elapsed_ms="), "{log}");
    assert!(report.contains("[secret]"), "the server was not quoted at all, so this proves nothing");
    let encoded: String = url::form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    for secret in [PORTAL_TOKEN, GRAPH_TOKEN, CLIENT_SECRET, &encoded] {
        assert!(!report.contains(secret), "{report}");
        assert!(!log.contains(secret), "{log}");
    }
    assert!(!log.contains(BODY), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_log_has_one_line_for_a_request_without_its_query() -> Checked {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    harness.reader()?.read(Surface::PasswordReset).await?;
    drop(guard);
    let log = log.text();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("ssprctl::client")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    let id = harness.seen()[0].header("x-ms-client-request-id").to_owned();
    for part in ["DEBUG", "method=GET", "host=127.0.0.1", "/api/PasswordReset/PasswordResetPolicies", "status=200", &id]
    {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    assert!(!lines[0].contains("getPasswordResetEnabledGroup"), "{}", lines[0]);
    Ok(())
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed_and_no_token_goes_there() -> Checked {
    let elsewhere = Harness::replying([Reply::new(200, "{}")])?;
    let target = elsewhere.url().replace("127.0.0.1", "localhost");
    for status in [301, 302, 303, 307, 308] {
        let harness = Harness::replying([Reply::new(status, "").header("location", format!("{target}/x?y=z"))])?;
        let writer = TenantWriter::new(harness.reader()?);
        let found = error_of(writer.read(Surface::PasswordReset).await)?;
        assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
        assert!(
            found.message.contains("127.0.0.1 sends the request on to localhost, which is not followed"),
            "{found}"
        );
        assert!(found.request_id.is_some());
        let found = error_of(
            writer.write(Surface::PasswordReset, &Document::default()).await.map_err(WriteFailure::into_error),
        )?;
        assert!(found.message.contains("sends the request on to localhost"), "{found}");
        assert_eq!(harness.seen().len(), 2);
    }
    assert!(elsewhere.seen().is_empty());
    Ok(())
}

#[test]
fn loopback_is_reached_without_any_proxy() -> Checked {
    // The environment of a process cannot be changed safely, so another one runs a test that reads from loopback.
    let proxy = "http://127.0.0.1:1";
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "reads::a_portal_read_has_its_path_and_its_headers"])
        .envs(
            ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                .map(|name| (name, proxy)),
        )
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    Ok(())
}

#[tokio::test]
async fn each_token_goes_only_to_its_own_service() -> Checked {
    let portal = Harness::replying([Reply::new(200, "{}")])?;
    let graph = Harness::replying([Reply::new(200, r#"{"authenticationMethodConfigurations":[],"value":[]}"#)])?;
    let login = Harness::discovering(|_| Reply::new(200, "{}"))?;
    let mut options = portal.options();
    (options.overrides.graph, options.overrides.login) = (Some(graph.url()), Some(login.url()));
    let reader = connect(options)?;
    for surface in Surface::ALL {
        reader.read(surface).await?;
    }
    assert!(reader.tenant_of("contoso.com").await.is_err());
    let sent = |harness: &Harness| {
        let mut tokens: Vec<_> = harness.seen().iter().map(|seen| seen.header("authorization").to_owned()).collect();
        tokens.dedup();
        tokens
    };
    assert_eq!(sent(&portal), [format!("Bearer {PORTAL_TOKEN}")]);
    assert_eq!(sent(&graph), [format!("Bearer {GRAPH_TOKEN}")]);
    assert_eq!(sent(&login), [String::new()]);
    Ok(())
}

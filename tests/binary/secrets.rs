//! Where secrets must not turn up: every log level, every report, every file that is written, and panics.
//!
//! The real binary runs with tokens that can be recognised, against tenants that work, fail, and repeat what they were sent.

use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::marker::PhantomData;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault, Moment, RequestFilter};
use entra_sandbox::portal_user::set;
use serde_json::json;
use ssprctl::testing::client::{Credentials, Token};

use crate::harness::{CONTOSO, Harness, TestResult};

const CHANGE: &str = "notifications: { administrators: true }\nscope: { administrators: false }";
const CLIENT_SECRET: &str = "client~secret+that/nobody=may&see";
const PARROT_TOKEN: &str = "recognisable-token-that-nobody-may-see";

/// Every command that reads or writes a tenant, with what it writes to.
const COMMANDS: [&[&str]; 14] = [
    &["plan"],
    &["plan", "--format", "json", "--output", "out/plan.json"],
    &["plan", "--format", "sarif", "--output", "out/plan.sarif"],
    &["plan", "--format", "github"],
    &["plan", "--out", "out/review.json"],
    &["snapshot", "--out", "out/snapshot.json"],
    &["drift", "--format", "markdown", "--output", "out/drift.md"],
    &["show", "--tenant", CONTOSO, "--registration", "--format", "json"],
    &["import", "--tenant", CONTOSO, "--out", "out/imported.yaml", "--force"],
    &["apply", "--auto-approve", "--verify-timeout", "300ms"],
    &["apply", "--auto-approve", "--format", "json", "--output", "out/apply.json"],
    &["drift", "--format", "json"],
    &["history"],
    &["rollback", "latest", "--auto-approve"],
];

/// Every way to ask for the log: the most of ours, as text and as JSON, and the most of everybody's.
const LOGS: [&[(&str, &str)]; 3] = [
    &[("SSPRCTL_LOG", "trace"), ("RUST_BACKTRACE", "full")],
    &[("SSPRCTL_VERBOSE", "2"), ("SSPRCTL_LOG_FORMAT", "json")],
    &[("SSPRCTL_VERBOSE", "2")],
];

/// A secret, and every form in which it may turn up.
fn forms(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    // A token's payload and signature are as good as the whole; its header is the same for everybody.
    let parts = secret.split('.').skip(1).map(str::to_owned);
    let quoted = json!(secret).to_string().trim_matches('"').to_owned();
    [secret.to_owned(), encoded, quoted, STANDARD.encode(secret)].into_iter().chain(parts).collect()
}

/// Fails if any of the secrets is in the text.
fn holds_none(secrets: &[String], place: &str, text: &str) -> TestResult {
    match secrets.iter().flat_map(|secret| forms(secret)).find(|form| text.contains(form)) {
        Some(form) => Err(format!("{place} holds `{form}`:\n{text}").into()),
        None => Ok(()),
    }
}

/// The same for every file below a folder; gives how many there were.
fn files_hold_none(secrets: &[String], folder: &Path) -> Result<usize, Box<dyn Error>> {
    let mut count = 0;
    for path in fs::read_dir(folder)?.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            count += files_hold_none(secrets, &path)?;
        } else {
            holds_none(secrets, &path.display().to_string(), &String::from_utf8_lossy(&fs::read(&path)?))?;
            count += 1;
        }
    }
    Ok(count)
}

/// Runs one command; everything that it says and everything that is written must be free of secrets. Gives what it said.
fn searched(
    harness: &Harness,
    secrets: &[String],
    arguments: &[&str],
    log: &[(&str, &str)],
    own: &[(&str, &str)],
) -> Result<String, Box<dyn Error>> {
    let mut command = harness.command(arguments);
    // Whatever is written to the usual places for files lands where it is searched.
    let folder = harness.folder.path();
    command.env("HOME", folder).env("TMPDIR", folder).env("XDG_CACHE_HOME", folder.join("cache"));
    command.envs(log.iter().chain(own).copied());
    let output = command.output()?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let place = format!("{arguments:?} {log:?}");
    holds_none(secrets, &place, &said)?;
    assert!(!said.contains("panicked"), "{place}: {said}");
    assert!(said.contains("request_id") || arguments == ["history"], "the log was not captured: {place}");
    files_hold_none(secrets, folder)?;
    Ok(said)
}

#[test]
fn a_tenant_that_works() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for log in LOGS {
        for setting in ["notifications.administrators=false", "scope.administrators=true"] {
            let (setting, value) = setting.split_once('=').ok_or("no value")?;
            set(&harness.world, CONTOSO, setting, value)?;
        }
        let said = COMMANDS.map(|arguments| searched(&harness, &harness.secrets(), arguments, log, &[]));
        let said = said.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        assert!(said.contains("Applied: 2 changed, 2 verified"), "nothing was applied: {said}");
    }
    assert!(files_hold_none(&[], &harness.folder.path().join("out"))? >= 5, "nothing was written");
    Ok(())
}

#[test]
fn a_tenant_that_fails() -> TestResult {
    let actions = [
        Action::status(500),
        Action::ExpiredToken,
        Action::Reset(Moment::After),
        Action::Truncate(30),
        Action::LostWrite,
    ];
    let tried = actions.map(|action| {
        std::thread::spawn(move || -> Result<(), String> {
            let every = Fault { filter: RequestFilter::default(), after: 5, every: 2, times: None, action };
            let harness = Harness::with(CHANGE, Faults::none().and(every)).map_err(|error| error.to_string())?;
            for (arguments, log) in [(COMMANDS[7], LOGS[0]), (COMMANDS[4], LOGS[1])] {
                searched(&harness, &harness.secrets(), arguments, log, &[]).map_err(|error| error.to_string())?;
            }
            Ok(())
        })
    });
    tried.into_iter().try_for_each(|tried| tried.join().map_err(|_| "a panic")?.map_err(Into::into))
}

/// A service, or a proxy in front of it, that repeats what it was sent in every field that might be quoted.
#[test]
fn a_tenant_that_repeats_what_it_was_sent() -> TestResult {
    let repeated = |status, path: &str, said: &str| {
        let body = json!({
            "error": {"code": said, "message": said, "innerError": {"code": said}},
            "Message": said, "ClientData": {"errorCode": said}, "error_description": said,
        });
        let headers =
            vec![("x-ms-request-id".to_owned(), said.to_owned()), ("location".to_owned(), format!("/{said}"))];
        let action = Action::Respond { status, headers, body: body.to_string() };
        let filter = RequestFilter { method: None, path_contains: path.to_owned() };
        Fault { filter, after: 0, every: 1, times: None, action }
    };
    for status in [200, 302, 400, 401, 403, 404] {
        let faults = Faults::none()
            .and(repeated(status, "/oauth2/", &format!("client_secret={CLIENT_SECRET}")))
            .and(repeated(status, "/api/", &format!("Bearer {PARROT_TOKEN}")));
        let harness = Harness::with(CHANGE, faults)?;
        let secrets = [PARROT_TOKEN.to_owned(), CLIENT_SECRET.to_owned()];
        let own = [
            ("SSPRCTL_PORTAL_TOKEN", PARROT_TOKEN),
            ("SSPRCTL_GRAPH_TOKEN", ""),
            ("AZURE_CLIENT_ID", "55bc0001-0a99-4000-8000-000000000001"),
            ("AZURE_CLIENT_SECRET", CLIENT_SECRET),
        ];
        let said = [
            searched(&harness, &secrets, COMMANDS[0], LOGS[0], &own)?,
            searched(&harness, &secrets, COMMANDS[9], LOGS[1], &own)?,
        ];
        assert!(status < 400 || said.concat().contains("[secret]"), "nothing was quoted: {said:#?}");
    }
    Ok(())
}

/// A panic shows what was formatted, and `Debug` is what `unwrap` and `assert_eq` ask for. Tokens and credentials cannot.
#[test]
fn no_panic_can_show_a_token() {
    struct Probe<T>(PhantomData<T>);
    trait Otherwise {
        const SHOWN: bool = false;
    }
    impl<T> Otherwise for Probe<T> {}
    impl<T: Debug> Probe<T> {
        const SHOWN: bool = true;
    }
    const { assert!(Probe::<String>::SHOWN, "the probe works") };
    const { assert!(!Probe::<Token>::SHOWN && !Probe::<Credentials>::SHOWN) };
    let _ = Probe::<()>(PhantomData);
}

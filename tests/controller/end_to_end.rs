//! The controller from end to end: the real program, a real repository and served tenants.

use std::error::Error;
use std::fs;
use std::path::Path;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Audience, Clock, Person, ServerOptions, World, serve};
use serde_json::Value;
use ssprctl::testing::controller::notify::deliver::signature;
use tempfile::TempDir;

use crate::process::{
    AUTHORIZATION, Process, Sandbox, controller_state, program, reconcile_until, request, status, wait_for,
};
use crate::receiver::{Got, Receiver};
use crate::repository::{Repository, TestResult};

const CONTOSO: &str = "contoso.onmicrosoft.com";
const POLICY: &str =
    "version: 1\ntenant: contoso.onmicrosoft.com\nmethods:\n  required: 1\nnotifications:\n  administrators: true\n";
const CONTROLLER_CONFIG: &str = "version: 1\ncontroller:\n  notify:\n    - { to: webhook, url: SSPRCTL_NOTIFY_HOOK, key: SSPRCTL_NOTIFY_KEY }\n    - { to: slack, url: SSPRCTL_NOTIFY_SLACK }\n    - { to: teams, url: SSPRCTL_NOTIFY_TEAMS }\n";
const SECRET: &str = "T0CONTOSO-B0SECRET";
const KEY: &str = "a-key-that-nobody-may-see";

fn contoso(status: &Value) -> &Value {
    &status["tenants"][CONTOSO]
}

fn reason(status: &Value) -> (&str, &str) {
    let ready = &contoso(status)["conditions"]["ready"];
    (ready["status"].as_str().unwrap_or_default(), ready["reason"].as_str().unwrap_or_default())
}

/// Whether the tenant follows a revision and all is well.
fn follows(status: &Value, commit: &str) -> bool {
    contoso(status)["lastApplied"]["revision"] == commit && reason(status).0 == "True"
}

fn fits(document: &Value, schema: &str) -> TestResult {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let validator = jsonschema::validator_for(&schema)?;
    let wrong: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}: {document:#}");
    Ok(())
}

/// A folder to work in, a repository, served tenants, and a receiver of notifications.
struct Harness {
    folder: TempDir,
    repository: Repository,
    sandbox: Sandbox,
    receivers: [Receiver; 3],
}

impl Harness {
    fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let sandbox = Sandbox::serve(folder.path())?;
        let receivers = [Receiver::start(&[])?, Receiver::start(&[])?, Receiver::start(&[])?];
        Ok(Self { sandbox, folder, repository: Repository::new()?, receivers })
    }

    fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.sandbox.environment.clone();
        let targets = ["SSPRCTL_NOTIFY_HOOK", "SSPRCTL_NOTIFY_SLACK", "SSPRCTL_NOTIFY_TEAMS"];
        for (name, receiver) in targets.iter().zip(&self.receivers) {
            environment.push(((*name).to_owned(), format!("http://{}/services/{SECRET}", receiver.address)));
        }
        environment.push(("SSPRCTL_NOTIFY_KEY".to_owned(), KEY.to_owned()));
        environment
    }

    fn start(&self, options: &[&str]) -> Result<(Process, String), Box<dyn Error>> {
        let repository = self.repository.path().to_str().ok_or("a path that is not UTF-8")?;
        let listen = if options.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] };
        let arguments = ["controller", "--repo", repository, "--verify-timeout", "5s"];
        let arguments: Vec<&str> = arguments.iter().chain(listen).chain(options).copied().collect();
        let process = Process::start(self.folder.path(), &self.environment(), &arguments)?;
        let address = process.address()?;
        Ok((process, address))
    }

    /// Runs another command of the program to its end.
    fn run(&self, arguments: &[&str]) -> Result<Option<i32>, Box<dyn Error>> {
        Ok(program(self.folder.path(), &self.sandbox.environment).args(arguments).output()?.status.code())
    }

    /// Whether the tenant is as the newest commit says, asked past the controller.
    fn is_in_sync(&self) -> Result<bool, Box<dyn Error>> {
        let policies = self.repository.path().join("policies");
        let policies = policies.to_str().ok_or("a path that is not UTF-8")?;
        Ok(self.run(&["plan", "--detailed-exitcode", policies])? == Some(0))
    }

    /// What the webhook received: the tenant and the reason of each event.
    fn report(&self) -> Result<Vec<(String, String)>, Box<dyn Error>> {
        let mut report = Vec::new();
        for got in self.receivers[0].got() {
            let document = got.json()?;
            fits(&document, "controller-notification.json")?;
            for event in document["events"].as_array().into_iter().flatten() {
                let word = |key: &str| event[key].as_str().unwrap_or("the source").to_owned();
                report.push((word("tenant"), word("reason")));
            }
        }
        Ok(report)
    }
}

#[test]
fn from_commit_to_drift_and_back_and_over_restarts() -> TestResult {
    let harness = Harness::new()?;
    harness.repository.write("ssprctl.yaml", CONTROLLER_CONFIG)?;
    let first = harness.repository.commit("policies/contoso.yaml", POLICY)?;

    // A commit is applied.
    let (process, address) = harness.start(&["--remediate"])?;
    reconcile_until(&address, "the first commit in force", |status| follows(status, &first))?;
    assert!(harness.is_in_sync()?);
    assert_eq!(request(&address, "GET", "/readyz", "")?, (200, "ok\n".to_owned()));
    assert_eq!(request(&address, "GET", "/healthz", "")?, (200, "ok\n".to_owned()));
    let (code, mut said) = process.end("-TERM")?;
    assert_eq!(code, Some(0), "{said}");

    // Somebody changes the tenant in the portal; a controller that only reports says who did it.
    assert_eq!(
        harness.run(&["sandbox", "set", "notifications.administrators=false", "--as", "alice@contoso.com"])?,
        Some(0)
    );
    let (process, address) = harness.start(&[])?;
    let drifted = reconcile_until(&address, "the drift", |status| reason(status) == ("False", "Drifted"))?;
    fits(&drifted, "controller-status.json")?;
    let drift = &contoso(&drifted)["drift"][0];
    assert_eq!((&drift["setting"], &drift["found"]), (&"notifications.administrators".into(), &"false".into()));
    assert_eq!(drift["place"], "policies/contoso.yaml:6:19");
    let who = drift["who"].as_str().unwrap_or_default();
    assert!(who.starts_with("changed by alice@contoso") && who.contains("(likely: the audit log may"), "{drift:#}");
    assert!(!harness.is_in_sync()?, "nothing is written unasked");
    said.push_str(&process.end("-KILL")?.1);

    // Killed in the middle of it, another one knows what that one knew before it has looked itself.
    let state: Value = serde_json::from_str(&controller_state(harness.folder.path())?)?;
    fits(&state, "controller-state.json")?;
    let (process, address) = harness.start(&["--remediate"])?;
    assert_eq!(contoso(&status(&address)?)["drift"][0]["who"], who);

    // Allowed to write, it puts the policy back in force.
    let clean = reconcile_until(&address, "the policy back in force", |status| reason(status).0 == "True")?;
    assert!(harness.is_in_sync()?);
    let history: Vec<_> = contoso(&clean)["history"].as_array().into_iter().flatten().collect();
    let history: Vec<_> = history.iter().filter_map(|entry| entry["reason"].as_str()).collect();
    let history: Vec<_> = history.into_iter().filter(|reason| *reason != "InLine").collect();
    assert_eq!(history, ["Applied", "Drifted", "Applied"]);

    // An invalid commit is not activated, and the place of the error is reported.
    let wrong = harness.repository.commit("policies/contoso.yaml", &POLICY.replace("required: 1", "required: 3"))?;
    let stalled = reconcile_until(&address, "the wrong commit", |status| {
        status["source"]["conditions"]["stalled"]["status"] == "True"
    })?;
    let message = stalled["source"]["conditions"]["stalled"]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("policies/contoso.yaml:4:13: `3` is out of range"), "{message}");
    assert_eq!(stalled["source"]["lastAttempted"]["revision"], wrong.as_str());
    assert_eq!(stalled["source"]["lastApplied"]["revision"], first.as_str());
    assert!(follows(&stalled, &first), "the tenant is as it was");

    // Mended, it is.
    let fixed = harness.repository.commit("policies/contoso.yaml", &POLICY.replace("required: 1", "required: 2"))?;
    let ready = reconcile_until(&address, "the mended commit", |status| follows(status, &fixed))?;
    assert_eq!(ready["source"]["conditions"]["ready"]["status"], "True");
    assert!(harness.is_in_sync()?);
    let (code, last) = process.end("-TERM")?;
    said.push_str(&last);
    assert_eq!(code, Some(0), "{said}");

    // Only changes of state were notified, each once.
    let expected = [
        (CONTOSO, "Applied"),
        (CONTOSO, "Drifted"),
        (CONTOSO, "Applied"),
        ("the source", "InvalidPolicy"),
        ("the source", "Fetched"),
        (CONTOSO, "Applied"),
    ];
    let report = harness.report()?;
    assert_eq!(report.iter().map(|(who, what)| (who.as_str(), what.as_str())).collect::<Vec<_>>(), expected);
    let [hook, slack, teams] = harness.receivers.each_ref().map(Receiver::got);
    assert_eq!((slack.len(), teams.len()), (hook.len(), hook.len()));
    assert!(slack[1].body.contains("changed by alice@contoso"), "{}", slack[1].body);
    assert!(teams[1].body.contains("changed by alice@contoso"), "{}", teams[1].body);
    hook.iter().try_for_each(signed)?;

    // No secret is in its output and its state.
    let state = controller_state(harness.folder.path())?;
    for text in [&said, &state, &ready.to_string()] {
        assert!(!text.contains(SECRET) && !text.contains(KEY), "{text}");
        assert!(
            harness.sandbox.environment.iter().all(|(name, token)| !name.ends_with("TOKEN") || !text.contains(token))
        );
    }
    Ok(())
}

fn signed(got: &Got) -> TestResult {
    let second = got.header("x-ssprctl-timestamp").ok_or("no moment")?.parse()?;
    let expected = signature(KEY, jiff::Timestamp::from_second(second)?, &got.body);
    assert_eq!(got.header("x-ssprctl-signature"), Some(expected.as_str()), "{got:#?}");
    Ok(())
}

/// The write is in flight when the controller is asked to stop: it is completed, verified and recorded, and nothing
/// further is begun.
#[test]
fn a_stop_completes_the_request_in_flight() -> TestResult {
    let (folder, repository) = (tempfile::tempdir()?, Repository::new()?);
    let commit = repository.commit("policies/contoso.yaml", POLICY)?;
    let (world, clock) = (World::seeded(), Clock::System);
    let slow = Action::Delay(std::time::Duration::from_secs(2));
    let faults = Faults::none().and(Fault::on(Method::PUT, "/api/PasswordReset/PasswordResetPolicies", slow));
    let server = serve(ServerOptions { port: 0, world: world.clone(), faults, clock: clock.clone() })?;
    let mut environment: Vec<(String, String)> = ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"]
        .map(|name| (name.to_owned(), server.url()))
        .to_vec();
    for (name, audience) in [("SSPRCTL_PORTAL_TOKEN", Audience::Portal), ("SSPRCTL_GRAPH_TOKEN", Audience::Graph)] {
        environment.push((name.to_owned(), world.person_token(CONTOSO, audience, &Person::Administrator, &clock)?));
    }
    let path = repository.path().to_str().ok_or("a path that is not UTF-8")?;
    let arguments = ["controller", "--repo", path, "--listen", "127.0.0.1:0", "--remediate"];
    let process = Process::start(folder.path(), &environment, &arguments)?;
    let writes = || server.requests().into_iter().filter(|seen| seen.method == "PUT").count();
    wait_for("the write", || Ok((writes() == 1).then_some(())))?;
    let (code, said) = process.end("-TERM")?;
    assert_eq!((code, writes()), (Some(0), 1), "{said}");
    let state: Value = serde_json::from_str(&controller_state(folder.path())?)?;
    assert!(follows(&state, &commit), "{state:#}");
    Ok(())
}

/// A folder without git is followed as it is, on a signal as well as on a request.
#[test]
fn a_folder_is_followed_and_a_hang_up_is_heard() -> TestResult {
    let harness = Harness::new()?;
    let policies = harness.folder.path().join("policies");
    fs::create_dir(&policies)?;
    fs::write(policies.join("contoso.yaml"), POLICY)?;
    let arguments = ["controller", "--listen", "127.0.0.1:0"];
    let process = Process::start(harness.folder.path(), &harness.environment(), &arguments)?;
    let address = process.address()?;
    let before = reconcile_until(&address, "the folder", |status| reason(status) == ("False", "Pending"))?;
    assert_eq!(contoso(&before)["drift"].as_array().map(Vec::len), Some(1));
    fs::write(policies.join("contoso.yaml"), POLICY.replace("true", "false"))?;
    process.signal("-HUP")?;
    let after = wait_for("the change", || Ok(Some(status(&address)?).filter(|status| reason(status).0 == "True")))?;
    assert_ne!(before["source"]["lastApplied"]["revision"], after["source"]["lastApplied"]["revision"]);

    // Suspended, it is left alone, whoever asks.
    let path = format!("/tenants/{CONTOSO}/suspend");
    assert_eq!(request(&address, "POST", &path, AUTHORIZATION)?.0, 200);
    fs::write(policies.join("contoso.yaml"), POLICY)?;
    let next =
        |status: &Value| status["source"]["lastApplied"]["revision"] == before["source"]["lastApplied"]["revision"];
    let suspended = reconcile_until(&address, "the folder as it was", next)?;
    assert_eq!((reason(&suspended).0, &contoso(&suspended)["suspended"]), ("True", &true.into()));
    assert_eq!(request(&address, "POST", &path.replace("suspend", "resume"), AUTHORIZATION)?.0, 200);
    wait_for("the tenant", || Ok(Some(status(&address)?).filter(|status| reason(status).1 == "Pending")))?;
    process.end("-INT")?;
    Ok(())
}

/// What cannot be meant is refused before anything is begun.
#[test]
fn a_wrong_start_is_refused() -> TestResult {
    let folder = tempfile::tempdir()?;
    let long = "x".repeat(300);
    for (arguments, report) in [
        (&["--repo", "ext::sh -c date"][..], "would have git run a program"),
        (&["--repo", "https://me:secret@contoso.example/sspr.git"], "it holds a user name or a password"),
        (&["--repo", "http://contoso.example/sspr.git"], "use https"),
        (&["--repo", "https://contoso.example/sspr.git", "--branch", &long], "cannot be the name of a branch"),
        (&["--repo", "https://contoso.example/sspr.git", "../policies"], "leads out of the repository"),
        (&["--interval", "59s"], "the shortest interval is 1m"),
        (&["--branch", "main"], "--repo"),
        (&["--listen", "192.0.2.1:80"], "cannot listen on 192.0.2.1:80"),
        (&["--host", "https://contoso.com"], "without scheme and port"),
        (&["--listen", "127.0.0.1:0", "--token-file", "none"], "--token-file none cannot be used"),
    ] {
        let output = program(folder.path(), &[])
            .arg("controller")
            .args(arguments)
            .stderr(std::process::Stdio::piped())
            .output()?;
        let said = String::from_utf8(output.stderr)?;
        assert!(!output.status.success() && said.contains(report), "{arguments:?}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    Ok(())
}

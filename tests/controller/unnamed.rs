//! A controller that counts people names none: in its log, its state, its status, its metrics and its notifications.

use std::fs;

use crate::made_up_people::make_up;
use crate::process::{Process, Sandbox, program, reconcile_until, request, status as status_of, wait_for};
use crate::receiver::Receiver;
use crate::repository::{Repository, TestResult};

const CONTOSO: &str = "contoso.onmicrosoft.com";
const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nscope: { users: selected, group: SSPR-Pilot }\nmethods: { required: 1, allowed: [email, mobilePhone] }\n";
const CONFIG: &str = "version: 1\nlimits: { losing: 100% }\ncontroller:\n  notify:\n    - { to: webhook, url: SSPRCTL_NOTIFY_HOOK }\n    - { to: slack, url: SSPRCTL_NOTIFY_SLACK }\n    - { to: teams, url: SSPRCTL_NOTIFY_TEAMS }\n";

#[test]
fn the_controller_names_nobody() -> TestResult {
    let folder = tempfile::tempdir()?;
    let state = folder.path().join("served");
    let at = state.to_str().ok_or("a path that is not UTF-8")?;
    assert!(program(folder.path(), &[]).args(["sandbox", "reset", "--state", at]).output()?.status.success());
    let needles = make_up(&state.join(format!("sandbox/{CONTOSO}.json")))?;
    let served = tempfile::tempdir()?;
    fs::rename(&state, served.path().join("served"))?;
    let sandbox = Sandbox::serve_state(folder.path(), &served.path().join("served"))?;

    let repository = Repository::new()?;
    repository.write("ssprctl.yaml", CONFIG)?;
    let commit = repository.commit("policies/contoso.yaml", POLICY)?;
    let mut environment = sandbox.environment.clone();
    let mut receivers = Vec::new();
    for name in ["SSPRCTL_NOTIFY_HOOK", "SSPRCTL_NOTIFY_SLACK", "SSPRCTL_NOTIFY_TEAMS"] {
        let receiver = Receiver::start(&[])?;
        environment.push((name.to_owned(), format!("http://{}/", receiver.address)));
        receivers.push(receiver);
    }
    environment.extend(
        [("SSPRCTL_LOG", "trace"), ("SSPRCTL_VERBOSE", "2")].map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let source = repository.path().to_str().ok_or("a path that is not UTF-8")?;
    let arguments = [
        "controller",
        "--repo",
        source,
        "--remediate",
        "--verify-timeout",
        "5s",
        "--listen",
        "127.0.0.1:0",
        "--count-people",
    ];
    let process = Process::start(folder.path(), &environment, &arguments)?;
    let address = process.address()?;
    let applied = |status: &serde_json::Value| status["tenants"][CONTOSO]["lastApplied"]["revision"] == commit.as_str();
    let status = reconcile_until(&address, "the commit in force", applied)?;
    wait_for("the count of people", || {
        Ok((!status_of(&address)?["tenants"][CONTOSO]["people"].is_null()).then_some(()))
    })?;
    for words in [&["status"][..], &["tenants"], &["suspend", CONTOSO], &["resume", CONTOSO], &["reconcile"], &["logs"]]
    {
        for format in ["terminal", "json"] {
            let command = [&["controller"], words, &["--format", format]].concat();
            let ended = program(folder.path(), &environment).args(&command).output()?;
            assert!(
                matches!(ended.status.code(), Some(0 | 2)),
                "{command:?}: {}",
                String::from_utf8_lossy(&ended.stderr)
            );
            needles.none_in(&format!("{command:?}, standard output"), &ended.stdout)?;
            needles.none_in(&format!("{command:?}, standard error"), &ended.stderr)?;
        }
    }
    needles.none_in("the status", status.to_string().as_bytes())?;
    needles.none_in("the events", request(&address, "GET", "/events", "")?.1.as_bytes())?;
    needles.none_in("the metrics", request(&address, "GET", "/metrics", "")?.1.as_bytes())?;
    let (code, said) = process.end("-TERM")?;
    assert!(code == Some(0) && said.contains("userRegistrationDetails"), "no people were read: {said}");
    needles.none_in("the log", said.as_bytes())?;
    assert!(needles.none_below(folder.path())? > 2);
    let got: Vec<_> = receivers.iter().flat_map(Receiver::got).collect();
    assert!(!got.is_empty(), "nobody was notified: {said}");
    got.iter().try_for_each(|got| needles.none_in("a notification", got.body.as_bytes()))
}

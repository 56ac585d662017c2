//! Every exit code, seen on the process itself.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults, Moment};

use crate::harness::{CONTOSO, Harness, POLICY_PATH, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

fn put(action: Action) -> Faults {
    Faults::none().and(Fault::on(Method::PUT, POLICY_PATH, action))
}

#[test]
fn done() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["plan"])?.code, Some(0));
    assert_eq!(harness.apply()?.code, Some(0));
    assert_eq!((harness.apply()?.code, harness.writes()), (Some(0), 1), "the second apply sends nothing");
    Ok(())
}

#[test]
fn failed() -> TestResult {
    let broken = Action::Respond { status: 400, headers: Vec::new(), body: String::new() };
    let harness = Harness::with(CHANGE, put(broken))?;
    let run = harness.apply()?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stdout.contains("refuses (HTTP 400)"), "{run:#?}");
    Ok(())
}

#[test]
fn changes() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["plan", "--detailed-exitcode"])?.code, Some(2));
    assert_eq!(harness.run(&["drift"])?.code, Some(2));
    Ok(())
}

#[test]
fn invalid() -> TestResult {
    let harness = Harness::with("methods: { required: 3 }", Faults::none())?;
    for command in ["validate", "plan", "apply", "drift"] {
        assert_eq!(harness.run(&[command])?.code, Some(3), "{command}");
    }
    assert!(!harness.was_asked(""), "an invalid policy asks no tenant");
    Ok(())
}

#[test]
fn refused() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let run = harness.run(&["apply"])?;
    assert_eq!((run.code, harness.writes()), (Some(4), 0), "{run:#?}");
    assert!(run.stderr.contains("hint: review the plan, then pass --auto-approve"), "{run:#?}");
    Ok(())
}

/// Somebody edits the tenant after the plan was made, before anything is sent.
#[test]
fn stale() -> TestResult {
    let edit = Action::ForeignEdit {
        moment: Moment::After,
        setting: "registration.reconfirmAfterDays".to_owned(),
        value: "30".to_owned(),
    };
    let faults = Faults::none().and(Fault::on(Method::GET, POLICY_PATH, edit).times(1));
    let harness = Harness::with(CHANGE, faults.clone())?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(5), 0), "{run:#?}");
    assert!(
        run.stdout
            .contains("the tenant changed since the plan read it: registration.reconfirmAfterDays; nothing was sent"),
        "{run:#?}"
    );
    let run = Harness::with(CHANGE, faults)?.run(&["apply", "--auto-approve", "--format", "json"])?;
    assert_eq!(run.json()?["exitCode"], 5);
    Ok(())
}

#[test]
fn unverified() -> TestResult {
    let harness = Harness::with(CHANGE, put(Action::LostWrite))?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(6), 1), "{run:#?}");
    assert!(run.stdout.contains("does not show notifications.administrators yet"), "{run:#?}");
    assert!(
        run.stdout.ends_with("Applied: 1 changed, 0 verified, in 1 requests; 1 tenant not verified.\n"),
        "{run:#?}"
    );
    Ok(())
}

/// The second request is refused for good, so the first one is rolled back; where that is refused as well, it is still
/// applied.
#[test]
fn rolled_back_and_not() -> TestResult {
    let sections = format!("{CHANGE}\nscope: {{ administrators: false }}");
    let refused =
        |method, path| Fault::on(method, path, Action::Respond { status: 400, headers: vec![], body: String::new() });
    let second = Faults::none().and(refused(Method::PATCH, "authorizationPolicy"));
    let harness = Harness::with(&sections, second.clone())?;
    let before = harness.world.show(CONTOSO)?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(7), 3), "{run:#?}");
    assert!(
        run.stdout.contains("rolled back: every setting that this run had changed has its previous value again"),
        "{run:#?}"
    );
    assert!(harness.world.show(CONTOSO)? == before, "the tenant is another");

    let harness = Harness::with(&sections, second.and(refused(Method::PUT, POLICY_PATH).after(1)))?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(1), 3), "{run:#?}");
    assert!(run.stdout.contains("rollback incomplete; still applied: notifications.administrators"), "{run:#?}");

    let harness = Harness::with(&sections, Faults::none().and(refused(Method::PATCH, "authorizationPolicy")))?;
    let run = harness.run(&["apply", "--auto-approve", "--on-failure", "stop"])?;
    assert_eq!((run.code, harness.writes()), (Some(1), 2), "{run:#?}");
    assert!(harness.world.show(CONTOSO)? != before, "the tenant is as before");
    Ok(())
}

#[test]
fn no_access() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none().and(Fault::on(Method::GET, POLICY_PATH, Action::ExpiredToken)))?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(8), 0), "{run:#?}");
    Ok(())
}

/// The token is refused with the write, so that nobody can look whether the write took effect.
#[test]
fn a_token_that_is_refused_with_a_write_leaves_its_outcome_open() -> TestResult {
    let harness = Harness::with(CHANGE, put(Action::ExpiredToken))?;
    let run = harness.apply()?;
    assert_eq!((run.code, harness.writes()), (Some(6), 1), "{run:#?}");
    assert!(run.stdout.contains("has expired") && !run.stdout.contains("nothing was written"), "{run:#?}");
    // The hint is about the token: to wait longer would not help.
    assert!(run.stdout.contains("then plan again") && !run.stdout.contains("--verify-timeout"), "{run:#?}");
    Ok(())
}

/// A gateway refuses what the service behind it did. The setting counts as verified, and every format says what was answered.
#[test]
fn a_refusal_that_took_effect_is_shown() -> TestResult {
    let refused = || Harness::with(CHANGE, put(Action::status_after(409)));
    let note = "although the service refused the request: ";
    for format in ["terminal", "markdown"] {
        let harness = refused()?;
        let run = harness.run(&["apply", "--auto-approve", "--format", format])?;
        assert_eq!((run.code, harness.writes()), (Some(0), 1), "{run:#?}");
        assert!(run.stdout.contains(note) && run.stdout.contains("HTTP 409"), "{run:#?}");
        assert!(run.stdout.contains("Applied: 1 changed, 1 verified, in 1 requests."), "{run:#?}");
        let shown = harness.run(&["history", "latest"])?;
        assert!(shown.stdout.contains("the tenant shows it, although the service refused the request"), "{shown:#?}");
    }
    let harness = refused()?;
    let json = harness.run(&["apply", "--auto-approve", "--format", "json"])?.json()?;
    let step = &json["tenants"][0]["steps"][0];
    assert_eq!(step["result"], "verified", "{json:#}");
    assert!(step["refused"]["message"].as_str().is_some_and(|message| message.contains("HTTP 409")), "{json:#}");
    let json = harness.run(&["history", "--format", "json"])?.json()?;
    let request = &json["runs"][0]["tenants"][0]["requests"][0];
    assert_eq!((&request["answer"], &request["result"]), (&"refused".into(), &"verified".into()), "{json:#}");
    Ok(())
}

pub(crate) fn send(signal: &str, process: u32) -> TestResult {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status()?.success());
    Ok(())
}

pub(crate) fn wait_for(what: &str, seen: impl Fn() -> bool) -> TestResult {
    let begin = Instant::now();
    while !seen() {
        if begin.elapsed() > Duration::from_secs(60) {
            return Err(format!("waited in vain for {what}").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// The write is in flight when the interrupt comes: it is completed and reported, and the next one is not started.
#[cfg(unix)]
#[test]
fn interrupted_in_a_write() -> TestResult {
    let slow = put(Action::Delay(Duration::from_secs(3)));
    let harness = Harness::with(&format!("{CHANGE}\nscope: {{ administrators: false }}"), slow)?;
    let mut command = harness.command(&["apply", "--auto-approve", "--format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    wait_for("the write", || harness.writes() == 1)?;
    send("-INT", child.id())?;
    let output = child.wait_with_output()?;
    let report = String::from_utf8(output.stdout)?;
    assert_eq!((output.status.code(), harness.writes()), (Some(130), 1), "{report}");
    let report: serde_json::Value = serde_json::from_str(&report)?;
    assert_eq!(report["exitCode"], 130);
    let results: Vec<_> = report["tenants"][0]["steps"].as_array().into_iter().flatten().collect();
    let results: Vec<_> = results.iter().map(|step| step["result"].as_str().unwrap_or_default()).collect();
    assert_eq!(results, ["verified", "interrupted"], "{report:#}");
    assert!(String::from_utf8(output.stderr)?.contains("error: interrupted"));
    Ok(())
}

/// Nothing has been written yet, so nothing needs to be waited for.
#[cfg(unix)]
#[test]
fn interrupted_while_reading() -> TestResult {
    for (arguments, signal) in [(&["plan"][..], "-INT"), (&["apply", "--auto-approve"], "-TERM")] {
        let harness = Harness::with(CHANGE, Faults::slow(Duration::from_secs(100)))?;
        let child = harness.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        wait_for("a request", || harness.was_asked(""))?;
        send(signal, child.id())?;
        let output = child.wait_with_output()?;
        assert_eq!((output.status.code(), harness.writes()), (Some(130), 0));
        assert!(String::from_utf8(output.stderr)?.contains("error: interrupted"));
    }
    Ok(())
}

#[test]
fn out_of_time() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::slow(Duration::from_secs(100)))?;
    let run = harness.run(&["apply", "--auto-approve", "--timeout", "50ms"])?;
    assert_eq!((run.code, harness.writes()), (Some(1), 0), "{run:#?}");
    assert!(run.stderr.contains("stopped before anything was sent"), "{run:#?}");
    assert!(run.stderr.contains("error: not done after 50ms"), "{run:#?}");
    Ok(())
}

/// What takes the time is computing, not waiting, and what is found after the time is over is not shown as a whole result.
#[test]
fn out_of_time_while_computing() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let keys: String = (0..9_000).map(|number| format!("key{number}: 1\n")).collect();
    fs::write(harness.folder.path().join("keys.yaml"), format!("version: 1\n{keys}"))?;
    // To compare such lists takes minutes.
    let list = "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(40) %}\
                {% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}";
    fs::write(harness.folder.path().join("slow"), list)?;
    for arguments in [
        &["validate", "keys.yaml", "--timeout", "1ms"][..],
        &["validate", "keys.yaml", "--format", "json", "--timeout", "1ms"],
        &["validate", "keys.yaml", "--output", "result", "--also", "sarif=result.sarif", "--timeout", "1ms"],
        &["plan", "keys.yaml", "--timeout", "1ms"],
        &["drift", "keys.yaml", "--format", "json", "--timeout", "1ms"],
        &["announce", "--template", "slow", "--timeout", "200ms"],
    ] {
        let run = harness.run(arguments)?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{arguments:?}: {run:#?}");
        assert!(run.stderr.contains("error: not done after "), "{arguments:?}: {run:#?}");
        assert!(run.stderr.contains("hint: raise --timeout"), "{arguments:?}: {run:#?}");
    }
    assert!(!harness.folder.path().join("result").exists() && !harness.folder.path().join("result.sarif").exists());
    assert!(!harness.was_asked("/"), "no tenant is asked");
    Ok(())
}

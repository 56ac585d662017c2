//! `--resume`: the reading of a long registration report that was stopped goes on without reading again.

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, Person};
use serde_json::Value;

use crate::harness::{FABRIKAM, Harness, Run, TestResult};

const REPORT: &str = "userRegistrationDetails";
/// 32 bytes of zeros.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY: &str = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The sixth page of the report, which is the last, is refused once.
fn start() -> Result<Harness, Box<dyn std::error::Error>> {
    let refused = Fault::on(Method::GET, REPORT, Action::status(403)).nth(6);
    Harness::of(FABRIKAM, "methods: { required: 1 }", Faults::none().and(refused), &Person::Administrator)
}

fn plan(harness: &Harness, key: &str, resume: bool) -> Result<Run, Box<dyn std::error::Error>> {
    let mut command = harness.command(&["plan", "--impact", "--format", "json"]);
    command.args(resume.then_some("--resume")).env("SSPRCTL_CACHE_KEY", key);
    harness.finish(&mut command)
}

fn counts(run: &Run) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(run.json()?["tenants"][0]["people"]["counts"].clone())
}

#[test]
fn a_reading_that_was_stopped_goes_on_without_reading_again() -> TestResult {
    let harness = start()?;
    let stopped = plan(&harness, KEY, false)?;
    assert!(stopped.stderr.contains("4995 users of the registration report were read"), "{stopped:#?}");
    assert_eq!((harness.asked_for(REPORT), counts(&stopped)?), (6, Value::Null));

    let files: Vec<_> = std::fs::read_dir(harness.state().join("readings"))?.collect::<Result<_, _>>()?;
    let [file] = files.as_slice() else { return Err(format!("not one file: {files:?}").into()) };
    let sealed = std::fs::read(file.path())?;
    assert!(sealed.starts_with(b"ssprctl sealed 1\n") && sealed.len() > 4_995 * 20);
    for plain in ["fabrikam", "email", "skiptoken"] {
        assert!(!sealed.windows(plain.len()).any(|window| window == plain.as_bytes()), "{plain}");
    }
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o777, 0o600);

    let resumed = plan(&harness, KEY, true)?;
    assert!(resumed.stderr.contains("goes on after 4995 users of the registration report"), "{resumed:#?}");
    assert_eq!(harness.asked_for(REPORT), 7, "the last page alone");
    assert!(!file.path().exists(), "it is removed once the report is whole");

    let whole = plan(&harness, KEY, false)?;
    assert_eq!((counts(&resumed)?, harness.asked_for(REPORT)), (counts(&whole)?, 13));
    assert!(counts(&whole)?["people"].as_u64() > Some(4_000), "{whole:#?}");
    Ok(())
}

#[test]
fn what_cannot_be_gone_on_with_is_read_from_its_beginning() -> TestResult {
    let harness = start()?;
    let nothing = plan(&harness, KEY, true)?;
    assert!(nothing.stderr.contains("read from its beginning: no earlier run has stored any of it"), "{nothing:#?}");
    let foreign = plan(&harness, OTHER_KEY, true)?;
    assert!(foreign.stderr.contains("damaged, or was encrypted with another key"), "{foreign:#?}");
    assert!(counts(&foreign)?["people"].as_u64() > Some(4_000), "{foreign:#?}");
    assert_eq!(harness.asked_for(REPORT), 12);
    Ok(())
}

/// Four pages are read again within seconds, so nothing is stored of them, and whoever asks for it learns why.
#[test]
fn fewer_than_five_pages_are_not_stored() -> TestResult {
    let refused = Fault::on(Method::GET, REPORT, Action::status(403)).nth(5);
    let harness =
        Harness::of(FABRIKAM, "methods: { required: 1 }", Faults::none().and(refused), &Person::Administrator)?;
    let stopped = plan(&harness, KEY, false)?;
    assert!(!stopped.stderr.contains("--resume") && !harness.state().join("readings").exists(), "{stopped:#?}");
    let anew = plan(&harness, KEY, true)?;
    assert!(anew.stderr.contains("none stores fewer than 5 pages"), "{anew:#?}");
    assert!(counts(&anew)?["people"].as_u64() > Some(4_000), "{anew:#?}");
    assert_eq!(harness.asked_for(REPORT), 5 + 6);
    Ok(())
}

/// An apply reads people anew each time, so nothing is stored of its reading and no `--resume` is offered.
#[test]
fn a_command_that_cannot_go_on_stores_nothing() -> TestResult {
    let harness = start()?;
    std::fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nlimits:\n  losing: 0\n")?;
    let mut apply = harness.command(&["apply", "--auto-approve"]);
    let stopped = harness.finish(apply.env("SSPRCTL_CACHE_KEY", KEY))?;
    assert!(harness.asked_for(REPORT) >= 6 && !stopped.stderr.contains("--resume"), "{stopped:#?}");
    assert!(!harness.state().join("readings").exists(), "{stopped:#?}");
    Ok(())
}

/// Without people there is nothing to go on with.
#[test]
fn resume_without_people_is_refused() -> TestResult {
    let harness = start()?;
    let refused = harness.finish(&mut harness.command(&["plan", "--resume"]))?;
    assert_eq!((refused.code, harness.asked_for(REPORT)), (Some(1), 0), "{refused:#?}");
    assert!(refused.stderr.contains("add --impact, or leave --resume out"), "{refused:#?}");
    std::fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nlimits:\n  losing: 0\n")?;
    let read = harness.finish(&mut harness.command(&["plan", "--resume"]))?;
    assert!(harness.asked_for(REPORT) >= 6, "{read:#?}");
    Ok(())
}

/// The token in the link to the next page expires.
#[test]
fn a_page_that_the_service_no_longer_knows_is_no_reason_to_fail() -> TestResult {
    let refused = Fault::on(Method::GET, REPORT, Action::status(403)).nth(6);
    let expired = Fault::on(Method::GET, REPORT, Action::status(400)).nth(7);
    let faults = Faults::none().and(refused).and(expired);
    let harness = Harness::of(FABRIKAM, "methods: { required: 1 }", faults, &Person::Administrator)?;
    plan(&harness, KEY, false)?;
    let anew = plan(&harness, KEY, true)?;
    assert!(anew.stderr.contains("the service no longer knows the next page"), "{anew:#?}");
    assert!(counts(&anew)?["people"].as_u64() > Some(4_000), "{anew:#?}");
    assert_eq!(harness.asked_for(REPORT), 6 + 1 + 6);
    Ok(())
}

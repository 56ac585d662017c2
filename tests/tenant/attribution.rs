//! Who changed a setting, by the emulator's audit log over HTTP and by the journals of runs, at a fixed time.

use std::error::Error;
use std::path::Path;

use entra_sandbox::{Person, portal_user};
use jiff::Timestamp;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog;
use ssprctl::testing::engine::attribution::explain_settings;
use ssprctl::testing::plan::attribution::{Attribution, Author, Confidence, Doubt, UnknownReason};
use ssprctl::testing::plan::drift_state::DriftState;
use ssprctl::testing::plan::drifted_setting::DriftedSetting;

use crate::harness::{CONTOSO, Harness, TestResult, policy};

/// A moment of the day on which everything happens. Runs of the harness apply at nine o'clock.
fn at(time: &str) -> Result<Timestamp, jiff::Error> {
    format!("2026-11-22T{time}:00Z").parse()
}

/// A setting that one run saw with a value, and a later one with another.
fn changed(
    name: &str,
    (before, last_seen): (Value, &str),
    (found, first_seen): (Value, &str),
) -> Result<DriftedSetting, Box<dyn Error>> {
    let setting = catalog::find(name).ok_or("no such setting")?;
    let mut seen = DriftState::new("55bc0001-0000-4000-8000-000000000001".parse()?);
    seen.observe(name, &before, at(last_seen)?);
    seen.observe(name, &found, at(first_seen)?);
    let (previous, window) = (seen.previous(name).cloned(), seen.change_window(name, &found));
    Ok(DriftedSetting { setting, surface: setting.surface, found, previous, window })
}

/// Who changed it, asked as this person at a time.
async fn asked(
    harness: &Harness,
    case: &DriftedSetting,
    person: &Person,
    now: &str,
) -> Result<Attribution, Box<dyn Error>> {
    let log = harness.reader(CONTOSO, CONTOSO, person)?;
    let journals: &Path = harness.journals.path();
    let tenant = "55bc0001-0000-4000-8000-000000000001".parse()?;
    let settings = (std::slice::from_ref(case), &[][..]);
    let (mut found, _) = explain_settings(&log, tenant, journals, settings, at(now)?).await;
    found.remove(case.setting.name).ok_or_else(|| "no answer".into())
}

fn name(attribution: &Attribution) -> Result<String, UnknownReason> {
    attribution.author.clone().map(|found| match found.author {
        Author::Actor(actor) => actor.name,
        Author::Run { run, at: _ } => format!("run {run}"),
        Author::OwnApplication(actor) => format!("ssprctl as {}", actor.name),
    })
}

fn doubts(attribution: &Attribution) -> Vec<Doubt> {
    attribution.author.as_ref().map(|found| found.doubts.clone()).unwrap_or_default()
}

/// What the sandbox writes for a person's edit.
fn edit(harness: &Harness, setting: &str, value: &str, who: &str, time: &str) -> TestResult {
    portal_user::set_as(&harness.world, CONTOSO, setting, value, Some(who), at(time)?)?;
    Ok(())
}

#[tokio::test]
async fn certain_takes_the_value_the_time_and_the_hour_of_the_log() -> TestResult {
    let harness = Harness::start()?;
    edit(&harness, "methods.required", "2", "alice", "08:30")?;
    let case = changed("methods.required", (Value::Number(1), "08:20"), (Value::Number(2), "08:40"))?;
    for (now, expected, log_complete_at) in [
        ("08:40", vec![Doubt::LogIncomplete], Some(at("09:40")?)),
        ("09:39", vec![Doubt::LogIncomplete], Some(at("09:40")?)),
        ("09:40", vec![], None),
    ] {
        let found = asked(&harness, &case, &Person::Administrator, now).await?;
        assert_eq!(name(&found), Ok("alice@contoso.onmicrosoft.com".to_owned()));
        assert_eq!((doubts(&found), found.log_complete_at), (expected, log_complete_at), "{now}");
    }
    // The event begins at 1, and the last run saw 5: something is missing in the log.
    let other = changed("methods.required", (Value::Number(5), "08:20"), (Value::Number(2), "08:40"))?;
    let found = asked(&harness, &other, &Person::Administrator, "10:00").await?;
    assert_eq!(doubts(&found), [Doubt::OtherPreviousValue]);
    // The event leads to 2, and the tenant has 1.
    let back = changed("methods.required", (Value::Number(2), "08:20"), (Value::Number(1), "08:40"))?;
    let found = asked(&harness, &back, &Person::Administrator, "10:00").await?;
    assert_eq!(name(&found), Err(UnknownReason::OtherValues));
    Ok(())
}

/// The words of the log are those that the program reads; where no published source says which word is which value, the
/// author is likely and no more.
#[tokio::test]
async fn each_setting_is_certain_as_far_as_its_words_are_published() -> TestResult {
    let word = |word: &str| Value::Text(word.to_owned());
    let methods = |words: &[&str]| Value::Set(words.iter().map(|word| (*word).to_owned()).collect());
    for (setting, text, before, after, expected) in [
        ("scope.users", "all", word("none"), word("all"), vec![]),
        ("scope.administrators", "false", Value::Bool(true), Value::Bool(false), vec![]),
        ("methods.required", "2", Value::Number(1), Value::Number(2), vec![]),
        ("registration.requiredAtSignIn", "false", Value::Bool(true), Value::Bool(false), vec![]),
        ("registration.reconfirmAfterDays", "90", Value::Number(180), Value::Number(90), vec![]),
        ("notifications.users", "false", Value::Bool(true), Value::Bool(false), vec![]),
        ("notifications.administrators", "true", Value::Bool(false), Value::Bool(true), vec![]),
        ("helpdesk.link", "https://x.example", Value::Unset, word("https://x.example"), vec![Doubt::NoValue]),
        ("methods.allowed", "email", methods(&["email", "mobilePhone"]), methods(&["email"]), vec![Doubt::NoValue]),
    ] {
        let harness = Harness::start()?;
        edit(&harness, setting, text, "alice", "08:30")?;
        let case = changed(setting, (before, "08:20"), (after, "08:40"))?;
        let found = asked(&harness, &case, &Person::Administrator, "09:40").await?;
        let alice = Ok("alice@contoso.onmicrosoft.com".to_owned());
        assert_eq!((name(&found), doubts(&found)), (alice, expected), "{setting}: {found:#?}");
    }
    Ok(())
}

/// Somebody else's event that the log shows within its hour takes the name away again.
#[tokio::test]
async fn a_later_event_that_comes_in_late_is_why_one_waits() -> TestResult {
    let harness = Harness::start()?;
    edit(&harness, "notifications.users", "false", "alice", "08:25")?;
    let case = changed("notifications.users", (Value::Bool(true), "08:20"), (Value::Bool(false), "08:40"))?;
    let early = asked(&harness, &case, &Person::Administrator, "08:45").await?;
    assert_eq!(
        (name(&early), doubts(&early)),
        (Ok("alice@contoso.onmicrosoft.com".to_owned()), vec![Doubt::LogIncomplete])
    );
    edit(&harness, "notifications.users", "true", "bob", "08:30")?;
    edit(&harness, "notifications.users", "false", "bob", "08:35")?;
    let whole = asked(&harness, &case, &Person::Administrator, "09:40").await?;
    assert_eq!(name(&whole), Err(UnknownReason::SeveralActors(2)));
    Ok(())
}

/// The administrator as whom a run signed in is in the log; the run is named.
#[tokio::test]
async fn what_a_run_applied_is_attributed_to_the_run() -> TestResult {
    let harness = Harness::start()?;
    harness.apply(&policy(CONTOSO, "methods: { required: 2 }\nscope: { administrators: false }")).await?;
    let run = harness.run()?.to_string();
    let required = changed("methods.required", (Value::Number(1), "08:59"), (Value::Number(2), "09:01"))?;
    let administrators = changed("scope.administrators", (Value::Bool(true), "08:59"), (Value::Bool(false), "09:01"))?;
    for case in [&required, &administrators] {
        for (now, expected) in [("09:05", vec![Doubt::LogIncomplete]), ("10:01", vec![])] {
            let found = asked(&harness, case, &Person::Administrator, now).await?;
            assert_eq!((name(&found), doubts(&found)), (Ok(format!("run {run}")), expected), "{}", case.setting.name);
        }
        // Without the log, the journal knows.
        let blind = Person::lacking(&["AuditLog.Read.All", "Directory.Read.All"]);
        let found = asked(&harness, case, &blind, "10:01").await?;
        assert_eq!((name(&found), doubts(&found)), (Ok(format!("run {run}")), vec![Doubt::NotInLog]));
    }
    // A person who sets the same value at another time is a person.
    edit(&harness, "methods.required", "1", "alice", "09:30")?;
    edit(&harness, "methods.required", "2", "bob", "09:40")?;
    let later = changed("methods.required", (Value::Number(1), "09:35"), (Value::Number(2), "09:45"))?;
    let found = asked(&harness, &later, &Person::Administrator, "11:00").await?;
    assert_eq!(name(&found), Ok("bob@contoso.onmicrosoft.com".to_owned()));
    assert_eq!(found.author.map(|found| found.confidence()), Ok(Confidence::Certain));
    Ok(())
}

/// Alice changed a setting between two runs, and ssprctl put it back: both runs saw the same value.
#[tokio::test]
async fn a_change_that_was_taken_back_is_reported_with_both_authors() -> TestResult {
    let harness = Harness::start()?;
    edit(&harness, "methods.required", "2", "bob", "08:00")?;
    edit(&harness, "methods.required", "1", "alice", "08:50")?;
    harness.apply(&policy(CONTOSO, "methods: { required: 2 }")).await?;
    let run = harness.run()?;
    let same = DriftedSetting {
        previous: None,
        ..changed("methods.required", (Value::Number(1), "08:30"), (Value::Number(2), "09:10"))?
    };
    let log = harness.reader(CONTOSO, CONTOSO, &Person::Administrator)?;
    let tenant = "55bc0001-0000-4000-8000-000000000001".parse()?;
    let settings = (&[][..], std::slice::from_ref(&same));
    let (none, found) = explain_settings(&log, tenant, harness.journals.path(), settings, at("09:10")?).await;
    assert!(none.is_empty(), "nothing drifted: {none:#?}");
    let found = found.map_err(|error| error.message)?;
    let [one] = found.as_slice() else { return Err(format!("{found:#?}").into()) };
    let (away, back) = (one.changed.author.clone(), one.back.author.clone());
    assert!(matches!(&away, Some(Author::Actor(actor)) if actor.name == "alice@contoso.onmicrosoft.com"), "{away:?}");
    assert!(matches!(&back, Some(Author::Run { run: known, .. }) if *known == run), "{back:?}");
    assert_eq!((one.changed.event.at, one.back.event.at), (at("08:50")?, at("09:00")?));
    Ok(())
}

/// A pipeline's journals are elsewhere, but the application is the one as which this program signs in.
#[tokio::test]
async fn the_same_application_elsewhere_is_not_somebody() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, "scope: { administrators: false }")).await?;
    harness.apply_as(review, &Person::App).await?.map_err(|closed| format!("{closed:?}"))?;
    std::fs::remove_dir_all(harness.journals.path())?;
    let case = changed("scope.administrators", (Value::Bool(true), "08:59"), (Value::Bool(false), "09:01"))?;
    let ours = asked(&harness, &case, &Person::App, "10:01").await?;
    assert_eq!(name(&ours), Ok("ssprctl as ssprctl apply".to_owned()));
    let theirs = asked(&harness, &case, &Person::Administrator, "10:01").await?;
    assert_eq!(name(&theirs), Ok("ssprctl apply".to_owned()), "a person does not know whose application it is");
    Ok(())
}

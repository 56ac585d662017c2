//! Who changed what: brackets out of what runs saw, and names out of the audit log, never on a guess.

use std::error::Error;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ssprctl::testing::base::ids::TenantId;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog;
use ssprctl::testing::plan::attribution::{Attribution, Confidence, DriftedSetting, UnknownReason, attribute, queries};
use ssprctl::testing::plan::drift_state::{ChangeWindow, DriftState};
use ssprctl::testing::tenant::audit::{Actor, ActorKind, AuditEvent, AuditQuery, AuditResult, AuditTrail};
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::Service;

type TestResult = Result<(), Box<dyn Error>>;
type Answers = Vec<(AuditQuery, Result<AuditTrail, TenantError>)>;

const TENANT: &str = "11111111-2222-4333-8444-555555555555";
const REQUIRED: &str = "NumberOfRequiredContactMethodsForUsers";
const NOTIFY: &str = "NotifyUsersOfReset";
/// When the log is asked, unless a test says otherwise: long after everything.
const LATER: &str = "23:00";

/// A moment of the day on which everything happens.
fn at(time: &str) -> Result<Timestamp, jiff::Error> {
    format!("2026-11-22T{time}:00Z").parse()
}

/// `methods.required` fell to 1 between nine o'clock and twenty past.
fn case() -> Result<DriftedSetting, Box<dyn Error>> {
    of("methods.required", Value::Number(1))
}

fn of(name: &str, found: Value) -> Result<DriftedSetting, Box<dyn Error>> {
    let setting = catalog::find(name).ok_or("no such setting")?;
    let bracket = Some(ChangeWindow::Between { after: at("09:00")?, by: at("09:20")? });
    Ok(DriftedSetting { setting, surface: setting.surface, found, window: bracket })
}

fn event(time: &str, who: &str, properties: &[&str]) -> Result<AuditEvent, jiff::Error> {
    Ok(AuditEvent {
        id: format!("{time} {who}"),
        at: at(time)?,
        activity: "Update SSPR Settings".to_owned(),
        result: AuditResult::Success,
        actor: Some(Actor { kind: ActorKind::User, id: format!("id of {who}"), name: format!("{who}@contoso.com") }),
        properties: properties.iter().map(|name| (*name).to_owned()).collect(),
        new_values: std::collections::BTreeMap::new(),
        targets: Vec::new(),
    })
}

/// The log answers every question with those of these events that fit it.
fn log(case: &DriftedSetting, events: &[AuditEvent]) -> Answers {
    let trail = |query: &AuditQuery| AuditTrail {
        events: events.iter().filter(|event| event.activity.starts_with(query.activity)).cloned().collect(),
        whole: true,
    };
    queries(std::slice::from_ref(case)).into_iter().map(|query| (query.clone(), Ok(trail(&query)))).collect()
}

fn judged(case: &DriftedSetting, events: &[AuditEvent]) -> Result<Attribution, jiff::Error> {
    Ok(attribute(case, &log(case, events), at(LATER)?))
}

/// The name and the confidence, or the doubt.
fn author(
    case: &DriftedSetting,
    events: &[AuditEvent],
) -> Result<Result<(String, Confidence, usize), UnknownReason>, jiff::Error> {
    Ok(judged(case, events)?.author.map(|blame| (blame.actor.name, blame.confidence, blame.events)))
}

fn named(who: &str, confidence: Confidence, events: usize) -> Result<(String, Confidence, usize), UnknownReason> {
    Ok((format!("{who}@contoso.com"), confidence, events))
}

#[test]
fn one_event_that_names_the_setting_is_certain() -> TestResult {
    let found = judged(&case()?, &[event("09:14", "alice", &[REQUIRED, NOTIFY])?])?;
    let blame = found.author.map_err(|doubt| format!("{doubt:?}"))?;
    assert_eq!((blame.confidence, blame.event.at), (Confidence::Certain, at("09:14")?));
    assert_eq!(found.window, case()?.window);
    Ok(())
}

#[test]
fn the_key_on_the_wire_and_a_path_to_it_name_the_setting_too() -> TestResult {
    for name in
        ["numberOfAuthenticationMethodsRequired", "PasswordManagementPolicy.numberofrequiredcontactmethodsforusers"]
    {
        assert_eq!(author(&case()?, &[event("09:14", "alice", &[name])?])?, named("alice", Confidence::Certain, 1));
    }
    Ok(())
}

#[test]
fn an_event_that_names_nothing_known_is_only_likely() -> TestResult {
    for properties in [&[][..], &["Policy"], &["Policy", NOTIFY]] {
        assert_eq!(author(&case()?, &[event("09:14", "alice", properties)?])?, named("alice", Confidence::Likely, 1));
    }
    Ok(())
}

#[test]
fn several_events_of_one_are_likely_and_the_newest_is_reported() -> TestResult {
    let events = [event("09:05", "alice", &[REQUIRED])?, event("09:14", "alice", &[REQUIRED])?];
    assert_eq!(author(&case()?, &events)?, named("alice", Confidence::Likely, 2));
    let blame = judged(&case()?, &events)?.author.map_err(|doubt| format!("{doubt:?}"))?;
    assert_eq!(blame.event.at, at("09:14")?);
    Ok(())
}

#[test]
fn of_several_nobody_is_named() -> TestResult {
    let both = [event("09:05", "alice", &[REQUIRED])?, event("09:14", "bob", &[REQUIRED])?];
    assert_eq!(author(&case()?, &both)?, Err(UnknownReason::SeveralActors(2)));
    let opaque = [event("09:05", "alice", &[REQUIRED])?, event("09:14", "bob", &["Policy"])?];
    assert_eq!(author(&case()?, &opaque)?, Err(UnknownReason::SeveralActors(2)));
    Ok(())
}

#[test]
fn who_changed_other_settings_is_no_suspect() -> TestResult {
    let alice = event("09:05", "alice", &[REQUIRED])?;
    assert_eq!(
        author(&case()?, &[alice, event("09:14", "bob", &[NOTIFY])?])?,
        named("alice", Confidence::Likely, 1),
        "what the log calls settings is a hint, so that setting an event aside leaves a doubt"
    );
    assert_eq!(author(&case()?, &[event("09:14", "bob", &[NOTIFY])?])?, Err(UnknownReason::OtherSettings));
    Ok(())
}

#[test]
fn without_an_event_nobody_is_named() -> TestResult {
    assert_eq!(author(&case()?, &[])?, Err(UnknownReason::NoEvent { early: false }));
    let early = attribute(&case()?, &log(&case()?, &[]), at("09:21")?);
    assert_eq!(early.author, Err(UnknownReason::NoEvent { early: true }));
    Ok(())
}

#[test]
fn events_outside_of_the_bracket_do_not_count() -> TestResult {
    for time in ["08:59", "09:00", "09:21", "10:20"] {
        let opaque = event(time, "bob", &["Policy"])?;
        assert_eq!(author(&case()?, &[opaque])?, Err(UnknownReason::NoEvent { early: false }), "{time}");
    }
    assert_eq!(author(&case()?, &[event("10:21", "bob", &[REQUIRED])?])?, Err(UnknownReason::NoEvent { early: false }));
    let alice = event("09:20", "alice", &[REQUIRED])?;
    assert_eq!(
        author(&case()?, &[event("09:21", "bob", &["Policy"])?, alice])?,
        named("alice", Confidence::Certain, 1)
    );
    Ok(())
}

#[test]
fn an_event_that_is_stamped_late_must_name_the_setting() -> TestResult {
    assert_eq!(author(&case()?, &[event("10:20", "alice", &[REQUIRED])?])?, named("alice", Confidence::Likely, 1));
    Ok(())
}

#[test]
fn a_failure_changed_nothing_and_a_timeout_may_have() -> TestResult {
    let mut bob = event("09:10", "bob", &[REQUIRED])?;
    let alice = event("09:14", "alice", &[REQUIRED])?;
    bob.result = AuditResult::Failure;
    assert_eq!(author(&case()?, &[bob.clone(), alice.clone()])?, named("alice", Confidence::Certain, 1));
    assert_eq!(author(&case()?, &[bob.clone()])?, Err(UnknownReason::NoEvent { early: false }));
    bob.result = AuditResult::Unclear;
    assert_eq!(author(&case()?, &[bob.clone(), alice])?, Err(UnknownReason::SeveralActors(2)));
    assert_eq!(
        author(&case()?, &[bob])?,
        Err(UnknownReason::NoEvent { early: false }),
        "nothing is known to have taken effect"
    );
    Ok(())
}

#[test]
fn an_event_without_an_actor_is_a_doubt() -> TestResult {
    let mut nobody = event("09:10", "nobody", &[REQUIRED])?;
    nobody.actor = None;
    assert_eq!(author(&case()?, &[nobody.clone()])?, Err(UnknownReason::NoActor));
    assert_eq!(author(&case()?, &[nobody, event("09:14", "alice", &[REQUIRED])?])?, Err(UnknownReason::NoActor));
    Ok(())
}

#[test]
fn writeback_has_events_of_its_own_and_each_goes_one_way() -> TestResult {
    let case = of("writeback.passwords", Value::Bool(false))?;
    let mut off = event("09:14", "alice", &[])?;
    off.activity = "Disable password writeback for directory".to_owned();
    assert_eq!(author(&case, &[off.clone()])?, named("alice", Confidence::Certain, 1));
    let mut on = event("09:10", "bob", &[])?;
    on.activity = "Enable password writeback for directory".to_owned();
    assert_eq!(author(&case, &[on.clone(), off])?, named("alice", Confidence::Certain, 1));
    assert_eq!(author(&case, &[on])?, Err(UnknownReason::NoEvent { early: false }));
    Ok(())
}

#[test]
fn administrators_own_switch_is_logged_by_the_directory() -> TestResult {
    let case = of("scope.administrators", Value::Bool(false))?;
    let mut event = event("09:14", "alice", &["AllowedToUseSSPR"])?;
    assert_eq!(author(&case, &[event.clone()])?, Err(UnknownReason::NoEvent { early: false }));
    event.activity = "Update authorization policy".to_owned();
    assert_eq!(author(&case, &[event])?, named("alice", Confidence::Certain, 1));
    Ok(())
}

#[test]
fn the_log_is_asked_once_for_each_kind_of_event() -> TestResult {
    let mut early = of("notifications.users", Value::Bool(false))?;
    early.window = Some(ChangeWindow::Between { after: at("07:00")?, by: at("09:10")? });
    let asked = queries(&[case()?, early, of("scope.administrators", Value::Bool(false))?]);
    let report: Vec<_> = asked.iter().map(|query| (query.activity, query.since, query.until)).collect();
    let expected =
        [("Update SSPR", at("07:00")?, at("10:20")?), ("Update authorization policy", at("09:00")?, at("10:20")?)];
    assert_eq!(report, expected);
    Ok(())
}

#[test]
fn without_a_bracket_nothing_is_asked_and_nobody_named() -> TestResult {
    for bracket in [None, Some(ChangeWindow::UnchangedSince(at("09:00")?))] {
        let case = DriftedSetting { window: bracket, ..case()? };
        assert_eq!(queries(std::slice::from_ref(&case)), []);
        assert_eq!(attribute(&case, &[], at(LATER)?).author, Err(UnknownReason::NoChangeWindow));
    }
    assert_eq!(queries(&[]), []);
    Ok(())
}

#[test]
fn a_log_that_was_not_read_to_the_end_names_nobody() -> TestResult {
    let case = case()?;
    let mut answers = log(&case, &[event("09:14", "alice", &[REQUIRED])?]);
    if let Some((_, Ok(trail))) = answers.first_mut() {
        trail.whole = false;
    }
    assert_eq!(attribute(&case, &answers, at(LATER)?).author, Err(UnknownReason::TooMany));
    let error =
        TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)), "may not read the audit log");
    let answers: Answers = answers.into_iter().map(|(query, _)| (query, Err(error.clone()))).collect();
    assert_eq!(attribute(&case, &answers, at(LATER)?).author, Err(UnknownReason::Unreadable(error)));
    Ok(())
}

#[test]
fn a_bracket_older_than_the_log_is_never_certain() -> TestResult {
    let mut case = case()?;
    case.window = Some(ChangeWindow::Between { after: "2026-10-01T00:00:00Z".parse()?, by: at("09:20")? });
    assert_eq!(author(&case, &[event("09:14", "alice", &[REQUIRED])?])?, named("alice", Confidence::Likely, 1));
    assert_eq!(author(&case, &[event("09:14", "alice", &["Policy"])?])?, Err(UnknownReason::TooLong));
    Ok(())
}

/// Entra keeps the log for thirty days: an event before the window may be missing from then on.
#[test]
fn the_log_goes_back_thirty_days() -> TestResult {
    let case = case()?;
    let answers = log(&case, &[event("09:14", "alice", &[REQUIRED])?]);
    for (now, confidence) in
        [("2026-12-22T08:59:00Z", Confidence::Certain), ("2026-12-22T09:00:00Z", Confidence::Likely)]
    {
        let author = attribute(&case, &answers, now.parse()?).author.map_err(|reason| format!("{reason:?}"))?;
        assert_eq!(author.confidence, confidence, "{now}");
    }
    Ok(())
}

fn drift_state() -> Result<DriftState, Box<dyn Error>> {
    Ok(DriftState::new(TENANT.parse::<TenantId>()?))
}

#[test]
fn a_bracket_lies_between_the_last_other_value_and_the_first_of_this() -> TestResult {
    let (name, two, one) = ("methods.required", Value::Number(2), Value::Number(1));
    let mut seen = drift_state()?;
    assert_eq!(seen.change_window(name, &two), None);
    for time in ["09:00", "09:05"] {
        seen.observe(name, &two, at(time)?);
    }
    assert_eq!(
        seen.change_window(name, &two),
        Some(ChangeWindow::UnchangedSince(at("09:00")?)),
        "no run saw another value"
    );
    assert_eq!(seen.change_window(name, &one), None, "no run saw this value");
    for time in ["09:20", "09:40"] {
        seen.observe(name, &one, at(time)?);
        let bracket = ChangeWindow::Between { after: at("09:05")?, by: at("09:20")? };
        assert_eq!(seen.change_window(name, &one), Some(bracket), "it stays while the value stays");
    }
    seen.observe("notifications.users", &Value::Bool(true), at("09:40")?);
    seen.observe(name, &two, at("10:00")?);
    assert_eq!(seen.change_window(name, &two), Some(ChangeWindow::Between { after: at("09:40")?, by: at("10:00")? }));
    Ok(())
}

#[test]
fn a_clock_that_was_set_back_leaves_no_bracket() -> TestResult {
    let mut seen = drift_state()?;
    seen.observe("methods.required", &Value::Number(2), at("09:00")?);
    seen.observe("methods.required", &Value::Number(1), at("08:00")?);
    assert_eq!(
        seen.change_window("methods.required", &Value::Number(1)),
        Some(ChangeWindow::UnchangedSince(at("08:00")?))
    );
    Ok(())
}

#[test]
fn what_was_seen_is_written_without_values_and_read_again() -> TestResult {
    let mut seen = drift_state()?;
    seen.observe("helpdesk.link", &Value::Text("https://help.contoso.com".into()), at("09:00")?);
    seen.observe("helpdesk.link", &Value::Unset, at("09:20")?);
    let text = seen.text()?;
    assert!(!text.contains("contoso"), "{text}");
    assert_eq!(DriftState::parse(&text, TENANT.parse()?)?, seen);
    let validator = jsonschema::draft202012::new(&serde_json::from_str(include_str!("../schemas/drift-state.json"))?)?;
    let mut document: serde_json::Value = serde_json::from_str(&text)?;
    assert!(validator.is_valid(&document));
    document["formatVersion"] = 1.into();
    assert!(!validator.is_valid(&document));
    Ok(())
}

#[test]
fn a_file_that_is_not_ours_says_why() -> TestResult {
    let text = drift_state()?.text()?;
    let other = "99999999-2222-4333-8444-555555555555".parse()?;
    assert_eq!(DriftState::parse(&text, other), Err(format!("it is of the tenant {TENANT}")));
    for version in [1, 7] {
        let another = text.replace("\"formatVersion\": 2", &format!("\"formatVersion\": {version}"));
        assert_eq!(
            DriftState::parse(&another, TENANT.parse()?),
            Err(format!("it has the format {version}, and this program knows 2"))
        );
    }
    for damaged in ["", "{", "[]", "null", &text[..text.len() / 2]] {
        assert_eq!(DriftState::parse(damaged, TENANT.parse()?), Err("it is damaged".to_owned()), "{damaged:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, rng_seed: RngSeed::Fixed(20_261_125), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever is named has done something that fits, in the bracket or stamped late, and nobody else has.
    #[test]
    fn nobody_is_named_on_a_guess(
        events in prop::collection::vec((0_i64..180, 0_usize..3, 0_usize..4, 0_usize..3), 0..6),
    ) {
        let report = guessed(&events).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(report, None);
    }
}

/// What is wrong with the author found in a log of events: minute after half past eight, who, what it names, what came
/// of it.
fn guessed(drawn: &[(i64, usize, usize, usize)]) -> Result<Option<String>, Box<dyn Error>> {
    let case = case()?;
    let start = at("08:30")?;
    let events: Vec<_> = drawn
        .iter()
        .map(|(minute, who, what, result)| {
            let names = [&[][..], &[REQUIRED], &[NOTIFY], &["Policy"]][*what];
            let mut event = event("09:00", ["alice", "bob", ""][*who], names)?;
            event.at = start + jiff::SignedDuration::from_mins(*minute);
            event.result = [AuditResult::Success, AuditResult::Failure, AuditResult::Unclear][*result];
            event.actor = event.actor.filter(|_| *who < 2);
            Ok::<_, jiff::Error>(event)
        })
        .collect::<Result<_, _>>()?;
    let Ok(blame) = judged(&case, &events)?.author else { return Ok(None) };
    let within =
        |event: &&AuditEvent| at("09:00").is_ok_and(|a| a < event.at) && at("09:20").is_ok_and(|b| event.at <= b);
    let suspects: Vec<_> = events
        .iter()
        .filter(within)
        .filter(|event| event.result != AuditResult::Failure && event.properties != [NOTIFY])
        .collect();
    let others = suspects.iter().filter(|event| event.actor.as_ref() != Some(&blame.actor)).count();
    Ok(if others > 0 {
        Some(format!("somebody else may have done it: {events:#?}"))
    } else if blame.event.result != AuditResult::Success {
        Some(format!("it did not surely take effect: {events:#?}"))
    } else if blame.confidence == Confidence::Certain && blame.event.properties != [REQUIRED] {
        Some(format!("certain without a name: {events:#?}"))
    } else if suspects.is_empty() && blame.event.properties != [REQUIRED] {
        Some(format!("late without a name: {events:#?}"))
    } else {
        None
    })
}

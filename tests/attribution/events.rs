//! What single events and small logs prove.

use ssprctl::testing::base::value::Value;
use ssprctl::testing::plan::attribution::{Confidence, Doubt, UnknownReason, queries};
use ssprctl::testing::plan::drift_state::ChangeWindow;
use ssprctl::testing::plan::drifted_setting::DriftedSetting;
use ssprctl::testing::tenant::audit::AuditResult;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::Service;

use crate::harness::{
    Answers, LATER, NOTIFY, REQUIRED, TestResult, at, author, case, event, judged, judged_at, log, named, of,
    with_values,
};

#[test]
fn one_event_that_names_the_setting_is_certain() -> TestResult {
    let found = judged(&case()?, &[event("09:14", "alice", &[REQUIRED, NOTIFY])?])?;
    let blame = found.author.map_err(|doubt| format!("{doubt:?}"))?;
    assert_eq!((blame.confidence(), blame.event.map(|event| event.at)), (Confidence::Certain, Some(at("09:14")?)));
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
    assert_eq!(blame.event.map(|event| event.at), Some(at("09:14")?));
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
    assert_eq!(author(&case()?, &[])?, Err(UnknownReason::NoEvent));
    for (time, log_complete_at) in [("09:21", Some(at("10:20")?)), ("10:19", Some(at("10:20")?)), ("10:20", None)] {
        let found = judged_at(&case()?, &log(&case()?, &[]), at(time)?);
        assert_eq!((found.author, found.log_complete_at), (Err(UnknownReason::NoEvent), log_complete_at), "{time}");
    }
    Ok(())
}

#[test]
fn events_outside_of_the_bracket_do_not_count() -> TestResult {
    for time in ["08:59", "09:00", "09:21", "10:20"] {
        let opaque = event(time, "bob", &["Policy"])?;
        assert_eq!(author(&case()?, &[opaque])?, Err(UnknownReason::NoEvent), "{time}");
    }
    assert_eq!(author(&case()?, &[event("10:21", "bob", &[REQUIRED])?])?, Err(UnknownReason::NoEvent));
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
    assert_eq!(author(&case()?, &[bob.clone()])?, Err(UnknownReason::NoEvent));
    bob.result = AuditResult::Unclear;
    assert_eq!(author(&case()?, &[bob.clone(), alice])?, Err(UnknownReason::SeveralActors(2)));
    assert_eq!(author(&case()?, &[bob])?, Err(UnknownReason::NoEvent), "nothing is known to have taken effect");
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
    assert_eq!(author(&case, &[on])?, Err(UnknownReason::NoEvent));
    Ok(())
}

#[test]
fn administrators_own_switch_is_logged_by_the_directory() -> TestResult {
    let case = of("scope.administrators", Value::Bool(false))?;
    let mut event = event("09:14", "alice", &["AllowedToUseSSPR"])?;
    assert_eq!(author(&case, &[event.clone()])?, Err(UnknownReason::NoEvent));
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
    let once = ChangeWindow::SeenOnce(at("09:00")?);
    for bracket in [None, Some(ChangeWindow::UnchangedSince(at("09:00")?)), Some(once)] {
        let case = DriftedSetting { window: bracket, ..case()? };
        assert_eq!(queries(std::slice::from_ref(&case)), []);
        assert_eq!(judged_at(&case, &Vec::new(), at(LATER)?).author, Err(UnknownReason::NoChangeWindow));
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
    assert_eq!(judged_at(&case, &answers, at(LATER)?).author, Err(UnknownReason::TooMany));
    let error =
        TenantError::new(TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)), "may not read the audit log");
    let answers: Answers = answers.into_iter().map(|(query, _)| (query, Err(error.clone()))).collect();
    assert_eq!(judged_at(&case, &answers, at(LATER)?).author, Err(UnknownReason::Unreadable(error)));
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
        let author = judged_at(&case, &answers, now.parse()?).author.map_err(|reason| format!("{reason:?}"))?;
        assert_eq!(author.confidence(), confidence, "{now}");
    }
    Ok(())
}

/// What is missing for a certain answer, one by one; a value that contradicts what was found excludes the event.
#[test]
fn only_both_values_make_an_author_certain() -> TestResult {
    let alice = event("09:14", "alice", &[REQUIRED])?;
    for (old, new, doubts) in [
        (Some("2"), Some("1"), vec![]),
        (Some("\u{00a0}2 "), Some(" 1 "), vec![]),
        (None, None, vec![Doubt::NoValue]),
        (Some("2"), None, vec![Doubt::NoValue]),
        (Some("2"), Some("one"), vec![Doubt::NoValue]),
        (None, Some("1"), vec![Doubt::NoPreviousValue]),
        (Some("two"), Some("1"), vec![Doubt::NoPreviousValue]),
        (Some("3"), Some("1"), vec![Doubt::OtherPreviousValue]),
    ] {
        let found = judged(&case()?, &[with_values(alice.clone(), old, new)])?.author;
        assert_eq!(found.map(|found| found.doubts), Ok(doubts), "{old:?} {new:?}");
    }
    let other = with_values(alice.clone(), Some("1"), Some("2"));
    assert_eq!(author(&case()?, &[other])?, Err(UnknownReason::OtherValues));
    let unchanged = with_values(alice.clone(), Some("1"), Some("1"));
    assert_eq!(author(&case()?, &[unchanged])?, Err(UnknownReason::OtherSettings));
    let unrecorded = DriftedSetting { previous: None, ..case()? };
    let found = judged(&unrecorded, &[alice])?.author;
    assert_eq!(found.map(|found| found.doubts), Ok(vec![Doubt::NoPreviousValue]));
    Ok(())
}

/// The log may show an event up to an hour late. Until then somebody else may have been the last.
#[test]
fn before_the_hour_of_the_log_nobody_is_certain() -> TestResult {
    let case = case()?;
    let answers = log(&case, &[event("09:14", "alice", &[REQUIRED])?]);
    let hour = at("10:20")?;
    for (now, doubts, log_complete_at) in [
        (at("09:20")?, vec![Doubt::LogIncomplete], Some(hour)),
        (at("10:19")?, vec![Doubt::LogIncomplete], Some(hour)),
        (hour - jiff::SignedDuration::from_nanos(1), vec![Doubt::LogIncomplete], Some(hour)),
        (hour, vec![], None),
        (at(LATER)?, vec![], None),
    ] {
        let found = judged_at(&case, &answers, now);
        assert_eq!(
            (found.author.map(|found| found.doubts), found.log_complete_at),
            (Ok(doubts), log_complete_at),
            "{now}"
        );
    }
    Ok(())
}

/// That another change is missing is said only where the log shows none.
#[test]
fn an_event_that_continues_another_one_is_not_said_to_begin_elsewhere() -> TestResult {
    let bob = with_values(event("09:05", "bob", &[REQUIRED])?, Some("2"), Some("3"));
    let alice = with_values(event("09:14", "alice", &[REQUIRED])?, Some("3"), Some("1"));
    let found = judged(&case()?, &[bob, alice])?.author;
    assert_eq!(found.map(|found| found.doubts), Ok(vec![Doubt::OtherEvents]));
    Ok(())
}

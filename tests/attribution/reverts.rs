//! What was changed and taken back between two runs that saw the same value.

use std::error::Error;

use ssprctl::testing::base::value::Value;
use ssprctl::testing::plan::attribution::Author;
use ssprctl::testing::plan::drifted_setting::DriftedSetting;
use ssprctl::testing::plan::own_requests::OwnWrites;
use ssprctl::testing::plan::reverts::{Revert, revert_queries, reverts};
use ssprctl::testing::tenant::audit::{AuditEvent, AuditResult, AuditTrail};
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind};

use crate::harness::{NOTIFY, REQUIRED, TestResult, event, name, of, with_values};

/// An event that changed `methods.required`.
fn required(time: &str, who: &str, old: &str, new: &str) -> Result<AuditEvent, jiff::Error> {
    Ok(with_values(event(time, who, &[REQUIRED])?, Some(old), Some(new)))
}

fn of_log(case: &DriftedSetting, events: &[AuditEvent]) -> Result<Vec<Revert>, Box<dyn Error>> {
    let trail = AuditTrail { events: events.to_vec(), whole: true };
    let cases = std::slice::from_ref(case);
    let answers: Vec<_> = revert_queries(cases).into_iter().map(|query| (query, Ok(trail.clone()))).collect();
    Ok(reverts(cases, &answers, &OwnWrites::default()).map_err(|error| error.message)?)
}

/// Who led away and who back, with the minutes.
fn shown(reverts: &[Revert]) -> Vec<(String, String, String, String)> {
    let who = |author: &Option<Author>| author.as_ref().map(name).unwrap_or_default().replace("@contoso.com", "");
    let minute = |event: &AuditEvent| event.at.strftime("%H:%M").to_string();
    let one = |revert: &Revert| {
        let (changed, back) = (&revert.changed, &revert.back);
        (who(&changed.author), minute(&changed.event), who(&back.author), minute(&back.event))
    };
    reverts.iter().map(one).collect()
}

fn turns(turns: &[(&str, &str, &str, &str)]) -> Vec<(String, String, String, String)> {
    let own = |text: &str| text.to_owned();
    turns.iter().map(|(a, at, b, back)| (own(a), own(at), own(b), own(back))).collect()
}

/// Both runs, at nine and at twenty past, saw two methods.
#[test]
fn events_whose_net_effect_is_nothing_are_reported() -> TestResult {
    let case = of("methods.required", Value::Number(2))?;
    let away = || required("09:05", "alice", "2", "1");
    let back = || required("09:10", "bob", "1", "2");
    let failed = |event: AuditEvent| AuditEvent { result: AuditResult::Failure, ..event };
    for (events, expected) in [
        (vec![], vec![]),
        (vec![away()?, back()?], turns(&[("alice", "09:05", "bob", "09:10")])),
        (vec![back()?, away()?], turns(&[("alice", "09:05", "bob", "09:10")])),
        (vec![away()?], vec![]),
        (vec![back()?], vec![]),
        (vec![away()?, failed(back()?)], vec![]),
        (
            vec![away()?, required("09:07", "carol", "1", "3")?, required("09:09", "bob", "3", "2")?],
            turns(&[("alice", "09:05", "bob", "09:09")]),
        ),
        (
            vec![away()?, back()?, required("09:12", "bob", "2", "1")?, required("09:14", "alice", "1", "2")?],
            turns(&[("alice", "09:05", "bob", "09:10"), ("bob", "09:12", "alice", "09:14")]),
        ),
        // What the log ends with is not what was found, so an event is missing and nothing is known.
        (vec![away()?, back()?, required("09:15", "carol", "2", "1")?], vec![]),
        // One of the two is not of the time.
        (vec![required("08:55", "alice", "2", "1")?, back()?], vec![]),
        (vec![away()?, required("09:21", "bob", "1", "2")?], vec![]),
        // Other settings, and events that say nothing.
        (vec![event("09:05", "alice", &[NOTIFY])?, event("09:06", "alice", &["Policy"])?], vec![]),
        (vec![with_values(away()?, None, None), with_values(back()?, None, None)], vec![]),
        (vec![required("09:05", "alice", "2", "2")?, required("09:06", "alice", "2", "2")?], vec![]),
    ] {
        assert_eq!(shown(&of_log(&case, &events)?), expected, "{events:#?}");
    }
    Ok(())
}

/// Texts that nobody understands are compared with each other.
#[test]
fn lists_and_links_are_compared_as_texts() -> TestResult {
    let case = of("methods.allowed", Value::Set(["email".to_owned()].into()))?;
    let list = |time, who, old, new| -> Result<AuditEvent, jiff::Error> {
        Ok(with_values(event(time, who, &["SelectedContactMethodsForUsers"])?, Some(old), Some(new)))
    };
    let events = [list("09:05", "alice", "Email", "None")?, list("09:10", "bob", "None", "Email")?];
    assert_eq!(shown(&of_log(&case, &events)?), turns(&[("alice", "09:05", "bob", "09:10")]));
    let other = [list("09:05", "alice", "Email", "None")?, list("09:10", "bob", "None", "OfficeCall")?];
    assert_eq!(shown(&of_log(&case, &other)?), vec![]);
    Ok(())
}

#[test]
fn writeback_is_switched_by_two_activities() -> TestResult {
    let case = of("writeback.passwords", Value::Bool(true))?;
    let activities: Vec<&str> =
        revert_queries(std::slice::from_ref(&case)).iter().map(|query| query.activity).collect();
    assert_eq!(activities, ["Disable password writeback", "Enable password writeback", "Update SSPR"]);
    let switch = |time, who, activity: &str| -> Result<AuditEvent, jiff::Error> {
        Ok(AuditEvent { activity: activity.to_owned(), ..event(time, who, &[])? })
    };
    let off = switch("09:05", "alice", "Disable password writeback for directory")?;
    let on = switch("09:10", "bob", "Enable password writeback for directory")?;
    let query = |event: &AuditEvent| {
        let mut queries = revert_queries(std::slice::from_ref(&case)).into_iter();
        let query = queries.find(|query| event.activity.starts_with(query.activity));
        query.map(|query| (query, Ok(AuditTrail { events: vec![event.clone()], whole: true })))
    };
    let answers: Vec<_> = [off, on].iter().filter_map(query).collect();
    let found = reverts(std::slice::from_ref(&case), &answers, &OwnWrites::default());
    assert_eq!(found.map(|found| shown(&found)), Ok(turns(&[("alice", "09:05", "bob", "09:10")])));
    Ok(())
}

#[test]
fn a_log_that_cannot_be_read_says_why() -> TestResult {
    let case = of("methods.required", Value::Number(2))?;
    let error = TenantError::new(TenantErrorKind::Unavailable, "no answer");
    let queries = revert_queries(std::slice::from_ref(&case)).into_iter();
    let answers: Vec<_> = queries.map(|query| (query, Err(error.clone()))).collect();
    assert_eq!(reverts(std::slice::from_ref(&case), &answers, &OwnWrites::default()), Err(error));
    Ok(())
}

//! One drifted setting, and the log of a day.

use std::collections::BTreeMap;
use std::error::Error;

use jiff::Timestamp;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog;
use ssprctl::testing::plan::attribution::{Attribution, Author, Confidence, UnknownReason, attribute, queries};
use ssprctl::testing::plan::drift_state::{ChangeWindow, digest};
use ssprctl::testing::plan::drifted_setting::DriftedSetting;
use ssprctl::testing::plan::own_requests::OwnWrites;
use ssprctl::testing::tenant::audit::{Actor, ActorKind, AuditEvent, AuditQuery, AuditResult, AuditTrail};
use ssprctl::testing::tenant::error::TenantError;

pub(crate) type TestResult = Result<(), Box<dyn Error>>;
pub(crate) type Answers = Vec<(AuditQuery, Result<AuditTrail, TenantError>)>;

pub(crate) const REQUIRED: &str = "NumberOfRequiredContactMethodsForUsers";
pub(crate) const NOTIFY: &str = "NotifyUsersOfReset";
/// When the log is asked, unless a test says otherwise: long after everything.
pub(crate) const LATER: &str = "23:00";

/// A moment of the day on which everything happens.
pub(crate) fn at(time: &str) -> Result<Timestamp, jiff::Error> {
    format!("2026-11-22T{time}:00Z").parse()
}

/// `methods.required` fell from 2 to 1 between nine o'clock and twenty past.
pub(crate) fn case() -> Result<DriftedSetting, Box<dyn Error>> {
    of("methods.required", Value::Number(1))
}

/// A setting that changed to this value between nine o'clock and twenty past: a switch from the other one, a number from 2.
pub(crate) fn of(name: &str, found: Value) -> Result<DriftedSetting, Box<dyn Error>> {
    let setting = catalog::find(name).ok_or("no such setting")?;
    let window = Some(ChangeWindow::Between { after: at("09:00")?, by: at("09:20")? });
    let before = if let Value::Bool(on) = found { Value::Bool(!on) } else { Value::Number(2) };
    Ok(DriftedSetting { setting, surface: setting.surface, found, previous: Some(digest(&before)), window })
}

/// An event that changed these properties: those about switches from `true` to `false`, those about the number from 2 to 1,
/// and `Policy` in a way that the log does not say.
pub(crate) fn event(time: &str, who: &str, properties: &[&str]) -> Result<AuditEvent, jiff::Error> {
    let values = |number: &str, switch: &str| -> BTreeMap<String, String> {
        let value = |name: &str| {
            let counts = name.to_ascii_lowercase().starts_with("numberof") || name.contains('.');
            if counts { number.to_owned() } else { switch.to_owned() }
        };
        let said = properties.iter().filter(|name| **name != "Policy");
        said.map(|name| ((*name).to_owned(), value(name))).collect()
    };
    Ok(AuditEvent {
        id: format!("{time} {who}"),
        at: at(time)?,
        activity: "Update SSPR Settings".to_owned(),
        result: AuditResult::Success,
        actor: Some(person(who)),
        properties: properties.iter().map(|name| (*name).to_owned()).collect(),
        old_values: values("2", "true"),
        new_values: values("1", "false"),
        targets: Vec::new(),
    })
}

/// The same event with other values of every property.
pub(crate) fn with_values(event: AuditEvent, old: Option<&str>, new: Option<&str>) -> AuditEvent {
    let values = |value: Option<&str>| -> BTreeMap<String, String> {
        value
            .into_iter()
            .flat_map(|value| event.properties.iter().map(|name| (name.clone(), value.to_owned())))
            .collect()
    };
    AuditEvent { old_values: values(old), new_values: values(new), ..event }
}

pub(crate) fn person(who: &str) -> Actor {
    let (id, name) = (format!("id of {who}"), format!("{who}@contoso.com"));
    Actor { kind: ActorKind::User, id, principal: String::new(), name }
}

/// The log answers every question with those of these events that fit it.
pub(crate) fn log(case: &DriftedSetting, events: &[AuditEvent]) -> Answers {
    let trail = |query: &AuditQuery| AuditTrail {
        events: events.iter().filter(|event| event.activity.starts_with(query.activity)).cloned().collect(),
        whole: true,
    };
    queries(std::slice::from_ref(case)).into_iter().map(|query| (query.clone(), Ok(trail(&query)))).collect()
}

/// The answer to these events at a time, of a program that has written nothing.
pub(crate) fn judged_at(case: &DriftedSetting, answers: &Answers, now: Timestamp) -> Attribution {
    attribute(case, answers, &OwnWrites::default(), now)
}

pub(crate) fn judged(case: &DriftedSetting, events: &[AuditEvent]) -> Result<Attribution, jiff::Error> {
    Ok(judged_at(case, &log(case, events), at(LATER)?))
}

/// The name and the confidence, or the doubt.
pub(crate) fn author(
    case: &DriftedSetting,
    events: &[AuditEvent],
) -> Result<Result<(String, Confidence, usize), UnknownReason>, jiff::Error> {
    Ok(judged(case, events)?.author.map(|found| (name(&found.author), found.confidence(), found.events)))
}

pub(crate) fn name(author: &Author) -> String {
    match author {
        Author::Actor(actor) => actor.name.clone(),
        Author::Run { run, at: _ } => format!("run {run}"),
        Author::OwnApplication(actor) => format!("ssprctl as {}", actor.name),
    }
}

pub(crate) fn named(
    who: &str,
    confidence: Confidence,
    events: usize,
) -> Result<(String, Confidence, usize), UnknownReason> {
    Ok((format!("{who}@contoso.com"), confidence, events))
}

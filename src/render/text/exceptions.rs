//! Exceptions in words.

use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, HEADING, MUTED, paint};
use crate::review::exceptions::{Exception, ExceptionChange, ExceptionKind};

/// How many exceptions there are, and how many of them the base did not have; without a full stop. `None` for none.
#[must_use]
pub(crate) fn count(exceptions: &[Exception]) -> Option<String> {
    if exceptions.is_empty() {
        return None;
    }
    let new = exceptions.iter().filter(|exception| exception.is_new()).count();
    let compared = exceptions.iter().any(|exception| exception.change.is_some());
    let new = match new {
        0 if compared => ", none of them new or widened".to_owned(),
        0 => String::new(),
        new => format!(", {new} new or widened"),
    };
    Some(format!("{} in force{new}", exceptions.len()))
}

/// How an exception compares with the base, where it is not as it was there; raw text.
#[must_use]
pub(crate) fn mark(exception: &Exception) -> Option<String> {
    match (exception.change?, &exception.was) {
        (ExceptionChange::New, _) => Some("new".to_owned()),
        (ExceptionChange::Widened, None) => Some("widened".to_owned()),
        (ExceptionChange::Widened, Some(was)) => Some(format!("widened, was {was}")),
        (ExceptionChange::Unchanged, _) => None,
    }
}

/// What an exception does and, for one with a reason, why; without a full stop; raw text.
#[must_use]
pub(crate) fn says(exception: &Exception) -> String {
    match reason(exception) {
        None => effect(exception),
        Some(reason) => format!("{}: {reason}", effect(exception)),
    }
}

/// Why there is an exception, for a waiver and what `calendar` says; raw text.
#[must_use]
pub(crate) fn reason(exception: &Exception) -> Option<&str> {
    let waiver = exception.waiver.as_ref().map(|waiver| waiver.reason.as_str());
    waiver.or_else(|| exception.calendar.as_ref().map(|calendar| calendar.reason.as_str()))
}

/// What an exception does.
fn effect(exception: &Exception) -> String {
    let Exception { kind, name, place, value, percent, waiver, calendar, tenants, findings, change: _, was: _ } =
        exception;
    let findings = match findings {
        0 => String::new(),
        1 => " (1 finding)".to_owned(),
        many => format!(" ({many} findings)"),
    };
    let says = calendar.as_ref().map_or("", |calendar| calendar.says.as_str());
    let for_tenants = if *tenants > 1 { format!(" for {tenants} tenants") } else { String::new() };
    match (kind, waiver) {
        (ExceptionKind::RuleOff, _) => format!("the rule `{name}` is off{findings}"),
        (ExceptionKind::RuleLowered, _) => format!("the rule `{name}` is lowered to a warning{findings}"),
        (ExceptionKind::LimitRaised, _) => match value {
            Some(value) => format!("`{name}` is raised to {value}{}", if *percent { "%" } else { "" }),
            None => format!("`{name}` is removed"),
        },
        (ExceptionKind::ChangeAllowed, _) => {
            let by = if place.is_some() { "" } else { " by --allow" };
            format!("`{name}` is allowed{by}{findings}")
        }
        (ExceptionKind::Waiver, None) => format!("`{name}` is waived{findings}"),
        (ExceptionKind::Waiver, Some(waiver)) => {
            format!("`{name}` is waived{for_tenants} until {} by {}{findings}", waiver.expires, waiver.owner)
        }
        (ExceptionKind::DateMoved, _) => format!("the date of `{name}` is moved{for_tenants} to {says}"),
        (ExceptionKind::OwnProvider, _) => {
            format!("a telephony provider of the tenant's own sends{for_tenants} {says} (`{name}`)")
        }
    }
}

/// The exceptions for a terminal, a line for each with its place, and one for its reason; empty for none.
#[must_use]
pub(crate) fn block(exceptions: &[Exception]) -> String {
    let Some(count) = count(exceptions) else { return String::new() };
    let lines = exceptions.iter().map(|exception| {
        let mark = mark(exception).map(|mark| format!("{}: ", paint(DOUBT, &mark))).unwrap_or_default();
        let place = exception.place.as_ref().map(|place| paint(MUTED, &format!("  {}", safe(&place.to_string()))));
        let reason = reason(exception).map(|reason| format!("\n    reason: {}", safe(reason)));
        format!("  {mark}{}{}{}", safe(&effect(exception)), place.unwrap_or_default(), reason.unwrap_or_default())
    });
    let title = paint(HEADING, &format!("Exceptions: {count}"));
    [title].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

//! The checks of the dates of the service: those that lie ahead, those that the tenant does not heed, and what `ssprctl.yaml`
//! says about them.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::calendar::{CONNECT, CalendarEntry, LEGACY, REGISTERED_ONLY, SMS_SIGN_IN, SMS_VOICE};
use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::catalog::{methods, registration};
use crate::doctor::check::{Check, CheckState, Observations};
use crate::plan::actual;
use crate::plan::dates::{self, ComingDate, MethodsInEffect};
use crate::policy::document::Method;
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::facts::Migration;
use crate::tenant::surface::Surface;

const ABOUT: &str = "dates of the service";

/// All checks of this file.
pub(crate) fn checks(desired: &Desired, seen: &Observations, calendar: &TenantCalendar, today: Date) -> Vec<Check> {
    let document = |surface| seen.documents.get(&surface).and_then(|read| read.as_ref().ok());
    let (legacy, converged) = (document(Surface::PasswordReset), document(Surface::AuthenticationMethods));
    let live = legacy.zip(converged).and_then(|(legacy, converged)| actual::allowed_in(legacy, converged).ok());
    let live = live.map(|words| methods_of(&words)).unwrap_or_default();
    let wanted = match desired.setting(methods::ALLOWED.name).map(|setting| &setting.value) {
        Some(Value::Set(words)) => methods_of(words),
        _ => live.clone(),
    };
    let required = match desired.setting(methods::REQUIRED.name).map(|setting| &setting.value) {
        Some(Value::Number(required)) => Some(*required),
        _ => None,
    };
    let ahead = dates::coming(calendar, today, &MethodsInEffect { allowed: wanted, required });
    let ahead = ahead.iter().filter(|date| !date.takes.is_empty()).map(coming);
    let words = |entry: &CalendarEntry| format!("{}{}", calendar.date_words(entry), entry.confidence.words());
    let ended = dates::ended(calendar, today, &live).into_iter().map(|(method, entry)| {
        let says = format!("{} is on in the tenant, and ended on {}", method.word(), words(entry));
        Check::new(ABOUT, entry.id, CheckState::Warning, says).fix(entry.advice)
    });
    let ignored = ignored(seen, legacy, converged).into_iter().filter_map(|(id, says)| {
        let entry = calendar.in_force(id, today)?;
        Some(Check::new(ABOUT, id, CheckState::Warning, format!("{says} (since {})", words(entry))).fix(entry.advice))
    });
    let found: Vec<Check> = ahead.chain(ended).chain(ignored).chain(said(calendar)).collect();
    if found.is_empty() {
        return vec![Check::new(ABOUT, "ahead", CheckState::Good, "none takes a method that the policy relies on")];
    }
    found
}

fn methods_of(words: &BTreeSet<String>) -> BTreeSet<Method> {
    words.iter().filter_map(|word| Method::from_word(word).ok()).collect()
}

fn coming(date: &ComingDate) -> Check {
    let says = format!("{}{}: {}", date.date, date.entry.confidence.words(), date.says);
    Check::new(ABOUT, date.entry.id, CheckState::Warning, says).fix(date.entry.advice)
}

/// What the state of the tenant does not heed, by the id of the date since which that matters.
fn ignored(
    seen: &Observations,
    legacy: Option<&Document>,
    converged: Option<&Document>,
) -> Vec<(&'static str, &'static str)> {
    let required = legacy.and_then(|document| (registration::REQUIRED_AT_SIGN_IN.decode)(document).ok());
    let migration = converged.and_then(|document| authentication_methods::migration(document).ok());
    let texts = converged.and_then(authentication_methods::sms_sign_in);
    let synchronised = seen.synchronised.as_ref().and_then(|read| read.as_ref().ok().copied());
    let found = [
        (
            REGISTERED_ONLY,
            required == Some(Value::Bool(false)),
            "only registered methods count, and the tenant asks nobody to register at sign-in",
        ),
        (
            LEGACY,
            migration == Some(Migration::PreMigration),
            "the tenant has not migrated: what its legacy policy allows is unclear",
        ),
        (SMS_SIGN_IN, texts == Some(true), "a target of `Sms` still lets people sign in with a text message"),
        (
            CONNECT,
            synchronised == Some(true),
            "Entra Connect Sync below 2.5.79.0 no longer synchronises; look at the version on the server",
        ),
    ];
    found.into_iter().filter(|(_, holds, _)| *holds).map(|(id, _, says)| (id, says)).collect()
}

/// What `ssprctl.yaml` says about dates.
fn said(calendar: &TenantCalendar) -> Vec<Check> {
    let place = |place: Option<&Place>| {
        let line = place.map(|place| format!(", {}:{}", place.source.path, place.line_column().0));
        line.unwrap_or_default()
    };
    let moved = calendar.moved.iter().map(|(id, moved)| {
        let says = format!("moved to {}: {}{}", moved.date, moved.reason, place(moved.place.as_ref()));
        Check::new(ABOUT, id, CheckState::Good, says)
    });
    let provider = calendar.provider.iter().map(|provider| {
        let says =
            format!("a provider sends {}: {}{}", provider.words(), provider.reason, place(provider.place.as_ref()));
        Check::new(ABOUT, SMS_VOICE, CheckState::Good, says)
    });
    moved.chain(provider).collect()
}

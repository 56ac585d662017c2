//! Findings about methods that Microsoft ends, by the calendar: a warning before the day, and an error afterwards where the
//! methods that are left are too few.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar::{CalendarEffect, CalendarEntry, SMS_VOICE, SMS_VOICE_LATE};
use crate::catalog::methods;
use crate::catalog::tenant_calendar::ServedPeople;
use crate::policy::document::Method;
use crate::review::rule_context::RuleContext;

/// The methods that take the place of those that end.
const ADVISED: [Method; 2] = [Method::MobileAppCode, Method::Email];

/// The finding about the methods that an entry of the calendar ends; `None` if the policy lists none of them, or a telephony
/// provider of the tenant's own carries them all for everybody.
pub(crate) fn finding(subject: &RuleContext<'_>, entry: &'static str) -> Option<Finding> {
    let (today, calendar) = (subject.today()?, subject.calendar());
    let entry = calendar.entry(entry)?;
    let CalendarEffect::Ends(ending) = entry.effect else { return None };
    let (possible, certain) = calendar.dates(entry);
    let served = |method| calendar.served_with(method, possible.max(today));
    let mut listed = subject.allowed(ending);
    listed.retain(|(method, _)| served(*method) != ServedPeople::Everybody);
    let (_, first) = listed.first()?;
    let names: Vec<_> = listed.iter().map(|(method, _)| method.word()).collect();
    let allowed = subject.methods().unwrap_or_default();
    let left: BTreeSet<Method> = allowed.iter().copied().filter(|method| subject.works(*method)).collect();
    let missing = subject.number(methods::REQUIRED.name).filter(|required| (left.len() as u64) < u64::from(*required));
    let mut message = format!("methods.allowed has {}, {}", names.join(" and "), state(subject, entry, today));
    if listed.iter().any(|(method, _)| served(*method) == ServedPeople::Members) {
        message.push_str("; the tenant's own telephony provider serves the members of its groups alone");
    }
    let severity = match missing {
        Some(required) if today >= certain => {
            let left = match left.len() {
                0 => "none of the others is left".to_owned(),
                number => format!("only {number} of the others is left"),
            };
            message.push_str(&format!("; a reset takes {required}, and {left}"));
            Severity::Error
        }
        Some(_) | None => Severity::Warning,
    };
    let finding = Finding { severity, ..Finding::warning(entry.id, message) }
        .at((*first).clone(), "relied on by this policy")
        .hint(hint(subject, &allowed, &names));
    let finding = listed.iter().skip(1).fold(finding, |finding, (_, place)| finding.also((*place).clone(), "and this"));
    Some(with_place_of_date(subject, entry, finding))
}

/// A finding with the place that moved the date of an entry, where one did.
pub(crate) fn with_place_of_date(subject: &RuleContext<'_>, entry: &CalendarEntry, finding: Finding) -> Finding {
    match subject.calendar().moved(entry).and_then(|moved| moved.place.as_ref()) {
        Some(place) => finding.also(place.clone(), "moves the date"),
        None => finding,
    }
}

fn hint(subject: &RuleContext<'_>, allowed: &BTreeSet<Method>, names: &[&str]) -> String {
    match subject.addable(allowed, &ADVISED).as_slice() {
        [] => format!("remove {}, or waive the rule with a reason and an expiry", names.join(" and ")),
        add => format!("allow {}, or waive the rule with a reason and an expiry", add.join(" and ")),
    }
}

/// What holds on a day, as the end of a sentence about methods.
fn state(subject: &RuleContext<'_>, entry: &CalendarEntry, today: Date) -> String {
    let calendar = subject.calendar();
    let ((possible, certain), words) = (calendar.dates(entry), calendar.date_words(entry));
    if entry.id == SMS_VOICE_LATE {
        let (doubt, whom) = (entry.confidence.words(), "global administrators and external users");
        return match today < possible {
            true => format!("which Microsoft delivers to {whom} alone, until {words}{doubt}"),
            false => format!("which Microsoft stopped delivering to {whom}, too, on {words}{doubt}"),
        };
    }
    if entry.id != SMS_VOICE {
        let on = if possible == certain { "on" } else { "in" };
        return match () {
            () if today < possible => format!("which Microsoft ends {on} {words}"),
            () if today < certain => "which Microsoft ends this month".to_owned(),
            () => format!("which Microsoft ended {on} {words}"),
        };
    }
    let late = calendar.entry(SMS_VOICE_LATE);
    let late = late.filter(|late| calendar.dates(late).0 > possible);
    match late.map(|late| (calendar.dates(late).0, calendar.date_words(late), late.confidence.words())) {
        _ if today < possible => format!("which Microsoft stops delivering on {words}"),
        Some((until, date, doubt)) if today < until => format!(
            "which Microsoft stopped delivering on {words}; global administrators and external users have it until \
             {date}{doubt}"
        ),
        Some((_, date, doubt)) => format!("which Microsoft delivers to nobody since {date}{doubt}"),
        None => format!("which Microsoft delivers to nobody since {words}"),
    }
}

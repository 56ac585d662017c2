//! Findings about methods that Microsoft ends, by the calendar: a warning before the day, and an error afterwards where the
//! methods that are left are too few.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::catalog::calendar::{CALENDAR, CalendarEffect, CalendarEntry, SMS_VOICE, SMS_VOICE_LATE};
use crate::catalog::methods;
use crate::policy::document::Method;
use crate::review::rule_context::RuleContext;

/// The methods that take the place of those that end.
const ADVISED: [Method; 2] = [Method::MobileAppCode, Method::Email];

/// The finding about the methods that an entry of the calendar ends; `None` if the policy lists none of them.
pub(crate) fn finding(subject: &RuleContext<'_>, entry: &'static str) -> Option<Finding> {
    let today = subject.today()?;
    let entry = subject.calendar().entries().find(|known| known.id == entry)?;
    let CalendarEffect::Ends(ending) = entry.effect else { return None };
    let listed = subject.allowed(ending);
    let (_, first) = listed.first()?;
    let names: Vec<_> = listed.iter().map(|(method, _)| method.word()).collect();
    let allowed = subject.methods().unwrap_or_default();
    let left: BTreeSet<Method> = allowed.iter().copied().filter(|method| subject.works(*method)).collect();
    let missing = subject.number(methods::REQUIRED.name).filter(|required| (left.len() as u64) < u64::from(*required));
    let mut message = format!("methods.allowed has {}, {}", names.join(" and "), state(subject, entry, today));
    let ended = today >= subject.calendar().dates(entry).1;
    let severity = match missing {
        Some(required) if ended => {
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
    Some(listed.iter().skip(1).fold(finding, |finding, (_, place)| finding.also((*place).clone(), "and this")))
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
    let (possible, certain) = calendar.dates(entry);
    if entry.id != SMS_VOICE {
        return match () {
            () if today < possible => format!("which Microsoft ends in {}", possible.strftime("%B %Y")),
            () if today < certain => "which Microsoft ends this month".to_owned(),
            () => format!("which Microsoft ended in {}", possible.strftime("%B %Y")),
        };
    }
    let late = CALENDAR.iter().find(|known| known.id == SMS_VOICE_LATE).map_or(possible, |late| calendar.dates(late).0);
    match () {
        () if today < possible => format!("which Microsoft stops delivering on {possible}"),
        () if today < late => format!(
            "which Microsoft stopped delivering on {possible}; global administrators and external users have it until {late}"
        ),
        () => format!("which Microsoft delivers to nobody since {late}"),
    }
}

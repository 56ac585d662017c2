//! How many people are ready for a policy, and when a share of them is.

use crate::base::count::counted;
use crate::person::pace::{Pace, TenantReadiness};
use crate::person::readiness::ReadyCounts;

/// The line about the share of people who can reset with the policy; `None` where nobody is permitted to.
pub(crate) fn ready_line(readiness: &TenantReadiness) -> Option<String> {
    Some(format!("ready: {}; {}", share(readiness.counts)?, when(readiness)))
}

/// How many people can reset with the policy; `None` where nobody is permitted to.
pub(crate) fn share(counts: ReadyCounts) -> Option<String> {
    let tenths = counts.tenths()?;
    let unclear = match counts.unclear {
        0 => String::new(),
        1 => ", 1 more is unclear".to_owned(),
        many => format!(", {many} more are unclear"),
    };
    let share = format!("{}.{} %", tenths / 10, tenths % 10);
    let known = counted(counts.known(), "person", "people");
    Some(format!("{} of {known} can reset with the policy, {share}{unclear}", counts.able))
}

/// When the share is reached.
pub(crate) fn when(TenantReadiness { report: _, counts: _, threshold, pace, days: _ }: &TenantReadiness) -> String {
    match *pace {
        Pace::Reached => format!("{threshold} % are reached"),
        Pace::NotKnown => format!("too many are unclear to say when {threshold} % are reached"),
        Pace::TooFew(days) => format!(
            "too few days are counted to say when {threshold} % are reached: {days}, and it takes five over a week or more"
        ),
        Pace::NotGrowing(week) => {
            format!("{threshold} % are not in sight, as the share does not grow for certain: {}", pace_words(week))
        }
        Pace::TooFar(week) => format!("{threshold} % are more than a year away, {}", pace_words(week)),
        Pace::About { week, at, from, to: Some(to) } => {
            format!("{threshold} % about {at} (between {from} and {to}), {}", pace_words(week))
        }
        Pace::About { week, at, from, to: None } => {
            format!("{threshold} % about {at} (not before {from}, and perhaps much later), {}", pace_words(week))
        }
    }
}

fn pace_words(week: f64) -> String {
    // A change that rounds to none has no sign.
    let week = if week.abs() < 0.05 { 0.0 } else { week };
    format!("{week:+.1} points a week")
}

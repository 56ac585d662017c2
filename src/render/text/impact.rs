//! The people whom a plan affects, in words.

use std::collections::BTreeMap;

use crate::person::answer::AnswerReason;
use crate::render::text::error::error_line;
use crate::render::text::forecast::judged_by;
use crate::render::text::reports::by_report;
use crate::review::impact::{Impact, ImpactResult};
use crate::review::losing::{by_size, words};
use crate::tenant::facts::{SynchronisedPeople, UnreadFact};

/// A title and the lines below it, not escaped; `None` when the forecast was not requested.
pub(crate) fn lines(people: Option<&ImpactResult>) -> Option<(String, Vec<String>)> {
    let title = "people".to_owned();
    Some(match people? {
        ImpactResult::Unaffected => {
            (title, vec!["nobody: the plan changes neither who may reset nor with what".to_owned()])
        }
        ImpactResult::Unknown(why) => {
            let hint = why.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            (title, vec![format!("unknown: {}{hint}", error_line(why))])
        }
        ImpactResult::Counted(impact) => {
            (format!("people, by the {}{}", by_report(impact.refreshed), judged_by(&impact.forecast)), rows(impact))
        }
    })
}

fn rows(impact: &Impact) -> Vec<String> {
    let Impact {
        people,
        now,
        then,
        gain,
        lose,
        short,
        unregistered,
        unclear,
        at_risk,
        reasons,
        administrators_lose,
        administrators_enabled,
        administrators_unclear,
        administrators_reasons,
        synchronised,
        external,
        refreshed: _,
        at,
        by_date_alone,
        unread,
        losses,
        forecast: _,
        grouped: _,
    } = impact;
    let once = match at {
        None => "once applied".to_owned(),
        Some(at) if *by_date_alone => format!("on {at}, with the policies as they are"),
        Some(at) => format!("once applied, on {at}"),
    };
    let mut rows =
        vec![format!("of {people} people, {now} can reset now and {then} {once}: {gain} gain it, {lose} lose it")];
    let lost = by_size(&losses.reasons).into_iter();
    rows.extend(lost.map(|(reason, many)| format!("  {many} lose it because {}", words(reason))));
    let counts = [
        (short, "may reset then, and have registered too few methods"),
        (unregistered, "may reset then, and have registered no method that counts"),
        (unclear, "unclear: whether they can reset, now or then, is not known"),
        (at_risk, "of these can reset now, and may lose it"),
    ];
    let of = |(many, says): (&u64, &str)| (*many > 0).then(|| format!("{many} {says}"));
    rows.extend(counts.into_iter().filter_map(of));
    rows.extend(because(reasons));
    rows.extend(unread.iter().map(|UnreadFact { what, why }| format!("  not read: {what}: {}", error_line(why))));
    let SynchronisedPeople { people: _, cannot, unclear: _, why } = synchronised;
    rows.extend((*cannot > 0).then(|| format!("{cannot} are in scope and cannot reset then: {why}")));
    let administrators = [
        (administrators_lose, "administrators can reset now, and cannot then"),
        (administrators_enabled, "administrators may reset then, if they have registered enough methods"),
        (administrators_unclear, "administrators are unclear"),
    ];
    rows.extend(administrators.into_iter().filter_map(of));
    rows.extend(because(administrators_reasons));
    rows.extend(of((external, "more whose account is in another tenant, which decides about them")));
    rows
}

/// The reasons why people are unclear, the most frequent first.
fn because(reasons: &BTreeMap<AnswerReason, u64>) -> Vec<String> {
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(reason, many)| (std::cmp::Reverse(**many), **reason));
    reasons.into_iter().map(|(reason, many)| format!("  {many} because {}", reason.words())).collect()
}

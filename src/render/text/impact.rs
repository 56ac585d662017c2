//! The people whom a plan affects, in words.

use crate::render::text::error::error_line;
use crate::render::text::reports::by_report;
use crate::review::approve::ImpactResult;
use crate::review::impact::Impact;

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
        ImpactResult::Counted(impact) => (format!("people, by the {}", by_report(impact.refreshed)), rows(impact)),
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
        administrators_lose,
        administrators_enabled,
        refreshed: _,
    } = *impact;
    let mut rows = vec![format!(
        "of {people} people, {now} can reset now and {then} once applied: {gain} gain it, {lose} lose it"
    )];
    let counts = [
        (short, "may reset once applied, and have registered too few methods"),
        (unregistered, "may reset once applied, and have registered no method that counts"),
        (unclear, "unclear: the report does not say which of their methods count"),
        (administrators_lose, "administrators can reset now, and cannot once applied"),
        (administrators_enabled, "administrators may reset once applied, if they have registered two methods"),
    ];
    rows.extend(counts.into_iter().filter(|(many, _)| *many > 0).map(|(many, says)| format!("{many} {says}")));
    rows
}

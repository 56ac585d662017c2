//! What `--format github` prints: workflow commands that GitHub turns into annotations on the lines of a pull request, and the
//! summary as plain text.
//!
//! A workflow runner reads every line of a step. Nothing that came from a file or a tenant may become a command of its own, so
//! each command is one line, its text is escaped, and no other line holds text of others.

use std::collections::BTreeMap;

use crate::base::finding::Severity;
use crate::base::source::Place;
use crate::engine::result::{DriftResult, TenantResult, ValidationReport};
use crate::render::codes::DRIFT;
use crate::render::diagnostics::{
    Diagnostic, Diagnostics, ExceptionNote, ReadFailure, from_repository, of_drift, of_plans, of_validation,
};
use crate::render::terminal::validate;
use crate::render::text::safe::safe;
use crate::render::text::summary_lines::{drift_line, plan_line};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;

/// Most characters of one message. More than that is no text but a flood.
const LONGEST: usize = 2_000;
/// The most tenants that one annotation names.
const NAMED: usize = 3;

/// The annotations of `validate`. `start_folder` is where the run started, seen from the repository's own folder.
#[must_use]
pub fn validate(report: &ValidationReport<'_>, start_folder: &str) -> String {
    lines(&of_validation(report), start_folder, &validate::line(report))
}

/// The annotations of `plan`: findings about the plans, and the exceptions that they were reviewed with.
#[must_use]
pub fn plan(tenants: &[TenantResult<Review>], exceptions: &[Exception], start_folder: &str) -> String {
    lines(&of_plans(tenants, exceptions), start_folder, &plan_line(tenants))
}

/// The annotations of `drift`: settings that are not as the policies say.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>], start_folder: &str) -> String {
    lines(&of_drift(tenants), start_folder, &drift_line(tenants))
}

fn lines(diagnostics: &Diagnostics, start_folder: &str, summary: &str) -> String {
    let items = diagnostics.items.iter().filter(|item| item.suppression.is_none());
    let items = items.map(|item| {
        let of_drift = (item.code == DRIFT.code).then(|| item.about.rsplit_once('\n')).flatten();
        let tenant = of_drift.map(|(tenant, _)| tenant);
        (tenant, item.at.as_ref().map(|label| &label.place), annotation(item, start_folder))
    });
    let failures = diagnostics.failures.iter().map(|failure| complaint(failure, start_folder));
    let exceptions = diagnostics.exceptions.iter().map(|note| notice(note, start_folder));
    let pending = diagnostics.pending.iter().map(|note| {
        let line = command("notice", Some(&note.at), start_folder, "pending", &safe(&note.message));
        (Some(note.tenant.as_str()), Some(&note.at), line)
    });
    let lines = joined(items).into_iter().chain(failures).chain(joined(pending)).chain(exceptions);
    let lines: String = lines.map(|line| line + "\n").collect();
    format!("{lines}{summary}\n")
}

/// The lines, of which those that say the same of several tenants about one place are one: GitHub shows ten annotations of a
/// level in a step.
fn joined<'a>(lines: impl Iterator<Item = (Option<&'a str>, Option<&'a Place>, String)>) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (tenant, place, line) in lines {
        let tenant = tenant.map(|tenant| data(&safe(tenant)));
        // The text has no control character of its own.
        let same = match &tenant {
            Some(tenant) => line.replacen(&format!(" of {tenant} is "), " of \0 is ", 1),
            None => line,
        };
        let spot = place.map(|place| format!("{}\0{}", place.source.path, place.span.start)).unwrap_or_default();
        let at = *known.entry(format!("{spot}\0{same}")).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, tenants)) => tenants.extend(tenant),
            None => groups.push((same, tenant.into_iter().collect())),
        }
    }
    let line = |(same, tenants): (String, Vec<String>)| {
        let named = tenants.get(..NAMED).unwrap_or(&tenants).join(", ");
        let more = tenants.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        same.replacen('\0', &format!("{named}{more}"), 1)
    };
    groups.into_iter().map(line).collect()
}

fn annotation(item: &Diagnostic, start_folder: &str) -> String {
    let place = item.at.as_ref().map(|label| &label.place);
    command(item.severity.name(), place, start_folder, item.code, &with_hint(&item.message, item.hint.as_deref()))
}

fn complaint(failure: &ReadFailure, start_folder: &str) -> String {
    let message = with_hint(&failure.message, failure.hint.as_deref());
    command(Severity::Error.name(), failure.at.as_ref(), start_folder, "ssprctl", &message)
}

/// What a pull request brings is a warning; what was there before it is worth a notice.
fn notice(note: &ExceptionNote, start_folder: &str) -> String {
    let level = if note.is_new { Severity::Warning.name() } else { "notice" };
    command(level, note.at.as_ref(), start_folder, "exception", &safe(&note.message))
}

fn with_hint(message: &str, hint: Option<&str>) -> String {
    match hint {
        Some(hint) => format!("{}\n{}", safe(message), format_args!("hint: {}", safe(hint))),
        None => safe(message).into_owned(),
    }
}

fn command(level: &str, place: Option<&Place>, start_folder: &str, title: &str, message: &str) -> String {
    let mut properties: Vec<String> = Vec::new();
    let file = place.and_then(|place| Some((place, from_repository(start_folder, &place.source.path)?)));
    if let Some((place, file)) = file {
        properties.push(format!("file={}", property(&file)));
        if !place.source.text.is_empty() {
            let ((line, column), (end_line, end_column)) = (place.line_column(), place.end_line_column());
            properties.push(format!("line={line},endLine={end_line}"));
            // GitHub takes columns only within one line, and its last column is one that belongs to the place.
            if line == end_line {
                properties.push(format!("col={column},endColumn={}", end_column.saturating_sub(1).max(column)));
            }
        }
    }
    properties.push(format!("title={}", property(title)));
    let message: String = message.chars().take(LONGEST).collect();
    format!("::{level} {}::{}", properties.join(","), data(&message))
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, on one line.
fn property(text: &str) -> String {
    data(&safe(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, joined, property};

    #[test]
    fn what_is_said_of_several_tenants_is_one_line() {
        let line = |tenant| (Some(tenant), None, format!("::notice title=a::x.y of {tenant} is pending"));
        let other = (None, None, "other".to_owned());
        let lines = ["a.com", "b.com", "c.com", "d.com", "e.com"].into_iter().map(line).chain([other]);
        let expected = ["::notice title=a::x.y of a.com, b.com, c.com and 2 more is pending", "other"];
        assert_eq!(joined(lines), expected);
        assert_eq!(joined(["a.com"].into_iter().map(line)), ["::notice title=a::x.y of a.com is pending"]);
    }

    #[test]
    fn text_is_escaped_as_runners_undo_it() {
        assert_eq!(data("50% a\r\n::stop-commands::x"), "50%25 a%0D%0A::stop-commands::x");
        assert_eq!(property("a,b:c%2C\n"), "a%2Cb%3Ac%252C␊");
    }
}

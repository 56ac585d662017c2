//! One person's answer, step by step, for a person at a terminal.

use crate::engine::why::{PersonReport, PolicyAnswer};
use crate::person::allowed::Allowed;
use crate::person::answer::{Answer, AnswerReason};
use crate::person::explanation::Explanation;
use crate::person::roles::HeldPolicy;
use crate::render::text::error::error_line;
use crate::render::text::person::{
    action, answer, app_note, coming, counts, held, method, other_method, refused, sources, step, step_words, word,
};
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, DOUBT, GOOD, HEADING, MUTED, paint};
use crate::render::text::summary_lines::count;
use crate::tenant::facts::UnreadFact;

/// The width of the column with the name of a step.
const STEP_WIDTH: usize = 10;
/// The width of the column with the name of a method.
const METHOD_WIDTH: usize = 28;

/// For a person at a terminal.
#[must_use]
pub(crate) fn terminal(report: &PersonReport) -> String {
    let heading = paint(HEADING, &safe(&report.account.name));
    let ids = format!("{} in {}", report.account.id, safe(&report.tenant.to_string()));
    let mut lines = vec![format!("{heading}  {}", paint(MUTED, &ids))];
    lines.extend(answer_lines(report, "as the tenant is", &report.live));
    match &report.proposed {
        None => {}
        Some((path, Some(Ok(proposed)))) => {
            lines.extend(refused_plan(report));
            lines.extend(answer_lines(report, &format!("with {path}"), proposed));
            lines.extend(side_by_side(&report.live.explanation, &proposed.explanation));
        }
        Some((path, None)) => {
            lines.extend(refused_plan(report));
            let why = "it names something that the tenant does not have";
            lines.push(format!("\nwith {}: no answer: {why}", safe(path)));
        }
        Some((path, Some(Err(why)))) => {
            lines.push(format!("\nwith {}: unknown: {}", safe(path), safe(&error_line(why))))
        }
    }
    if !report.refused.is_empty() {
        lines.push(format!("\n{}", paint(HEADING, "refused resets of the last 30 days")));
        lines.extend(
            report
                .refused
                .iter()
                .map(|reset| format!("  {}  {}", reset.at.strftime("%Y-%m-%d %H:%M UTC"), safe(&refused(reset)))),
        );
    }
    if !report.unread.is_empty() {
        lines.push(format!("\n{}", paint(HEADING, "not read")));
        for UnreadFact { what, why } in &report.unread {
            lines.push(format!("  {what}: {}", safe(&error_line(why))));
            lines.extend(why.hint.iter().map(|hint| format!("    hint: {}", safe(hint))));
        }
        let sources = count(report.unread.len(), "source");
        lines.push(format!("\n{}", paint(HEADING, &format!("Answered; {sources} could not be read."))));
    }
    format!("{}\n", lines.join("\n"))
}

/// That the plan of the policy is refused, and by which findings; nothing where it is not.
fn refused_plan(report: &PersonReport) -> Option<String> {
    let codes = report.refusal.iter().copied().collect::<Vec<_>>().join(", ");
    let (path, _) = report.proposed.as_ref().filter(|_| !codes.is_empty())?;
    let refused = paint(BAD, &format!("The plan of the policy is refused: {codes}"));
    Some(format!("\n{refused}\n  `ssprctl plan {}` shows each with what to do about it", safe(path)))
}

/// The sign of an answer.
fn sign(answer: &Answer) -> String {
    match answer.known() {
        Some(true) => paint(GOOD, "✓"),
        Some(false) => paint(BAD, "✗"),
        None => paint(DOUBT, "?"),
    }
}

/// The two answers in columns next to each other.
fn side_by_side(live: &Explanation, proposed: &Explanation) -> Vec<String> {
    let row = |name: &str, live: &str, proposed: &str| format!("  {name:STEP_WIDTH$}  {live}  {proposed}");
    let mut lines = vec![format!("\n{}", paint(HEADING, &row("", "as it is ", "proposed")))];
    lines.extend(
        live.steps.iter().zip(&proposed.steps).map(|((asked, live), (_, proposed))| {
            row(step(*asked), &format!("{}        ", sign(live)), &sign(proposed))
        }),
    );
    lines.push(row("answer", &format!("{:9}", word(&live.answer)), word(&proposed.answer)));
    lines
}

fn answer_lines(report: &PersonReport, title: &str, by: &PolicyAnswer) -> Vec<String> {
    let explained = &by.explanation;
    let mut lines = vec![format!("\n{}", paint(HEADING, &safe(title)))];
    let mark = |decides| if decides { paint(HEADING, "  ← decides") } else { String::new() };
    let deciding = explained.deciding();
    let open = explained.held == HeldPolicy::NotKnown && deciding.is_none() && explained.answer != Answer::Yes;
    let policy = safe(&held(report, by)).into_owned();
    let sign_of_policy = if explained.held == HeldPolicy::NotKnown { paint(DOUBT, "?") } else { " ".to_owned() };
    lines.push(format!("  {sign_of_policy} {:STEP_WIDTH$}{policy}{}", "policy", mark(open)));
    for row in &explained.steps {
        let decides = mark(deciding == Some(row.0));
        let words = step_words(report, by, row);
        lines.push(format!("  {} {:STEP_WIDTH$}{}{decides}", sign(&row.1), step(row.0), safe(&words)));
    }
    lines.extend(method_lines(report, by));
    let when = match (explained.at == report.today, report.past) {
        (true, false) => "Now".to_owned(),
        (true, true) => format!("On {}, as read now", explained.at),
        (false, _) => format!("On {}", explained.at),
    };
    lines.push(format!("  {when}: {}", answer(report, &explained.answer)));
    lines.extend(explained.coming.iter().map(|one| format!("  {}", coming(report, one))));
    if explained.coming.is_empty() {
        let unexplained = AnswerReason::ReportDisagrees;
        lines.push(match explained.answer.open_reasons().any(|reason| reason == unexplained) {
            true => "  What a later date of the calendar changes is not known".to_owned(),
            false => "  No later date of the calendar changes that".to_owned(),
        });
    }
    lines.push(format!("  {} {}", paint(HEADING, "Do now:"), safe(&action(report, &explained.action))));
    lines
}

fn method_lines(report: &PersonReport, by: &PolicyAnswer) -> Vec<String> {
    let row = |name: &str, words: String| format!("      {:METHOD_WIDTH$}{}", safe(name), safe(&words));
    let (mut lines, mut not_allowed) = (Vec::new(), Vec::new());
    let known = report.registered.is_some();
    let registered = if known { "not registered" } else { "not known whether registered" };
    for state in &by.explanation.methods {
        let because = || sources(report, state);
        match (state.registered, state.counts()) {
            (Some(true), _) => {
                lines.push(row(method(state.kind), format!("registered, {}: {}", counts(state), because())))
            }
            (_, Allowed::Yes) => {
                lines.push(row(method(state.kind), format!("{registered}; would count: {}", because())))
            }
            (_, Allowed::Unclear(_)) => {
                lines.push(row(method(state.kind), format!("{registered}; may count: {}", because())))
            }
            (_, Allowed::No | Allowed::Ended) => not_allowed.push(method(state.kind)),
        }
    }
    let others = report.registered.iter().flatten();
    lines.extend(others.filter_map(|name| Some(row(name, format!("registered, {}", other_method(name)?)))));
    if !not_allowed.is_empty() {
        let what = if known { "neither registered nor allowed" } else { "not allowed, registered or not" };
        lines.push(format!("      {what}: {}", not_allowed.join(", ")));
    }
    lines.extend(app_note(&by.explanation).map(|note| format!("      {note}")));
    lines
}

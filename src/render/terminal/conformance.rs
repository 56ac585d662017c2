//! What `conformance` found, for a person at a terminal.

use crate::conformance::judge::JudgedAssumption;
use crate::conformance::shape::FoundShape;
use crate::conformance::state::AssumptionState;
use crate::engine::conformance::ConformanceResult;
use crate::engine::trial_run::{LeftOver, TrialSummary};
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, GOOD, HEADING, MUTED, paint};

/// The width of the column with the names of assumptions, in characters.
const ID_WIDTH: usize = 32;

/// A line for each assumption, what is otherwise below the broken ones, and a line that sums them up.
#[must_use]
pub(crate) fn terminal(result: &ConformanceResult) -> String {
    let ConformanceResult { judged, writes } = result;
    let mut lines: Vec<String> = judged.iter().map(line).collect();
    let count = |wanted: fn(&AssumptionState) -> bool| judged.iter().filter(|one| wanted(&one.state)).count();
    let broken = count(|state| matches!(state, AssumptionState::Broken));
    let holds = count(|state| matches!(state, AssumptionState::Holds));
    let rest = judged.len().saturating_sub(broken + holds);
    lines.push(paint(HEADING, &format!("\nConformance: {holds} hold, {broken} broken, {rest} not seen.\n")));
    lines.join("\n") + &writes.as_ref().map(restored).unwrap_or_default()
}

/// A line for each document and object that could not be put back, and one that says whether everything is as it was.
fn restored(writes: &TrialSummary) -> String {
    let TrialSummary { sent, left, journal } = writes;
    if left.is_empty() {
        return paint(HEADING, &format!("Writes: {sent} sent, everything is as it was.\n"));
    }
    let lines = left.iter().map(|LeftOver { surface, what }| {
        let name = surface.name();
        let what = if what.is_empty() { "it cannot be read".to_owned() } else { what.join(", ") };
        format!("  {}{name}: {}\n", paint(BAD, "left      "), safe(&what))
    });
    let named = left.iter().map(|left| left.surface.name()).collect::<Vec<_>>().join(", ");
    let end = format!("Writes: {sent} sent, NOT put back: {named}; as it was: {journal}\n");
    format!("\n{}\n{}", lines.collect::<String>(), paint(BAD, &end))
}

fn line(one: &JudgedAssumption) -> String {
    let JudgedAssumption { id, state, .. } = one;
    match state {
        AssumptionState::Holds => format!("  {}{id}", paint(GOOD, "holds     ")),
        AssumptionState::NotSeen(reason) => format!("  {}{id:ID_WIDTH$} {reason}", paint(MUTED, "not seen  ")),
        AssumptionState::Broken => {
            let wrong = one.found.iter().filter(|found| !found.wrong.is_empty());
            let wrong = wrong.map(|FoundShape { path, wrong, .. }| {
                format!("\n            {path}: {}", wrong.iter().copied().collect::<Vec<_>>().join(", "))
            });
            let status = one.status.map(|status| format!(", HTTP {status}")).unwrap_or_default();
            let evidence = one.evidence.word();
            format!("  {}{id:ID_WIDTH$} {evidence}{status}{}", paint(BAD, "broken    "), wrong.collect::<String>())
        }
    }
}

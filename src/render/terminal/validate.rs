//! What `validate` found.

use rayon::prelude::*;

use crate::base::finding::Severity;
use crate::engine::result::ValidationReport;
use crate::render::text::exceptions;
use crate::render::text::findings;
use crate::render::text::safe::safe;
use crate::render::text::shared_findings::{ShownFinding, shown};
use crate::render::text::style::{HEADING, MUTED, paint};
use crate::render::text::summary_lines::count;

/// For a person at a terminal.
#[must_use]
pub fn terminal(checked: &ValidationReport<'_>) -> String {
    let texts: Vec<_> = shown(checked, |name| safe(name).into_owned())
        .par_iter()
        .map(|ShownFinding { finding, policies }| {
            let policies = policies.as_ref().map(|words| format!("{}\n", paint(MUTED, words)));
            findings::one(finding, true) + &policies.unwrap_or_default()
        })
        .collect();
    let text = texts.join("\n");
    let gap = if text.is_empty() { "" } else { "\n" };
    let exceptions = exceptions::block(checked.exceptions);
    let exceptions = if exceptions.is_empty() { exceptions } else { format!("{exceptions}\n\n") };
    format!("{text}{gap}{exceptions}{}\n", paint(HEADING, &line(checked)))
}

/// The line that sums up what was checked.
#[must_use]
pub(crate) fn line(checked: &ValidationReport<'_>) -> String {
    let ValidationReport {
        findings,
        waived,
        silenced: _,
        exceptions: _,
        policies: _,
        shared: _,
        full: _,
        files,
        tenants,
    } = checked;
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let (warnings, files) = (count(findings.len() - errors, "warning"), count(*files, "file"));
    let waived = if waived.is_empty() { String::new() } else { format!(", {} waived", waived.len()) };
    if errors > 0 {
        format!("Invalid: {}, {warnings}{waived} in {files}.", count(errors, "error"))
    } else {
        format!("Valid: {} in {files}, {warnings}{waived}.", count(*tenants, "tenant"))
    }
}

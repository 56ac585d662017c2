//! What `test` found, for a person at a terminal: as test runners print it.

use crate::engine::policy_test::TestReport;
use crate::engine::policy_test::case::TestCase;
use crate::render::text::findings;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, GOOD, HEADING, paint};
use crate::render::text::summary_lines::count;

/// A line for each case, the failures with their places, and a line that sums them up.
#[must_use]
pub(crate) fn terminal(report: &TestReport) -> String {
    let mut text = String::new();
    let (mut failures, mut tenants) = (Vec::new(), Vec::new());
    for file in &report.files {
        text.push_str(&format!("{}\n", paint(HEADING, &safe(&file.path))));
        tenants.clear();
        tenants.extend(file.cases.iter().map(|case| case.tenant.as_str()));
        tenants.dedup();
        for case in &file.cases {
            let name = name(case, tenants.len() > 1);
            text.push_str(&match &case.failure {
                None => format!("  {}      {}\n", paint(GOOD, "ok"), safe(&name)),
                Some(_) => format!("  {}  {}\n", paint(BAD, "FAILED"), safe(&name)),
            });
            failures.extend(case.failure.clone());
        }
        text.push('\n');
    }
    if !failures.is_empty() {
        text.push_str(&format!("{}\n", findings::findings(&failures, true)));
    }
    text.push_str(&format!("{}\n", paint(HEADING, &summary(report))));
    text
}

/// The name of a case, with the tenant where the file is about several.
#[must_use]
pub(crate) fn name(case: &TestCase, with_tenant: bool) -> String {
    if with_tenant { format!("{}: {}", case.tenant, case.name) } else { case.name.clone() }
}

/// The line that sums up the tests.
#[must_use]
pub(crate) fn summary(report: &TestReport) -> String {
    let (cases, failed) = (report.cases().count(), report.failed());
    format!("Tests: {} passed, {failed} failed, in {}.", cases - failed, count(report.files.len(), "file"))
}

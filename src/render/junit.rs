//! The result of `test` as JUnit XML, which GitHub's actions, GitLab and Azure Pipelines read: a suite for each file, a case
//! for each expectation.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::base::finding::Finding;
use crate::engine::policy_test::{TestReport, TestedFile};
use crate::render::terminal::test::name;
use crate::render::text::findings;
use crate::render::text::safe::safe;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// The document of a run.
#[must_use]
pub(crate) fn test(report: &TestReport) -> String {
    let mut text = format!(
        "{DECLARATION}<testsuites name=\"ssprctl test\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
        report.cases().count(),
        report.failed()
    );
    report.files.iter().for_each(|file| suite(&mut text, file));
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, TestedFile { path, cases }: &TestedFile) {
    let failed = cases.iter().filter(|case| case.failure.is_some()).count();
    let several = cases.iter().any(|case| cases.first().is_some_and(|first| first.tenant != case.tenant));
    let path = escaped(path);
    let _ = writeln!(
        text,
        "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\">",
        cases.len()
    );
    for case in cases {
        let name = name(case, several);
        let _ = write!(text, "    <testcase classname=\"{path}\" name=\"{}\"", escaped(&name));
        let _ = match &case.failure {
            None => writeln!(text, "/>"),
            Some(failure) => {
                let _ = write!(text, ">\n      <failure ");
                problem(text, failure);
                writeln!(text, "</failure>\n    </testcase>")
            }
        };
    }
    text.push_str("  </testsuite>\n");
}

/// The document of a run that ran no test, because files are invalid: an error for each problem.
#[must_use]
pub(crate) fn invalid(found: &[Finding]) -> String {
    let many = found.len();
    let mut text = format!(
        "{DECLARATION}<testsuites name=\"ssprctl test\" tests=\"{many}\" failures=\"0\" errors=\"{many}\">\n  \
         <testsuite name=\"ssprctl test\" tests=\"{many}\" failures=\"0\" errors=\"{many}\" skipped=\"0\">\n"
    );
    for finding in found {
        let path = finding.at.as_ref().map_or("", |label| &label.place.source.path);
        let _ = write!(text, "    <testcase classname=\"{}\" name=\"{}\">\n      <error ", escaped(path), finding.code);
        problem(&mut text, finding);
        text.push_str("</error>\n    </testcase>\n");
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// The attributes of a failure or an error, and its text.
fn problem(text: &mut String, finding: &Finding) {
    let (message, whole) = (escaped(&finding.message), findings::one(finding, false));
    let whole = whole.lines().map(escaped).collect::<Vec<_>>().join("\n");
    let _ = writeln!(text, "type=\"{}\" message=\"{message}\">{whole}", finding.code);
}

/// A text for an attribute or an element. Control characters, of which XML permits almost none, become their pictures.
fn escaped(text: &str) -> Cow<'_, str> {
    let text = safe(text);
    if !text.contains(['&', '<', '>', '"', '\u{fffe}', '\u{ffff}']) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped.into()
}

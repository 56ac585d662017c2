//! What `validate` found.

use crate::engine::result::ValidationReport;
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::escape::code;
use crate::render::markdown::exceptions;
use crate::render::markdown::lists::{finding, finding_in_short};
use crate::render::terminal::validate::line;
use crate::render::text::shared_findings::{ShownFinding, shown};

/// What is wrong with the policies, in the comment of the command that loaded them.
#[must_use]
pub fn validate(report: &ValidationReport<'_>, command: &'static str) -> String {
    let part = |ShownFinding { finding: one, policies }: ShownFinding| match policies {
        None => CommentPart { full: finding(&one), short: finding_in_short(&one) },
        Some(words) => CommentPart {
            full: format!("{}\n  - {words}", finding(&one)),
            short: format!("{} {words}", finding_in_short(&one)),
        },
    };
    Comment {
        command,
        summary: [format!("**{}**", line(report))].into_iter().chain(exceptions::summary(report.exceptions)).collect(),
        parts: exceptions::part(report.exceptions)
            .into_iter()
            .chain(shown(report, code).into_iter().map(part))
            .collect(),
        footer: String::new(),
    }
    .text()
}

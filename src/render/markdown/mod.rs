//! What `--format markdown` prints: a comment for a pull request or an issue. Its first line is a marker, so that a workflow
//! can find the comment and edit it in place; the same result gives the same text; it never exceeds what hosts take.
//!
//! Text from files and tenants goes through `escape`, whose functions say where each may be used.

mod advice;
mod apply;
mod comment;
mod common_drift;
mod diff;
mod doctor;
mod drift;
pub(crate) mod escape;
mod exceptions;
mod fleet;
mod forecast;
mod lists;
mod plan;
mod show;
mod tenants;
mod validate;

pub(crate) use advice::advice;
pub use apply::apply;
pub(crate) use common_drift::drift_issues;
pub(crate) use doctor::doctor;
pub use drift::drift;
pub(crate) use forecast::forecast;
pub use plan::plan;
pub use show::show;
pub use validate::validate;

use crate::render::text::embedded::{EMBEDDED, with_sandbox};

/// A comment of a run against embedded tenants: it says so below its heading, and its hints lead to them. What is added fits
/// below what hosts take, as [`comment::LIMIT`] leaves room.
#[must_use]
pub(crate) fn embedded(comment: &str) -> String {
    let comment = with_sandbox(comment);
    let heading = comment.split_inclusive('\n').position(|line| line.starts_with('#'));
    let (begin, line) = match heading {
        Some(heading) => (heading + 1, format!("\n**Made with `--sandbox`: {EMBEDDED}.**\n")),
        None if comment.is_empty() => return String::new(),
        None => (0, format!("**Made with `--sandbox`: {EMBEDDED}.**\n\n")),
    };
    let (before, after): (Vec<_>, Vec<_>) = comment.split_inclusive('\n').enumerate().partition(|(at, _)| *at < begin);
    before
        .into_iter()
        .map(|(_, text)| text)
        .chain([line.as_str()])
        .chain(after.into_iter().map(|(_, text)| text))
        .collect()
}

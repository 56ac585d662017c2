//! What `validate` found.

use crate::base::finding::{Finding, Severity};
use crate::render::findings;
use crate::render::style::{HEADING, paint};

/// For a person at a terminal.
#[must_use]
pub fn terminal(list: &[Finding], files: usize, tenants: usize) -> String {
    let told = findings::findings(list, true);
    let gap = if told.is_empty() { "" } else { "\n" };
    format!("{told}{gap}{}\n", paint(HEADING, &line(list, files, tenants)))
}

/// The summary line.
#[must_use]
pub fn line(list: &[Finding], files: usize, tenants: usize) -> String {
    let errors = list.iter().filter(|finding| finding.severity == Severity::Error).count();
    let warnings = list.len() - errors;
    if errors > 0 {
        format!("Invalid: {errors} errors, {warnings} warnings in {files} files.")
    } else {
        format!("Valid: {tenants} tenants in {files} files, {warnings} warnings.")
    }
}

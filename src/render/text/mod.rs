//! Wording that several outputs share: values, findings, errors and the lines that sum a run up.

pub(crate) mod advice;
pub(crate) mod attribution;
pub(crate) mod capital;
pub(crate) mod dates;
pub(crate) mod effects;
pub(crate) mod embedded;
pub(crate) mod error;
pub(crate) mod exceptions;
pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod fleet;
pub(crate) mod forecast;
pub(crate) mod group;
pub(crate) mod grouped;
pub(crate) mod hold;
pub(crate) mod impact;
pub(crate) mod link;
pub(crate) mod notes;
pub(crate) mod person;
pub(crate) mod readiness;
pub(crate) mod reports;
pub(crate) mod review_mismatch;
pub(crate) mod rings;
pub(crate) mod safe;
pub(crate) mod shared_error;
pub(crate) mod shared_findings;
pub(crate) mod still_desired;
pub(crate) mod style;
pub(crate) mod summary_lines;
pub(crate) mod unread_item;
pub(crate) mod value;
pub(crate) mod width;
#[cfg(test)]
mod width_tests;

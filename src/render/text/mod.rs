//! Wording that several outputs share: values, findings, errors and the lines that sum a run up.

pub(crate) mod attribution;
pub(crate) mod effects;
pub mod error;
pub(crate) mod facts;
pub mod findings;
pub(crate) mod group;
pub(crate) mod impact;
pub mod notes;
pub mod reports;
pub mod review_mismatch;
pub mod safe;
pub mod style;
pub mod summary_lines;
pub mod value;

//! What `--format json` prints: one document for each command. Every struct here is published in `schemas/`: its keys are
//! never renamed, removed or given another meaning without another `formatVersion`. Keys and words may be added, so readers
//! pass over those they do not know. Text is as it came, with what is not visible in JSON's escapes.
//!
//! To add a document: one file here, one line in `cli::schemas::SchemaName`.

mod advice;
mod apply;
mod attribution;
mod coming_date;
mod conformance;
mod doctor;
pub(crate) mod drift;
mod effect;
mod error;
mod exception;
pub(crate) mod finding;
mod forecast;
mod grouped;
mod head;
mod history;
mod hold;
mod impact;
mod plan;
mod readiness;
mod reasons;
mod reports;
mod reverts;
mod setting;
mod show;
mod step;
mod test;
mod text;
mod validate;
mod value;
mod why;

pub(crate) use advice::{advice, advice_schema};
pub use apply::apply;
pub(crate) use apply::apply_schema;
pub(crate) use conformance::{conformance, conformance_schema};
pub(crate) use doctor::{doctor, doctor_schema};
pub use drift::drift;
pub(crate) use drift::drift_schema;
pub(crate) use forecast::{forecast, forecast_schema};
pub use head::RunEnd;
pub use history::history;
pub(crate) use history::history_schema;
pub use plan::plan;
pub(crate) use plan::plan_schema;
pub use show::show;
pub(crate) use show::show_schema;
pub(crate) use test::{test, test_result_schema};
pub use validate::validate;
pub(crate) use validate::validate_schema;
pub(crate) use why::{why, why_schema};

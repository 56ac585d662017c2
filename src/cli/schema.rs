//! `schema`: the published JSON Schemas, as they are in `schemas/`.

use crate::apply::entry;
use crate::base::exit::Exit;
use crate::cli::failure::RunError;
use crate::cli::options::{SchemaArgs, SchemaName};
use crate::cli::output::Output;
use crate::cli::sandbox;
use crate::controller::{notify, state, status};
use crate::plan::{drift_state, public_snapshot};
use crate::policy::schema;
use crate::render::json;
use crate::review::config;
use crate::review::file::format;

/// Prints one schema.
///
/// # Errors
/// When it cannot be written.
pub fn run(output: &Output, arguments: &SchemaArgs) -> Result<Exit, RunError> {
    output.write_result(&text(arguments.name)?)?;
    Ok(Exit::Done)
}

/// The text of a published schema.
///
/// # Errors
/// When it is of a part that this build does not have.
pub fn text(name: SchemaName) -> Result<String, RunError> {
    let schema = match name {
        SchemaName::Policy => schema::schema(),
        SchemaName::Plan => json::plan_schema(),
        SchemaName::Apply => json::apply_schema(),
        SchemaName::Drift => json::drift_schema(),
        SchemaName::DriftState => drift_state::drift_state_schema(),
        SchemaName::Doctor => json::doctor_schema(),
        SchemaName::Validate => json::validate_schema(),
        SchemaName::Show => json::show_schema(),
        SchemaName::History => json::history_schema(),
        SchemaName::Journal => entry::journal_schema(),
        SchemaName::Repository => config::repository_schema(),
        SchemaName::ControllerState => state::state_schema(),
        SchemaName::ControllerStatus => status::status_schema(),
        SchemaName::ControllerNotification => notify::notification_schema(),
        SchemaName::Faults => sandbox::faults_schema()?,
        SchemaName::Review => format::review_schema(),
        SchemaName::Snapshot => public_snapshot::format::snapshot_schema(),
    };
    Ok(format!("{schema:#}\n"))
}

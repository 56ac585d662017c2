//! The published JSON Schemas by name, as they are in `schemas/`.

use clap::ValueEnum;

use crate::apply::entry;
use crate::cli::sandbox;
use crate::controller::{event_log, fleet, notify, state, status};
use crate::engine::error::RunError;
use crate::engine::people_file;
use crate::person::readiness;
use crate::plan::{drift_state, public_snapshot};
use crate::policy::{located_tests, schema};
use crate::render::json;
use crate::render::terminal::words::NamedSchema;
use crate::review::config;
use crate::review::file::format;

/// The schemas that `ssprctl schema` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// What a policy file may say
    Policy,
    /// What a file of policy tests may say
    Test,
    /// The result of `test --format json`
    TestResult,
    /// The result of `plan --format json`
    Plan,
    /// The result of `advise --format json`
    Advise,
    /// The result of `apply --format json`
    Apply,
    /// The result of `drift --format json`
    Drift,
    /// The result of `doctor --format json`
    Doctor,
    /// The result of `conformance --format json`
    Conformance,
    /// What the state remembers of a tenant between runs, in drift/
    DriftState,
    /// What the state remembers of how many people can reset, in readiness/
    Readiness,
    /// The result of `validate --format json`
    Validate,
    /// The result of `show --format json`
    Show,
    /// The result of `forecast --format json`
    Forecast,
    /// The result of `why --format json`
    Why,
    /// What `--people` writes to a file that ends in .json
    People,
    /// The result of `history --format json`
    History,
    /// What the repository's ssprctl.yaml may say
    Repository,
    /// What the controller remembers between runs
    ControllerState,
    /// What the controller answers to /status
    ControllerStatus,
    /// The result of `controller tenants --format json`, and of suspend, resume and reconcile
    ControllerTenants,
    /// What the controller answers to /events, and `controller logs --format json`
    ControllerEvents,
    /// What the controller sends to a webhook
    ControllerNotification,
    /// What a file for `--faults` may say
    Faults,
    /// A line of a run's journal
    Journal,
    /// What `plan --out` saves and `apply --plan` takes
    Review,
    /// What `snapshot` saves and `plan --against` takes
    Snapshot,
}

/// The text of a published schema, as it is in `schemas/`.
///
/// # Errors
/// When it is of a part that this build does not have.
pub(crate) fn text(name: SchemaName) -> Result<&'static str, RunError> {
    Ok(match name {
        SchemaName::Policy => schema::POLICY,
        SchemaName::Test => located_tests::TEST,
        SchemaName::TestResult => include_str!("../../schemas/test-result.json"),
        SchemaName::Plan => include_str!("../../schemas/plan.json"),
        SchemaName::Advise => include_str!("../../schemas/advise.json"),
        SchemaName::Apply => include_str!("../../schemas/apply.json"),
        SchemaName::Drift => include_str!("../../schemas/drift.json"),
        SchemaName::DriftState => include_str!("../../schemas/drift-state.json"),
        SchemaName::Readiness => include_str!("../../schemas/readiness.json"),
        SchemaName::Conformance => include_str!("../../schemas/conformance.json"),
        SchemaName::Doctor => include_str!("../../schemas/doctor.json"),
        SchemaName::Validate => include_str!("../../schemas/validate.json"),
        SchemaName::Show => include_str!("../../schemas/show.json"),
        SchemaName::Forecast => include_str!("../../schemas/forecast.json"),
        SchemaName::Why => include_str!("../../schemas/why.json"),
        SchemaName::People => include_str!("../../schemas/people.json"),
        SchemaName::History => include_str!("../../schemas/history.json"),
        SchemaName::Journal => include_str!("../../schemas/journal.json"),
        SchemaName::Repository => schema::REPOSITORY,
        SchemaName::ControllerState => include_str!("../../schemas/controller-state.json"),
        SchemaName::ControllerStatus => include_str!("../../schemas/controller-status.json"),
        SchemaName::ControllerTenants => include_str!("../../schemas/controller-tenants.json"),
        SchemaName::ControllerEvents => include_str!("../../schemas/controller-events.json"),
        SchemaName::ControllerNotification => include_str!("../../schemas/controller-notification.json"),
        SchemaName::Faults => sandbox::faults_text()?,
        SchemaName::Review => include_str!("../../schemas/review.json"),
        SchemaName::Snapshot => include_str!("../../schemas/snapshot.json"),
    })
}

/// The published schemas of results and state, parsed, each with the command that prints it.
pub(crate) fn of_results() -> Vec<NamedSchema> {
    let names = SchemaName::value_variants().iter();
    let names = names.filter(|name| !matches!(name, SchemaName::Policy | SchemaName::Repository | SchemaName::Test));
    let named = names.filter_map(|name| {
        let word = name.to_possible_value()?;
        let document = format!("`ssprctl schema {}`", word.get_name());
        Some(NamedSchema { document, schema: schema::parse(text(*name).ok()?) })
    });
    named.collect()
}

/// Makes the text of a schema from the types. `tests/generated.rs` writes it to `schemas/`.
///
/// # Errors
/// When it is of a part that this build does not have.
pub fn made_from_types(name: SchemaName) -> Result<String, RunError> {
    let schema = match name {
        SchemaName::Policy => schema::policy_schema(),
        SchemaName::Test => located_tests::test_schema(),
        SchemaName::TestResult => json::test_result_schema(),
        SchemaName::Plan => json::plan_schema(),
        SchemaName::Advise => json::advice_schema(),
        SchemaName::Apply => json::apply_schema(),
        SchemaName::Drift => json::drift_schema(),
        SchemaName::DriftState => drift_state::drift_state_schema(),
        SchemaName::Readiness => readiness::readiness_schema(),
        SchemaName::Conformance => json::conformance_schema(),
        SchemaName::Doctor => json::doctor_schema(),
        SchemaName::Validate => json::validate_schema(),
        SchemaName::Show => json::show_schema(),
        SchemaName::Forecast => json::forecast_schema(),
        SchemaName::Why => json::why_schema(),
        SchemaName::People => people_file::people_schema(),
        SchemaName::History => json::history_schema(),
        SchemaName::Journal => entry::journal_schema(),
        SchemaName::Repository => config::repository_schema(),
        SchemaName::ControllerState => state::state_schema(),
        SchemaName::ControllerStatus => status::status_schema(),
        SchemaName::ControllerTenants => fleet::fleet_schema(),
        SchemaName::ControllerEvents => event_log::events_schema(),
        SchemaName::ControllerNotification => notify::notification_schema(),
        SchemaName::Faults => sandbox::faults_schema()?,
        SchemaName::Review => format::review_schema(),
        SchemaName::Snapshot => public_snapshot::format::snapshot_schema(),
    };
    Ok(format!("{schema:#}\n"))
}

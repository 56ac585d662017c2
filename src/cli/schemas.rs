//! The published JSON Schemas by name, as they are in `schemas/`.

use std::borrow::Cow;

use clap::ValueEnum;
use serde_json::Value as Json;

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
pub(crate) fn text(name: SchemaName) -> Result<Cow<'static, str>, RunError> {
    embedded(name).map(|text| match text {
        Embedded::Published(text) => text.into(),
        Embedded::Packed(text) => written(&schema::parse(text)).into(),
    })
}

/// A published schema that is a part of the program.
enum Embedded {
    /// As it is in `schemas/`.
    Published(&'static str),
    /// Without indentation.
    Packed(&'static str),
}

/// A schema as `schemas/` has it.
fn written(schema: &Json) -> String {
    format!("{schema:#}\n")
}

fn embedded(name: SchemaName) -> Result<Embedded, RunError> {
    macro_rules! packed {
        ($file:literal) => {
            Embedded::Packed(include_str!(concat!(env!("OUT_DIR"), "/schemas/", $file)))
        };
    }
    Ok(match name {
        SchemaName::Policy => Embedded::Published(schema::POLICY),
        SchemaName::Test => Embedded::Published(located_tests::TEST),
        SchemaName::TestResult => packed!("test-result.json"),
        SchemaName::Plan => packed!("plan.json"),
        SchemaName::Advise => packed!("advise.json"),
        SchemaName::Apply => packed!("apply.json"),
        SchemaName::Drift => packed!("drift.json"),
        SchemaName::DriftState => packed!("drift-state.json"),
        SchemaName::Readiness => packed!("readiness.json"),
        SchemaName::Conformance => packed!("conformance.json"),
        SchemaName::Doctor => packed!("doctor.json"),
        SchemaName::Validate => packed!("validate.json"),
        SchemaName::Show => packed!("show.json"),
        SchemaName::Forecast => packed!("forecast.json"),
        SchemaName::Why => packed!("why.json"),
        SchemaName::People => packed!("people.json"),
        SchemaName::History => packed!("history.json"),
        SchemaName::Journal => packed!("journal.json"),
        SchemaName::Repository => Embedded::Published(schema::REPOSITORY),
        SchemaName::ControllerState => packed!("controller-state.json"),
        SchemaName::ControllerStatus => packed!("controller-status.json"),
        SchemaName::ControllerTenants => packed!("controller-tenants.json"),
        SchemaName::ControllerEvents => packed!("controller-events.json"),
        SchemaName::ControllerNotification => packed!("controller-notification.json"),
        SchemaName::Faults => Embedded::Published(sandbox::faults_text()?),
        SchemaName::Review => packed!("review.json"),
        SchemaName::Snapshot => packed!("snapshot.json"),
    })
}

/// The published schemas of results and state, parsed, each with the command that prints it.
pub(crate) fn of_results() -> Vec<NamedSchema> {
    let names = SchemaName::value_variants().iter();
    let names = names.filter(|name| !matches!(name, SchemaName::Policy | SchemaName::Repository | SchemaName::Test));
    let named = names.filter_map(|name| {
        let word = name.to_possible_value()?;
        let document = format!("`ssprctl schema {}`", word.get_name());
        let (Embedded::Published(text) | Embedded::Packed(text)) = embedded(*name).ok()?;
        Some(NamedSchema { document, schema: schema::parse(text) })
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
    Ok(written(&schema))
}

//! The document of `doctor`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::doctor::check::{Check, CheckState};
use crate::engine::result::TenantResult;
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::head::{DocumentHead, RunEnd, document_schema};
use crate::render::json::text::ended_text;

/// The result of `ssprctl doctor --format json`: whether each tenant can be reached with all that its policy needs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl doctor")]
struct DoctorDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The tenants, in the order of the policies.
    tenants: Vec<CheckedTenantJson>,
}

/// The checks of one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CheckedTenant")]
struct CheckedTenantJson {
    /// The tenant, as its policy names it.
    tenant: String,
    /// The policy's path, relative to where the run started.
    path: String,
    /// The checks; absent when none could be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<CheckJson>>,
    /// Why no check could be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// One thing that was checked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Check")]
struct CheckJson {
    /// What it is about, as in "Microsoft Graph".
    about: String,
    /// What was checked, as in "token".
    check: String,
    /// The result of the check.
    state: StateJson,
    /// What was found, in words.
    says: String,
    /// What a person can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// The result of a check.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "CheckState")]
enum StateJson {
    /// As it should be.
    Good,
    /// Not certain, or not good for long.
    #[serde(rename = "doubt")]
    Warning,
    /// Something that the policy needs is missing.
    Missing,
    /// Unknown, because a request failed.
    Failed,
}

/// The document of `doctor`.
#[must_use]
pub(crate) fn doctor(tenants: &[TenantResult<Vec<Check>>], end: RunEnd) -> String {
    let tenants = tenants.iter().map(|TenantResult { tenant, path, result }| CheckedTenantJson {
        tenant: tenant.clone(),
        path: path.clone(),
        checks: result.as_ref().ok().map(|checks| checks.iter().map(check).collect()),
        error: result.as_ref().err().map(error),
    });
    ended_text(&DoctorDocument { head: DocumentHead::new("doctor", end), tenants: tenants.collect() }, end)
}

/// The JSON Schema of [`doctor`](fn@doctor)'s document.
#[must_use]
pub(crate) fn doctor_schema() -> Value {
    document_schema::<DoctorDocument>("doctor")
}

fn check(check: &Check) -> CheckJson {
    let Check { about, name, state, says, fix } = check;
    CheckJson {
        about: (*about).to_owned(),
        check: (*name).to_owned(),
        state: match state {
            CheckState::Good => StateJson::Good,
            CheckState::Warning => StateJson::Warning,
            CheckState::Missing => StateJson::Missing,
            CheckState::Failed => StateJson::Failed,
        },
        says: says.clone(),
        hint: fix.clone(),
    }
}

//! The document of `validate`, which other commands print as well when a policy is invalid.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::exit::Exit;
use crate::base::finding::Severity;
use crate::engine::result::ValidationReport;
use crate::render::json::exception::{ExceptionJson, exceptions_json};
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::head::{PolicyRunHead, RunEnd, document_schema};
use crate::render::json::text::text;

/// The result of `ssprctl validate --format json`: what is wrong with the policies. Other commands print it instead of their
/// own result when a policy is invalid.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl validate")]
struct ValidateDocument {
    /// The fields with which documents about policies begin.
    #[serde(flatten)]
    head: PolicyRunHead,
    /// What was checked, in numbers.
    summary: ValidateSummary,
    /// What is wrong, sorted by place.
    findings: Vec<FindingJson>,
    /// Findings that policies accept for a while; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    waived: Vec<WaivedJson>,
    /// Findings of rules that the repository turns off; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    silenced: Vec<FindingJson>,
    /// The exceptions that the policies were checked with; those that are new or were widened since `--base` come first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    exceptions: Vec<ExceptionJson>,
}

/// What was checked, in numbers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ValidateSummary {
    /// Files that were read, baselines included.
    files: usize,
    /// Tenants with a sound policy.
    tenants: usize,
    /// Findings that make a policy invalid.
    errors: usize,
    /// Findings that make no policy invalid.
    warnings: usize,
    /// Findings that are accepted for a while; in none of the other counts.
    waived: usize,
}

/// The document of `validate`.
#[must_use]
pub fn validate(report: &ValidationReport<'_>, exit: Exit) -> String {
    let ValidationReport { findings, waived, silenced, exceptions, policies, shared: _, full: _, files, tenants } =
        *report;
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    text(&ValidateDocument {
        head: PolicyRunHead::new("validate", policies, RunEnd::real(exit)),
        summary: ValidateSummary { files, tenants, errors, warnings: findings.len() - errors, waived: waived.len() },
        findings: findings_json(findings),
        waived: waived_json(waived),
        silenced: findings_json(silenced),
        exceptions: exceptions_json(exceptions),
    })
}

/// The JSON Schema of [`validate`](fn@validate)'s document.
#[must_use]
pub(crate) fn validate_schema() -> Value {
    document_schema::<ValidateDocument>("validate")
}

//! The document of `validate`, which other commands print as well when a policy is invalid.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::exit::Exit;
use crate::base::finding::Severity;
use crate::render::json::finding::{FindingJson, WaivedJson, findings_json, waived_json};
use crate::render::json::head::{DocumentHead, document_schema};
use crate::render::json::text::text;
use crate::render::terminal::validate::ValidationReport;

/// The result of `ssprctl validate --format json`: what is wrong with the policies. Other commands print it instead of their
/// own result when a policy is invalid.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl validate")]
struct CheckedDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// What was checked.
    summary: CheckedSummary,
    /// What is wrong, sorted by place.
    findings: Vec<FindingJson>,
    /// Findings that policies accept for a while; they count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    waived: Vec<WaivedJson>,
}

/// What was checked.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CheckedSummary {
    /// Files that were read, baselines included.
    files: usize,
    /// Tenants with a sound policy.
    tenants: usize,
    /// Findings that make a policy invalid.
    errors: usize,
    /// Other findings.
    warnings: usize,
    /// Findings that are accepted for a while; in none of the other counts.
    waived: usize,
}

/// The document of `validate`.
#[must_use]
pub fn checked(checked: &ValidationReport<'_>, exit: Exit) -> String {
    let ValidationReport { findings, waived, files, tenants } = *checked;
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    text(&CheckedDocument {
        head: DocumentHead::new("validate", exit),
        summary: CheckedSummary { files, tenants, errors, warnings: findings.len() - errors, waived: waived.len() },
        findings: findings_json(findings),
        waived: waived_json(waived),
    })
}

/// The JSON Schema of [`checked`]'s document.
#[must_use]
pub fn checked_schema() -> Value {
    document_schema::<CheckedDocument>("validate")
}

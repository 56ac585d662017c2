//! The document of `test`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::exit::Exit;
use crate::engine::policy_test::TestReport;
use crate::engine::policy_test::case::TestCase;
use crate::render::json::finding::{FindingJson, findings_json};
use crate::render::json::head::{DocumentHead, RunEnd, document_schema};
use crate::render::json::text::text;

/// The result of `ssprctl test --format json`: each case of each file of policy tests. If a test or a policy is invalid, the
/// command prints the document of `validate` instead.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl test result")]
struct TestDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The cases in numbers.
    summary: TestSummary,
    /// The files with their cases, sorted by path.
    files: Vec<TestedFileJson>,
}

/// The cases in numbers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TestSummary {
    /// Files of tests that were run.
    files: usize,
    /// Cases whose expectation holds.
    passed: usize,
    /// Cases whose expectation does not hold.
    failed: usize,
}

/// A file of policy tests.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TestedFileJson {
    /// The file, relative to where the run started, with `/`.
    path: String,
    /// Its cases, policy by policy, in the order of the file.
    cases: Vec<TestCaseJson>,
}

/// One expectation about one policy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TestCaseJson {
    /// What is expected, in words.
    name: String,
    /// The tenant of the policy.
    tenant: String,
    /// The policy's path, relative to where the run started, with `/`.
    policy: String,
    /// The line of the expectation in the test file, from 1.
    #[schemars(range(min = 1))]
    line: usize,
    /// Whether the expectation holds.
    passed: bool,
    /// Why it does not hold; absent if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FindingJson>,
}

/// The document of `test`.
#[must_use]
pub(crate) fn test(report: &TestReport, exit: Exit) -> String {
    let case = |case: &TestCase| TestCaseJson {
        name: case.name.clone(),
        tenant: case.tenant.clone(),
        policy: case.policy.clone(),
        line: case.line,
        passed: case.failure.is_none(),
        failure: findings_json(&case.failure.clone().into_iter().collect::<Vec<_>>()).pop(),
    };
    let files = report
        .files
        .iter()
        .map(|file| TestedFileJson { path: file.path.clone(), cases: file.cases.iter().map(case).collect() });
    let failed = report.failed();
    text(&TestDocument {
        head: DocumentHead::new("test", RunEnd::real(exit)),
        summary: TestSummary { files: report.files.len(), passed: report.cases().count() - failed, failed },
        files: files.collect(),
    })
}

/// The JSON Schema of [`test`](fn@test)'s document.
#[must_use]
pub(crate) fn test_result_schema() -> Value {
    document_schema::<TestDocument>("test")
}

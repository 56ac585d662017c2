//! Reads files of policy tests, with the place of every value.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::base::finding::{Finding, Severity};
use crate::base::source::{Place, Source};
use crate::policy::codes::FindingCode;
use crate::policy::schema::{self, FileSchema};
use crate::policy::single_file;
use crate::policy::test_file::TestFile;
use crate::policy::tree::Node;

/// The code of an expectation that does not hold.
pub(crate) const TEST_FAILED: &str = "test-failed";
/// The code of a test that cannot be run, or that could not fail.
pub(crate) const TEST_INVALID: &str = "test-invalid";

/// The findings about tests.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: TEST_FAILED,
        severity: Severity::Error,
        means: "`ssprctl test` found that an expectation of a test file does not hold for a policy.",
        fix: "Correct the policy. If the policy is right, correct the expectation, so that a review sees what has changed.",
        example: None,
    },
    FindingCode {
        code: TEST_INVALID,
        severity: Severity::Error,
        means: "A test file has the right keys and cannot be run as it is written, or has an expectation that could not fail: \
                it names a person or a finding code that does not exist, expects nothing, or expects several things at once.",
        fix: "Write it as the hint says.",
        example: Some("people:\n  ana: { persona: remote }\nexpect:\n  - { people: [anna], canReset: true }"),
    },
];

/// The published schema of a file of policy tests.
pub(crate) const TEST: &str = include_str!("../../schemas/test.json");

/// The schema of a file of policy tests, built once per run.
static TEST_SHAPE: LazyLock<FileSchema> = LazyLock::new(|| FileSchema::new("the test file", "", TEST));

/// The schema of a file of policy tests, made from its type.
#[must_use]
pub(crate) fn test_schema() -> Value {
    schema::of::<TestFile>()
}

/// A file of policy tests with the places of its values.
#[derive(Clone, Debug)]
pub(crate) struct LocatedTests {
    /// What the file says.
    pub(crate) file: TestFile,
    pub(crate) source: Arc<Source>,
    node: Node,
}

impl LocatedTests {
    /// The place of the value at a JSON pointer, such as `/expect/0/people`.
    #[must_use]
    pub(crate) fn place(&self, pointer: &str) -> Place {
        let at = self.node.follow(pointer).span();
        Place::new(&self.source, at.start as usize, at.end as usize)
    }
}

/// Reads and checks a file of policy tests.
///
/// # Errors
/// Everything that its schema finds wrong with it, sorted by place.
pub(crate) fn read(path: &Path, shown: &str) -> Result<LocatedTests, Vec<Finding>> {
    let (node, source) = single_file::parse_file(path, shown, &TEST_SHAPE)?;
    match serde_json::from_value(node.to_json()) {
        Ok(file) => Ok(LocatedTests { file, source, node }),
        // The schema is made from the type, so a file that fits the schema can be deserialized.
        Err(error) => {
            let message = format!("the file cannot be read: {error}");
            Err(vec![Finding::error("invalid-format", message).at(Place::start_of(&source), "")])
        }
    }
}

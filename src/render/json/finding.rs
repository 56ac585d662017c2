//! Findings, as several documents have them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::finding::{Finding, Label};
use crate::base::source::Place;
use crate::review::waivers::WaivedFinding;

/// A problem that a rule or a check found in a policy or a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FindingJson {
    /// Stable kebab-case code; `ssprctl explain CODE` says more.
    pub(crate) code: String,
    /// The severity: `error` or `warning`.
    pub(crate) severity: String,
    /// What is wrong, in words.
    pub(crate) message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// The file, relative to where the run started, with `/`; absent when no file holds the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) line: Option<usize>,
    /// The column of the first character, from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) column: Option<usize>,
    /// The line of the last character, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) end_line: Option<usize>,
    /// The column after the last character, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) end_column: Option<usize>,
    /// The line in which it begins, without its end; absent where no file holds the cause, and beyond 400 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line_text: Option<String>,
    /// Other places that the finding is about.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) also: Vec<PlaceJson>,
}

/// A further place of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaceJson {
    /// A note on the place; may be empty.
    pub(crate) message: String,
    /// The file, relative to where the run started, with `/`.
    pub(crate) path: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    pub(crate) line: usize,
    /// The column of the first character, from 1, in characters.
    #[schemars(range(min = 1))]
    pub(crate) column: usize,
    /// The line of the last character, from 1.
    #[schemars(range(min = 1))]
    pub(crate) end_line: usize,
    /// The column after the last character, from 1.
    #[schemars(range(min = 1))]
    pub(crate) end_column: usize,
}

/// A finding that a waiver accepts for a while. It does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Waived")]
pub(crate) struct WaivedJson {
    /// The finding that is accepted.
    pub(crate) finding: FindingJson,
    /// Why the policy accepts it.
    pub(crate) reason: String,
    /// Who answers for it.
    pub(crate) owner: String,
    /// The last day on which it is accepted (UTC).
    #[schemars(extend("format" = "date"))]
    pub(crate) expires: String,
}

/// What is waived, in the order given.
#[must_use]
pub(crate) fn waived_json(waived: &[WaivedFinding]) -> Vec<WaivedJson> {
    let findings = waived.iter().map(|WaivedFinding { finding: accepted, waiver, place: _ }| WaivedJson {
        finding: finding(accepted),
        reason: waiver.reason.clone(),
        owner: waiver.owner.clone(),
        expires: waiver.expires.to_string(),
    });
    findings.collect()
}

/// The findings in the order given.
#[must_use]
pub fn findings_json(findings: &[Finding]) -> Vec<FindingJson> {
    findings.iter().map(finding).collect()
}

fn finding(finding: &Finding) -> FindingJson {
    let Finding { at, code, severity, message, also, hint } = finding;
    let line_text = at.as_ref().and_then(|label| label.place.line_text()).map(str::to_owned);
    let at = at.as_ref().map(place);
    FindingJson {
        code: (*code).into(),
        severity: severity.name().into(),
        message: message.clone(),
        hint: hint.clone(),
        line: at.as_ref().map(|at| at.line),
        column: at.as_ref().map(|at| at.column),
        end_line: at.as_ref().map(|at| at.end_line),
        end_column: at.as_ref().map(|at| at.end_column),
        line_text,
        path: at.map(|at| at.path),
        also: also.iter().map(place).collect(),
    }
}

fn place(label: &Label) -> PlaceJson {
    let Label { place: Place { source, span: _ }, says } = label;
    let ((line, column), (end_line, end_column)) = (label.place.line_column(), label.place.end_line_column());
    PlaceJson { message: says.clone(), path: source.path.clone(), line, column, end_line, end_column }
}

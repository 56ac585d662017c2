//! The format of a review file. Every struct here is published in `schemas/review.json`.

use std::collections::BTreeMap;
use std::ops::Not;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::base::cloud::Cloud;
use crate::base::ids::{TenantId, TenantName};
use crate::base::signature::Digest;
use crate::policy::schema;
use crate::review::file::saved_exception::SavedException;
use crate::review::file::saved_value::SavedValue;
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// The version of the format; another one is not read.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What `ssprctl plan --out` saves and `ssprctl apply --plan` takes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl review file")]
pub struct ReviewFile {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub(crate) format_version: u32,
    /// The digest of `review`, written without white space. It shows accidents and careless edits; whoever means to deceive
    /// makes a new one.
    pub(crate) digest: Digest,
    /// The keyed digest of the same, `hmac-sha256:` and hexadecimal digits, where the run had a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<String>,
    /// What was reviewed, which both digests cover.
    pub(crate) review: SavedReview,
}

/// What was reviewed, when and by what.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SavedReview {
    /// When the file was made (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) made_at: Timestamp,
    /// The version of the program that made it; another one does not apply it.
    pub tool: String,
    /// The digest of the rules of the review; a program with other rules does not apply it.
    pub rules: Digest,
    /// The digest of the rules, limits, rings and dates of `ssprctl.yaml`; absent where it said nothing of these. A run with
    /// others does not apply the review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) config: Option<Digest>,
    /// How many tenants had a policy when it was made, also those that are not in it: limits in percent count out of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fleet: Option<usize>,
    /// `true` where the tenants are embedded ones, not real ones; absent elsewhere. A run against the others does not apply it.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) sandbox: bool,
    /// The exceptions that were in force. A run in which others are in force does not apply it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exceptions: Vec<SavedException>,
    /// The tenants that were read, in the order of their policies; none where there was nothing to plan.
    pub tenants: Vec<ReviewedTenant>,
}

impl SavedReview {
    /// The settings of a tenant that the review holds, because not enough people were ready for them.
    #[must_use]
    pub(crate) fn held(&self, tenant: &TenantName) -> Vec<&str> {
        let its = self.tenants.iter().filter(|one| TenantName::parse(&one.tenant) == *tenant);
        its.flat_map(|one| &one.held).map(|change| change.setting.as_str()).collect()
    }
}

/// What was reviewed of one tenant.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Tenant")]
pub struct ReviewedTenant {
    /// The tenant, as its policy names it.
    pub(crate) tenant: String,
    /// The id of the tenant in Microsoft Entra.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub(crate) tenant_id: TenantId,
    /// The cloud that hosts it.
    pub(crate) cloud: Cloud,
    /// The policy's path, relative to where the run started, with `/`.
    pub(crate) policy: String,
    /// The files that say something about the tenant, baselines included, with the digest of each.
    pub(crate) files: BTreeMap<String, Digest>,
    /// When reading the tenant began (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) read_at: Timestamp,
    /// The documents that were read. Keys that services fill in on their own are not among their keys.
    pub(crate) documents: Vec<ReadDocument>,
    /// What the tenant had, for every setting that is known.
    pub(crate) settings: BTreeMap<String, SavedValue>,
    /// The requests, in order.
    pub requests: Vec<SavedRequest>,
    /// What the policy asks for and no request brings about, because not enough people were ready for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) held: Vec<SavedChange>,
    /// Why nobody may apply this: `errors` or `unknown`; absent where it may be applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<SavedRefusal>,
    /// The findings about it, sorted by place.
    pub(crate) findings: Vec<SavedFinding>,
    /// What the policy accepted for a while.
    pub(crate) waived: Vec<SavedFinding>,
}

/// Why nobody may apply what was reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SavedRefusal {
    /// There are findings that are errors.
    Errors,
    /// A managed setting is unknown.
    Unknown,
}

/// A document as it was read, by digests, which show whether a key has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReadDocument {
    /// The document, as in `passwordReset`.
    #[schemars(with = "String")]
    pub(crate) surface: Surface,
    /// The digest of all its keys with their digests.
    pub(crate) digest: Digest,
    /// Its keys, each with the digest of its value by meaning.
    pub(crate) keys: BTreeMap<String, Digest>,
}

/// One request, exactly as it is to be sent.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Request")]
pub struct SavedRequest {
    /// The document that it writes, as in `passwordReset`.
    #[schemars(with = "String")]
    pub(crate) surface: Surface,
    /// The JSON object that is its body.
    #[schemars(with = "BTreeMap<String, Json>")]
    pub body: Document,
    /// The settings that it changes, with both values.
    pub(crate) changes: Vec<SavedChange>,
    /// The indexes of the earlier requests that must succeed before this one is sent.
    pub(crate) waits_for: Vec<usize>,
}

/// One setting that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Change")]
pub(crate) struct SavedChange {
    /// The setting, as in `methods.required`.
    pub(crate) setting: String,
    /// What the tenant had.
    pub(crate) before: SavedValue,
    /// What the policy asks for.
    pub(crate) after: SavedValue,
    /// The file that asks for it.
    pub(crate) path: String,
    /// The line, from 1.
    #[schemars(range(min = 1))]
    pub(crate) line: usize,
}

/// A finding of the review, an error or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Finding")]
pub struct SavedFinding {
    /// Its code, as in `one-method-required`.
    pub(crate) code: String,
    /// `error` or `warning`.
    pub(crate) severity: String,
    /// What it says, without its hint.
    pub(crate) message: String,
    /// The file, where one holds the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub(crate) line: Option<usize>,
}

/// The JSON Schema of a review file.
#[must_use]
pub(crate) fn review_schema() -> Json {
    schema::of::<ReviewFile>()
}

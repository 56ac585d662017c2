//! The format of a public snapshot. Every struct here is published in `schemas/snapshot.json`.

use std::collections::BTreeMap;
use std::ops::Not;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::base::cloud::Cloud;
use crate::base::ids::{ObjectId, TenantId};
use crate::base::signature::Digest;
use crate::policy::schema;
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// The version of the format; another one is not read.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What `ssprctl snapshot` saves and `ssprctl plan --against` takes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl snapshot file")]
pub struct SnapshotFile {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    pub(crate) format_version: u32,
    /// The digest of `snapshot`, written without white space. It shows accidents; whoever means to deceive makes a new one.
    pub(crate) digest: Digest,
    /// The Ed25519 signature of the same, `ed25519:` and hexadecimal digits, where the run had a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<String>,
    /// What was read, which the digest covers.
    pub(crate) snapshot: PublicSnapshotFile,
}

/// What was read of some tenants, without what the public has no business to see.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PublicSnapshotFile {
    /// When the first of the tenants was read (RFC 3339, UTC): the age of a plan against this.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) taken_at: Timestamp,
    /// The version of the program that made it.
    pub(crate) tool: String,
    /// `true` where the tenants are embedded ones, not real ones; absent elsewhere.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) sandbox: bool,
    /// The tenants that could be read.
    #[schemars(length(min = 1))]
    pub(crate) tenants: Vec<PublishedTenant>,
}

/// One tenant, as it was read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Tenant")]
pub struct PublishedTenant {
    /// The tenant, as its policy names it.
    pub(crate) tenant: String,
    /// The id of the tenant in Microsoft Entra.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub(crate) tenant_id: TenantId,
    /// The cloud that hosts it.
    pub(crate) cloud: Cloud,
    /// When reading it began (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) read_at: Timestamp,
    /// The documents that could be read, without what is not needed to plan.
    pub(crate) documents: Vec<PublishedDocument>,
    /// The groups that policies name, as the directory answered.
    pub(crate) groups: Vec<PublishedGroups>,
    /// What licences permit; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) licence: Option<PublishedLicence>,
    /// How the tenant is joined to a directory on premises; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hybrid: Option<PublishedHybrid>,
}

/// A document, as far as a plan needs it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Document")]
pub(crate) struct PublishedDocument {
    /// Which one, as in `passwordReset`.
    #[schemars(with = "String")]
    pub(crate) surface: Surface,
    /// Its keys, as the service has them; texts that no policy names are `(redacted)`.
    #[schemars(with = "BTreeMap<String, Json>")]
    pub(crate) keys: Document,
}

/// The groups that a policy means. Exactly one of `id` and `name` is what the policy says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Groups")]
pub(crate) struct PublishedGroups {
    /// The id that a policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub(crate) id: Option<ObjectId>,
    /// The name that a policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) name: Option<String>,
    /// What the directory has under it, at most two.
    pub(crate) found: Vec<PublishedGroup>,
}

/// A group of the directory.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Group")]
pub(crate) struct PublishedGroup {
    /// Its object id in the directory.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub(crate) id: ObjectId,
    /// Whether it may guard access.
    pub(crate) security_enabled: bool,
}

/// What the licences of the tenant permit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Licence")]
pub(crate) struct PublishedLicence {
    /// Whether people may reset a password in the cloud; absent where Microsoft's pages disagree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reset: Option<bool>,
    /// A reset may be written back.
    pub(crate) writeback: bool,
}

/// How a tenant is joined to a directory on premises.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Hybrid")]
pub(crate) struct PublishedHybrid {
    /// Whether the directory is synchronised from on premises.
    pub(crate) synchronised: bool,
    /// Whether a writeback client is connected; absent where nobody could say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) writeback_up: Option<bool>,
}

/// The JSON Schema of a public snapshot.
#[must_use]
pub(crate) fn snapshot_schema() -> Json {
    schema::of::<SnapshotFile>()
}

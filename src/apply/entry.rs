//! The lines of a journal: one JSON object for each event. Every struct here is published in `schemas/`. Documents are
//! in it as they were read, so that they can be restored to the byte. They contain settings and ids of groups, and no
//! token or other secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::policy::schema;
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// The version of the format. A journal of another version is reported and not used.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl journal line")]
pub(crate) struct JournalEntry {
    /// The number of the line in its file, from 1. Older journals have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) line: Option<u64>,
    /// When it was written (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub(crate) at: String,
    /// The tenant it is about.
    #[schemars(extend("format" = "uuid"))]
    pub(crate) tenant_id: String,
    /// What happened, or is about to.
    pub(crate) event: JournalEvent,
    /// The digest of the line up to the comma before this key: `sha256:` and 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) checksum: Option<String>,
}

/// What happened, or is about to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum JournalEvent {
    /// An approved plan is about to be carried out.
    #[serde(rename = "begun")]
    ApplyStarted(ApplyStarted),
    /// A request is about to be sent. The line is on disk before the request is sent.
    #[serde(rename = "sending")]
    RequestStarted(RequestStarted),
    /// The response to a request came, or was lost.
    #[serde(rename = "answered")]
    ResponseReceived(ResponseReceived),
    /// Reading the tenant showed the result of a request.
    #[serde(rename = "settled")]
    RequestResolved(RequestResolved),
    /// Nothing more is done for the tenant in this run.
    #[serde(rename = "ended")]
    ApplyEnded(ApplyEnd),
}

impl JournalEvent {
    /// Whether a later run recorded it, because this one was interrupted.
    pub(crate) fn is_recovery(&self) -> bool {
        match self {
            Self::RequestResolved(resolved) => resolved.afterwards,
            Self::ApplyEnded(end) => *end == ApplyEnd::CutOff,
            Self::ApplyStarted(_) | Self::RequestStarted(_) | Self::ResponseReceived(_) => false,
        }
    }
}

/// An approved plan is about to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplyStarted {
    /// The version of this format.
    pub(crate) format_version: u32,
    /// The version of the program.
    pub(crate) program: String,
    /// The tenant, as its policy names it.
    pub(crate) tenant: String,
    /// The cloud that hosts it, as in a policy.
    pub(crate) cloud: String,
    /// The policy's path, or the run that is rolled back.
    pub(crate) policy: String,
    /// How many requests are planned.
    pub(crate) requests: usize,
    /// Whether the tenant is an embedded one, not a real one; absent in journals of older versions, where it is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) sandbox: Option<bool>,
}

/// A request is about to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestStarted {
    /// The index of the request, from 0. Requests of a rollback continue the count.
    pub(crate) request: usize,
    /// Whether it reverses an earlier one of this run.
    #[serde(rename = "undoing")]
    pub(crate) is_reversal: bool,
    /// The document that it writes.
    pub(crate) surface: Surface,
    /// The settings that it changes.
    pub(crate) settings: Vec<String>,
    /// The document before it.
    #[schemars(with = "serde_json::Map<String, Json>")]
    pub(crate) before: Document,
    /// The body that is sent, with the keys in the order in which they are sent.
    #[schemars(with = "serde_json::Map<String, Json>")]
    pub(crate) body: Document,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceived {
    /// The index of the request, as in the line that announces it.
    pub(crate) request: usize,
    /// Whether the service accepted the request, as far as its response says.
    #[serde(rename = "answer")]
    pub(crate) response: ResponseKind,
    /// The error message, unless it was accepted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) message: Option<String>,
}

/// What an answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ResponseKind {
    /// The service took it.
    Accepted,
    /// The service refused it. A read shows whether it took effect all the same.
    Refused,
    /// No response came, or none that says whether it was accepted.
    Lost,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestResolved {
    /// The index of the request, as in the line that announces it.
    pub(crate) request: usize,
    /// What became of it.
    pub(crate) result: WriteResult,
    /// Whether a later run found this out, because this one was interrupted.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) afterwards: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WriteResult {
    /// The tenant shows it.
    Verified,
    /// The tenant shows it, and other keys changed as well.
    #[serde(rename = "collateral")]
    SideEffects,
    /// The tenant does not show it, or not all of it.
    Unverified,
    /// The tenant is as it was before.
    NotDone,
}

/// How a run ended for a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ApplyEnd {
    /// Every request was applied.
    Applied,
    /// Some requests failed; the others are still applied.
    Incomplete,
    /// Some requests failed; the others were rolled back.
    RolledBack,
    /// Some requests failed, and not all of the others could be rolled back.
    #[serde(rename = "stands")]
    RollbackIncomplete,
    /// The run was interrupted; a later one read the tenant and recorded the results.
    CutOff,
}

/// The JSON Schema of a [`JournalEntry`].
#[must_use]
pub(crate) fn journal_schema() -> Json {
    schema::of::<JournalEntry>()
}

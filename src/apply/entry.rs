//! What a journal holds: one line of JSON for each thing that happened. Every struct here is published in `schemas/`.
//!
//! Documents stand in it as they were read, so that they can be put back to the byte. They hold settings and ids of groups,
//! no secret; a token never comes near them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::policy::schema;
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// The version of the format. A journal of another version is listed, and nothing is done from it.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl journal line")]
pub struct JournalEntry {
    /// When it was written (RFC 3339, UTC).
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// The tenant it is about.
    #[schemars(extend("format" = "uuid"))]
    pub tenant_id: String,
    /// What happened, or is about to.
    pub event: JournalEvent,
}

/// What happened, or is about to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum JournalEvent {
    /// An approved plan is about to be carried out.
    #[serde(rename = "begun")]
    ApplyStarted(ApplyStarted),
    /// A request is about to be sent. Written to disk before it is.
    #[serde(rename = "sending")]
    RequestStarted(RequestStarted),
    /// Its answer came, or did not.
    #[serde(rename = "answered")]
    ResponseReceived(ResponseReceived),
    /// Reading showed what became of it.
    #[serde(rename = "settled")]
    RequestResolved(RequestResolved),
    /// Nothing more is done for the tenant in this run.
    #[serde(rename = "ended")]
    ApplyEnded(ApplyEnd),
}

/// An approved plan is about to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplyStarted {
    /// The version of this format.
    pub(crate) format_version: u32,
    /// The version of the program.
    pub(crate) program: String,
    /// The tenant, as its policy names it.
    pub(crate) tenant: String,
    /// The cloud that hosts it, as in a policy.
    pub(crate) cloud: String,
    /// The policy's path, or the run that is taken back.
    pub(crate) policy: String,
    /// How many requests are planned.
    pub(crate) requests: usize,
}

/// A request is about to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestStarted {
    /// Which one: an index, from 0. Requests that take others back count on.
    pub(crate) request: usize,
    /// Whether it takes back an earlier one of this run.
    #[serde(rename = "undoing")]
    pub(crate) is_reversal: bool,
    /// The document that it writes.
    pub(crate) surface: Surface,
    /// The settings that it changes.
    pub(crate) settings: Vec<String>,
    /// The document before it.
    #[schemars(with = "serde_json::Map<String, Json>")]
    pub(crate) before: Document,
    /// What is sent.
    #[schemars(with = "serde_json::Map<String, Json>")]
    pub(crate) body: Document,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResponseReceived {
    /// Which one.
    pub(crate) request: usize,
    /// What it said.
    #[serde(rename = "answer")]
    pub(crate) response: ResponseKind,
    /// The trouble in words, unless it was accepted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) message: Option<String>,
}

/// What an answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseKind {
    /// The service took it.
    Accepted,
    /// The service did not take it; nothing was changed.
    Refused,
    /// No answer that says so came.
    Lost,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestResolved {
    /// Which one.
    pub(crate) request: usize,
    /// What became of it.
    pub(crate) result: WriteResult,
    /// Whether a later run found this out, because this one was cut off.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) afterwards: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WriteResult {
    /// The tenant shows it.
    Verified,
    /// The tenant shows it, and something else moved as well.
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
    /// Every request got through.
    Applied,
    /// Some did not; what got through stands.
    Incomplete,
    /// Some did not; what got through was taken back.
    RolledBack,
    /// Some did not, and not everything that got through could be taken back.
    #[serde(rename = "stands")]
    RollbackIncomplete,
    /// The run was cut off; a later one settled by reading what had become of it.
    CutOff,
}

/// The JSON Schema of a [`JournalEntry`].
#[must_use]
pub(crate) fn journal_schema() -> Json {
    schema::of::<JournalEntry>()
}

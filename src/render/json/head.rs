//! The fields with which documents and their tenants begin.

use std::ops::Not;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::base::digest::hash_bytes;
use crate::base::exit::Exit;
use crate::base::ids::TenantId;
use crate::base::source::Source;
use crate::engine::result::TenantResult;
use crate::plan::change::Plan;
use crate::policy::schema;

/// The version of every document's format.
const FORMAT_VERSION: u32 = 1;

/// How the run of a document ended, and against what.
#[derive(Clone, Copy, Debug)]
pub struct RunEnd {
    /// The exit code of the process.
    pub(crate) exit: Exit,
    /// Whether its tenants were embedded ones, not real ones.
    pub(crate) sandbox: bool,
}

impl RunEnd {
    /// Of a run against real tenants, or against none.
    #[must_use]
    pub fn real(exit: Exit) -> Self {
        Self { exit, sandbox: false }
    }
}

/// The fields with which every document begins.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentHead {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The command that made the document.
    command: &'static str,
    /// The exit code of the process.
    exit_code: u8,
    /// `true` where the tenants are the embedded ones of `--sandbox`, not real ones; absent elsewhere.
    #[serde(skip_serializing_if = "Not::not", default)]
    sandbox: bool,
}

impl DocumentHead {
    pub(super) fn new(command: &'static str, end: RunEnd) -> Self {
        let RunEnd { exit, sandbox } = end;
        Self { format_version: FORMAT_VERSION, command, exit_code: exit.code(), sandbox }
    }
}

/// The fields with which the documents of `plan`, `apply`, `drift`, `forecast` and `validate` begin.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyRunHead {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The files that the run was made from, sorted by path: the policies of its tenants, the baselines that they extend, and
    /// `ssprctl.yaml`; of `validate` all that it checked. Absent where no file was read, as by `rollback`, and in results of
    /// older versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    policies: Vec<PolicyFileJson>,
}

/// A file that a run was made from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PolicyFile")]
struct PolicyFileJson {
    /// The file, relative to where the run started, with `/`.
    path: String,
    /// SHA-256 of its bytes as they were read, as `sha256sum` prints it.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    sha256: String,
}

impl PolicyRunHead {
    /// `policies` are files that were read whole.
    pub(super) fn new(command: &'static str, policies: &[Arc<Source>], end: RunEnd) -> Self {
        let policies = policies
            .iter()
            .map(|source| PolicyFileJson { path: source.path.clone(), sha256: hash_bytes(source.text.as_bytes()) });
        Self { head: DocumentHead::new(command, end), policies: policies.collect() }
    }
}

/// The fields with which a tenant's entry begins in the documents of `plan`, `apply`, `drift`, `forecast` and `advise`.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TenantHead {
    /// The tenant, as its policy names it.
    tenant: String,
    /// The policy's path, relative to where the run started, with `/`.
    path: String,
    /// The tenant's id; absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uuid"))]
    tenant_id: Option<String>,
    /// The cloud that hosts it, as in a policy; absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud: Option<String>,
    /// When reading it began (RFC 3339, UTC); absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    read_at: Option<String>,
}

impl TenantHead {
    /// `plan` is `None` for a tenant that could not be read.
    pub(super) fn new<T>(tenant: &TenantResult<T>, plan: Option<&Plan>) -> Self {
        Self::read(tenant, plan.map(|plan| (plan.tenant_id, plan.cloud.name(), plan.taken)))
    }

    /// `read` is what was read of the tenant: its id, the name of its cloud, and when reading it began.
    pub(super) fn read<T>(tenant: &TenantResult<T>, read: Option<(TenantId, &str, Timestamp)>) -> Self {
        Self {
            tenant: tenant.tenant.clone(),
            path: tenant.path.clone(),
            tenant_id: read.map(|(id, ..)| id.to_string()),
            cloud: read.map(|(_, cloud, _)| cloud.to_owned()),
            read_at: read.map(|(.., taken)| taken.to_string()),
        }
    }
}

/// The JSON Schema of a document that begins with a [`DocumentHead`] and is made by `command` alone.
pub(super) fn document_schema<T: JsonSchema>(command: &str) -> Value {
    let mut schema = schema::of::<T>();
    if let Some(property) = schema.pointer_mut("/properties/command").and_then(Value::as_object_mut) {
        property.insert("const".to_owned(), json!(command));
    }
    schema
}

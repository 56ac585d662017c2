//! What `ssprctl.yaml` may say, key by key; the JSON Schema of that file is made from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::managed::Managed;

/// The name of the file.
pub const FILE: &str = "ssprctl.yaml";

/// What a repository has agreed on for all its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl repository")]
pub struct Document {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1), extend("examples" = [1]))]
    pub version: u32,

    /// How much a rule matters here, by its code. A rule that is not named keeps its own severity.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub rules: Managed<BTreeMap<String, Level>>,
}

/// How much a rule matters in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Nothing may be applied while it is broken.
    Error,
    /// It is told, and nothing more.
    Warning,
    /// It is never told.
    Off,
}

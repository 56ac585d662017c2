//! The keys of `ssprctl.yaml`; the JSON Schema of that file is generated from these types.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use crate::policy::managed::Managed;
use crate::policy::repository::calendar::CalendarConfig;
use crate::policy::repository::controller::ControllerConfig;

/// The name of the file.
pub(crate) const FILE: &str = "ssprctl.yaml";

/// The settings of a repository for all its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl repository")]
pub(crate) struct RepositoryConfig {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1), extend("examples" = [1]))]
    pub(crate) version: u32,

    /// The severity of rules, by code. A rule that is not named has its default severity.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) rules: Managed<BTreeMap<String, RuleLevel>>,

    /// How much one apply may change. More needs `--allow`, or a reviewed change of this file.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) limits: Managed<Limits>,

    /// In what order an apply goes through the tenants: ring by ring, the next one only when every tenant of the one
    /// before is in sync with its policy. Tenants of no ring come last.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 20))]
    pub(crate) rings: Managed<Vec<Ring>>,

    /// What no API says about the dates of Microsoft's service: dates that were moved, and telephony providers of tenants.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) calendar: Managed<CalendarConfig>,

    /// How the controller reconciles the tenants of this repository.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) controller: Managed<ControllerConfig>,
}

/// A ring of tenants. A tenant is in the first ring that matches it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ring {
    /// The name of the ring, for `--ring` and in reports; unique in this file.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]*$"), length(max = 40), extend("examples" = ["canary"]))]
    pub(crate) name: String,

    /// Patterns for tenants as their policies name them, such as `contoso.*`.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 1_000), extend("examples" = [["contoso.onmicrosoft.com"]]))]
    pub(crate) tenants: Managed<Vec<String>>,

    /// This percentage of all tenants, by a stable hash of the name: a tenant that is added or removed moves no other.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 1, max = 100), extend("examples" = [10]))]
    pub(crate) percent: Managed<u32>,
}

/// How much one apply may change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Limits {
    /// The most tenants that one run may change.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 1, max = 100_000), extend("examples" = [25]))]
    pub(crate) tenants: Managed<u32>,

    /// The most tenants that one run may change, in percent of all tenants that have a policy, whether the run is about them
    /// or not: in the folder `policies` next to this file, and in every folder next to it in which a path of the run is.
    /// Counts only from `percentFrom` such tenants on.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 1, max = 100), extend("examples" = [20]))]
    pub(crate) percent: Managed<u32>,

    /// From how many tenants on `percent` counts: of few, one is many percent. 10 where it is absent.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 1, max = 100_000), extend("default" = 10, "examples" = [10]))]
    pub(crate) percent_from: Managed<u32>,

    /// The most tenants that one run may change in one ring.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(range(min = 1, max = 100_000), extend("examples" = [60]))]
    pub(crate) per_ring: Managed<u32>,

    /// From how many people a plan may take the reset, as a number or in percent of those in scope of whom it is known. With
    /// this key `plan` and `apply` read people, and without it `plan --impact` alone does; the limit is then `0%`.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    pub(crate) losing: Managed<LosingLimit>,

    /// Destructive changes that need no `--allow` here.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("examples" = [["writeback-switched-off"]]))]
    pub(crate) allow: Managed<BTreeSet<DestructiveChange>>,
}

/// From how many people a plan may take the reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LosingLimit {
    People(u32),
    /// So many percent, from 0 to 100, of those in scope of whom it is known whether they lose it.
    Percent(u32),
}

impl LosingLimit {
    /// The number, and whether it is in percent.
    #[must_use]
    pub(crate) fn number(self) -> (u32, bool) {
        match self {
            Self::People(number) => (number, false),
            Self::Percent(number) => (number, true),
        }
    }

    /// Whether it lets a plan take the reset from more people than another one. A number and a percentage cannot be compared.
    #[must_use]
    pub(crate) fn allows_more_than(self, other: Self) -> bool {
        let ((number, percent), (than, than_percent)) = (self.number(), other.number());
        if percent == than_percent { number > than } else { number > 0 }
    }
}

impl fmt::Display for LosingLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, percent) = self.number();
        write!(formatter, "{number}{}", if percent { "%" } else { "" })
    }
}

impl<'de> Deserialize<'de> for LosingLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Json::deserialize(deserializer)?;
        let people = written.as_u64().and_then(|number| u32::try_from(number).ok()).map(Self::People);
        let percent = || written.as_str()?.strip_suffix('%')?.parse().ok().map(Self::Percent);
        people.or_else(percent).ok_or_else(|| D::Error::custom("neither a number nor a percentage"))
    }
}

impl Serialize for LosingLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::People(number) => serializer.serialize_u32(*number),
            Self::Percent(_) => serializer.collect_str(self),
        }
    }
}

impl JsonSchema for LosingLimit {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "LosingLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["integer", "string"],
            "examples": [25, "2%"],
            "minimum": 0,
            "maximum": 10_000_000,
            "pattern": "^(?:100|[1-9]?[0-9])%$",
        })
    }
}

/// A destructive change: it removes something for everybody, and nobody should make it by accident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DestructiveChange {
    /// `scope.users` goes from `selected` or `all` to `none`.
    ScopeSwitchedOff,
    /// No method is left of those that were there.
    MethodsSwitchedOff,
    /// `scope.administrators` goes from `true` to `false`.
    AdministratorsSwitchedOff,
    /// `writeback.passwords` goes from `true` to `false`.
    WritebackSwitchedOff,
    /// More people lose the reset than `losing` allows.
    TooManyLosing,
    /// Nobody in scope can reset any more.
    NobodyCanReset,
}

/// The severity of a rule in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RuleLevel {
    /// A finding of the rule prevents an apply.
    Error,
    /// A finding of the rule is reported and prevents nothing.
    Warning,
    /// The rule is not evaluated.
    Off,
}

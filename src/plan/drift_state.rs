//! What earlier runs saw of a tenant: for each setting which value it had, since when, and when it last had another one.
//! From this comes the time in which a drift must have happened. Every setting has its own, because every setting drifts at
//! its own time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::base::ids::TenantId;
use crate::base::signature::Digest;
use crate::base::value::Value;
use crate::plan::change::Plan;
use crate::policy::schema;

/// The version of the format; another one is not read.
const FORMAT_VERSION: u32 = 2;

/// What `drift` and a verified `apply` remember of one tenant between runs, in `.ssprctl/drift/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl drift state")]
pub struct DriftState {
    /// The version of this format.
    #[schemars(extend("const" = 2))]
    format_version: u32,
    /// The tenant's id.
    #[schemars(with = "String", extend("format" = "uuid"))]
    tenant_id: TenantId,
    /// What was seen of each setting, by its name as in `methods.required`.
    settings: BTreeMap<String, Observation>,
}

/// What was seen of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Observation {
    /// The digest of the canonical JSON of the value it has: enough to tell that it moved, without the value itself.
    value: Digest,
    /// When a run first saw this value (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    first_seen: Timestamp,
    /// When a run last saw this value (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    last_seen: Timestamp,
    /// When a run last saw another value (RFC 3339, UTC); absent while none has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    otherwise: Option<Timestamp>,
}

/// The time in which a setting came to the value it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeWindow {
    /// Later than the last run that saw another value, and no later than the first that saw this one.
    Between {
        /// The last run that saw another value.
        after: Timestamp,
        /// The first run that saw this one.
        by: Timestamp,
    },
    /// No run has seen another value.
    UnchangedSince(Timestamp),
}

impl DriftState {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self { format_version: FORMAT_VERSION, tenant_id: tenant, settings: BTreeMap::new() }
    }

    /// Reads what an earlier run wrote.
    ///
    /// # Errors
    /// Why it cannot be used: damaged, of another version, or of another tenant.
    pub fn parse(text: &str, tenant: TenantId) -> Result<Self, String> {
        let found: Self = serde_json::from_str(text).map_err(|_| "it is damaged".to_owned())?;
        match found {
            Self { format_version, .. } if format_version != FORMAT_VERSION => {
                Err(format!("it has the format {format_version}, and this program knows {FORMAT_VERSION}"))
            }
            Self { tenant_id, .. } if tenant_id != tenant => Err(format!("it is of the tenant {tenant_id}")),
            found => Ok(found),
        }
    }

    /// The text that [`DriftState::parse`] reads.
    ///
    /// # Errors
    /// Never for what this program makes; the type says so because JSON writers do.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| format!("{text}\n"))
    }

    /// A run saw everything that a plan read.
    pub fn observe_plan(&mut self, plan: &Plan) {
        for (setting, value) in &plan.live {
            self.observe(setting, value, plan.taken);
        }
    }

    /// A run saw a setting with a value at this moment.
    pub fn observe(&mut self, setting: &str, value: &Value, at: Timestamp) {
        let value = Digest::of_json(&value.canonical());
        let fresh = |otherwise| Observation { value: value.clone(), first_seen: at, last_seen: at, otherwise };
        let sighting = match self.settings.get(setting) {
            None => fresh(None),
            // The clock was set back since, or another run is ahead of this one: what was seen "later" says nothing.
            Some(known) if known.last_seen > at => fresh(None),
            Some(known) if known.value == value => Observation { last_seen: at, ..known.clone() },
            Some(known) => fresh(Some(known.last_seen)),
        };
        self.settings.insert(setting.to_owned(), sighting);
    }

    /// The time in which a setting came to this value; `None` when it was not seen with it.
    #[must_use]
    pub fn change_window(&self, setting: &str, value: &Value) -> Option<ChangeWindow> {
        let digest = Digest::of_json(&value.canonical());
        let Observation { first_seen, otherwise, .. } =
            self.settings.get(setting).filter(|known| known.value == digest)?;
        Some(match otherwise {
            Some(after) if after < first_seen => ChangeWindow::Between { after: *after, by: *first_seen },
            _ => ChangeWindow::UnchangedSince(*first_seen),
        })
    }
}

/// The JSON Schema of [`DriftState`].
#[must_use]
pub fn drift_state_schema() -> Json {
    schema::of::<DriftState>()
}

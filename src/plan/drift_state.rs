//! Remembers between runs which value each setting of a tenant had, since when, and when it last had another one. The time
//! of a drift follows from that, for each setting on its own.

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

/// The observations of one tenant that `drift` and a verified `apply` save for later runs, in the folder `drift` of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl drift state")]
pub struct DriftState {
    /// The version of this format.
    #[schemars(extend("const" = 2))]
    format_version: u32,
    /// The id of the tenant in Microsoft Entra.
    #[schemars(with = "String", extend("format" = "uuid"))]
    tenant_id: TenantId,
    /// What was seen of each setting, by its name as in `methods.required`.
    settings: BTreeMap<String, Observation>,
}

/// What was seen of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Observation {
    /// The digest of the canonical JSON of the value it has: it shows that the value changed, without the value itself.
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
    /// The digest of that other value, in the same form as `value`; absent while no run has seen one, and in observations of
    /// programs that did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Digest>,
    /// The digest of the value, in the same form as `value`, with which a run last saw the tenant as its policy said, or that the
    /// policy left to it; absent while no run has, and in observations of programs that did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_sync: Option<Digest>,
    /// When a run last saw another value than that of `inSync`, after the run that saw that one (RFC 3339, UTC); absent while none
    /// has, and in observations of programs that did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    out_of_sync: Option<Timestamp>,
}

/// Why a setting is not as its policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DriftKind {
    /// The tenant no longer has the value with which it was last in sync.
    Drifted,
    /// Only the policy changed: the tenant still has the value of when it was last in sync, and no run has seen another one.
    Pending,
    /// The tenant has the value with which it was last in sync again, after another one: either of the two may have changed.
    Returned,
    /// No run has seen the tenant in sync, so it is not known which of the two changed.
    Unknown,
}

/// The time in which a setting changed to the value that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeWindow {
    /// After the last run that saw another value, and no later than the first that saw this one.
    Between {
        /// The last run that saw another value.
        after: Timestamp,
        /// The first run that saw this one.
        by: Timestamp,
    },
    /// Several runs have seen this value, the first of them at that time, and none has seen another.
    UnchangedSince(Timestamp),
    /// One run alone has seen the setting, at that time.
    SeenOnce(Timestamp),
}

impl DriftState {
    /// The state of a tenant for which no run has seen a value.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self { format_version: FORMAT_VERSION, tenant_id: tenant, settings: BTreeMap::new() }
    }

    /// Parses the text that an earlier run wrote about `tenant`.
    ///
    /// # Errors
    /// The reason why the text cannot be used: it is damaged, of another version, or of another tenant.
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
    /// None occur for values that this program makes: `serde_json` declares them for all types.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| format!("{text}\n"))
    }

    /// Records every actual value of a plan, and which of them are as the policy says or left to the tenant.
    pub(crate) fn observe_plan(&mut self, plan: &Plan) {
        for (setting, value) in &plan.actual {
            self.observe(setting, value, plan.taken);
        }
        // A rollback compares a tenant with a run, not with a policy.
        let compared = plan.unchanged.iter().chain(&plan.unmanaged).filter(|_| plan.rolled_back.is_empty());
        for setting in compared {
            if let Some(value) = plan.actual.get(setting.name) {
                self.observe_in_sync(setting.name, value);
            }
        }
    }

    /// Records that a tenant is in sync with its policy in a setting that has this value.
    pub(crate) fn observe_in_sync(&mut self, setting: &str, value: &Value) {
        if let Some(known) = self.settings.get_mut(setting) {
            known.in_sync = Some(digest(value));
            known.out_of_sync = None;
        }
    }

    /// Why a setting that has this value is not as its policy says.
    #[must_use]
    pub(crate) fn drift_kind(&self, setting: &str, value: &Value) -> DriftKind {
        let known = self.settings.get(setting);
        let out_of_sync = known.and_then(|known| known.out_of_sync);
        match (known.and_then(|known| known.in_sync.as_ref()), out_of_sync) {
            (None, _) => DriftKind::Unknown,
            (Some(last), _) if *last != digest(value) => DriftKind::Drifted,
            (Some(_), Some(_)) => DriftKind::Returned,
            (Some(_), None) => DriftKind::Pending,
        }
    }

    /// Records that a run saw a setting with a value at a time.
    pub fn observe(&mut self, setting: &str, value: &Value, at: Timestamp) {
        let value = digest(value);
        let known = self.settings.get(setting);
        let in_sync = known.and_then(|known| known.in_sync.clone());
        let left = in_sync.as_ref().is_some_and(|last| *last != value);
        let out_of_sync = if left { Some(at) } else { known.and_then(|known| known.out_of_sync) };
        let fresh = |otherwise, previous| Observation {
            value: value.clone(),
            first_seen: at,
            last_seen: at,
            otherwise,
            previous,
            in_sync: in_sync.clone(),
            out_of_sync,
        };
        let observation = match known {
            None => fresh(None, None),
            // The clock was set back, or another run is ahead of this one, so the later observation proves nothing.
            Some(known) if known.last_seen > at => fresh(None, None),
            Some(known) if known.value == value => Observation { last_seen: at, out_of_sync, ..known.clone() },
            Some(known) => fresh(Some(known.last_seen), Some(known.value.clone())),
        };
        self.settings.insert(setting.to_owned(), observation);
    }

    /// The time in which a setting changed to this value; `None` if the newest observation has another value.
    #[must_use]
    pub fn change_window(&self, setting: &str, value: &Value) -> Option<ChangeWindow> {
        let digest = digest(value);
        let Observation { first_seen, last_seen, otherwise, .. } =
            self.settings.get(setting).filter(|known| known.value == digest)?;
        Some(match otherwise {
            Some(after) if after < first_seen => ChangeWindow::Between { after: *after, by: *first_seen },
            None if first_seen == last_seen => ChangeWindow::SeenOnce(*first_seen),
            _ => ChangeWindow::UnchangedSince(*first_seen),
        })
    }

    /// When runs first and last saw a setting with this value; `None` if the newest observation has another one.
    #[must_use]
    pub(crate) fn seen_unchanged(&self, setting: &str, value: &Value) -> Option<(Timestamp, Timestamp)> {
        let known = self.settings.get(setting).filter(|known| known.value == digest(value))?;
        Some((known.first_seen, known.last_seen))
    }

    /// The digest of the value that a setting had before the one that it has; `None` if no run has seen or recorded one.
    #[must_use]
    pub fn previous(&self, setting: &str) -> Option<&Digest> {
        self.settings.get(setting)?.previous.as_ref()
    }
}

/// The digest by which observations compare a value.
#[must_use]
pub fn digest(value: &Value) -> Digest {
    Digest::of_json(&value.canonical().to_string())
}

/// The JSON Schema of [`DriftState`].
#[must_use]
pub(crate) fn drift_state_schema() -> Json {
    schema::of::<DriftState>()
}

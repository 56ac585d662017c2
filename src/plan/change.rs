//! The nouns of a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::base::cloud::Cloud;
use crate::base::ids::{ObjectId, TenantId, TenantName};
use crate::base::source::{Place, Source};
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self};
use crate::plan::effective::EffectiveSetting;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;
use crate::tenant::surface::Surface;
use crate::tenant::wire_schema::UnknownKey;

/// One setting that is not as the policy wants it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The setting.
    pub setting: &'static Setting,
    /// What the tenant has.
    pub before: Value,
    /// What the policy wants.
    pub after: Value,
    /// The place in the policy that wants it.
    pub place: Place,
}

/// One request that makes some changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The document it writes.
    pub surface: Surface,
    /// The body, exactly as it will be sent; the id of an object is sent as its address.
    pub body: Document,
    /// What it changes.
    pub changes: Vec<Change>,
    /// Indexes of earlier steps without which this one makes no sense.
    pub waits_for: Vec<usize>,
}

/// A managed setting that could not be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// The place in the policy that wants something of it.
    pub place: Place,
    /// Why.
    pub why: TenantError,
}

/// Everything that would change in one tenant, bound to the policy and the reading it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The tenant, as the policy names it.
    pub tenant: TenantName,
    /// The tenant's id, proved by what was read.
    pub tenant_id: TenantId,
    /// The cloud that hosts it.
    pub cloud: Cloud,
    /// The policy's own file.
    pub source: Arc<Source>,
    /// Every file that says something about the tenant, baselines included, sorted by path.
    pub files: Vec<Arc<Source>>,
    /// When the tenant was read.
    pub taken: Timestamp,
    /// The requests, in order.
    pub steps: Vec<Step>,
    /// The documents that the steps were made from, as they were read.
    pub seen: BTreeMap<Surface, Document>,
    /// Managed settings that are as wanted.
    pub unchanged: Vec<&'static Setting>,
    /// Settings that the policy leaves to the tenant.
    pub unmanaged: Vec<&'static Setting>,
    /// Managed settings that could not be compared; nothing is planned for them.
    pub unknown: Vec<UnknownSetting>,
    /// What the tenant has now, for every setting that could be read.
    pub live: BTreeMap<&'static str, Value>,
    /// What acts once the plan is carried out, for every setting that is known.
    pub effects: Vec<EffectiveSetting>,
    /// What else was asked for and could not be read. Nothing that the policy manages hangs on it.
    pub unread: Vec<UnreadFact>,
    /// Keys of the documents that were read which this version does not know; they are kept.
    pub new_keys: Vec<UnknownKey>,
    /// Display names of the groups in it: untrusted text.
    pub group_names: BTreeMap<ObjectId, String>,
}

/// One change for each setting: the parts of a setting that is kept in several places or takes several requests become one,
/// in the order in which they first occur.
#[must_use]
pub fn merge_by_setting<'a>(parts: impl IntoIterator<Item = &'a Change>) -> Vec<Change> {
    let mut whole: Vec<Change> = Vec::new();
    for part in parts {
        match whole.iter_mut().find(|known| known.setting.name == part.setting.name) {
            Some(known) => {
                join(&mut known.before, &part.before);
                join(&mut known.after, &part.after);
            }
            None => {
                let setting = catalog::find(part.setting.name).unwrap_or(part.setting);
                whole.push(Change { setting, ..part.clone() });
            }
        }
    }
    whole
}

/// Only settings of words have parts.
fn join(into: &mut Value, part: &Value) {
    if let (Value::Set(into), Value::Set(part)) = (into, part) {
        into.extend(part.iter().cloned());
    }
}

impl Plan {
    /// Every setting that changes, in the order of the steps.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        merge_by_setting(self.steps.iter().flat_map(|step| &step.changes))
    }

    /// What acts once the plan is carried out, for the settings that the policy manages.
    pub fn managed_effects(&self) -> impl Iterator<Item = &EffectiveSetting> {
        self.effects.iter().filter(|effect| !self.unmanaged.contains(&effect.setting))
    }

    /// Whether the tenant is known to be as the policy wants it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.unknown.is_empty()
    }
}

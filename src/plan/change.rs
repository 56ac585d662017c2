//! The parts of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::base::cloud::Cloud;
use crate::base::ids::{ObjectId, TenantId, TenantName};
use crate::base::source::{Place, Source};
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self};
use crate::plan::effective::EffectiveSetting;
use crate::policy::document::Method;
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::{Migration, UnreadFact};
use crate::tenant::surface::Surface;
use crate::tenant::wire_schema::UnknownKey;

/// One setting whose actual value differs from the desired one.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The setting that changes.
    pub setting: &'static Setting,
    /// The value that the tenant has.
    pub before: Value,
    /// The value that the policy asks for.
    pub after: Value,
    /// The place of that value in the policy.
    pub place: Place,
}

/// One write request with the changes that it makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The document that the request writes.
    pub surface: Surface,
    /// The body exactly as it is sent, but for the id of an object, which is sent in the URL.
    pub body: Document,
    /// The changes that the request makes.
    pub changes: Vec<Change>,
    /// The indexes of the earlier steps that must succeed before this one is sent.
    pub waits_for: Vec<usize>,
}

/// A managed setting that could not be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownSetting {
    /// The setting that could not be compared.
    pub setting: &'static Setting,
    /// The place of its desired value in the policy.
    pub place: Place,
    /// Why its actual value is not known.
    pub why: TenantError,
}

/// Everything that would change in one tenant, with the policy and the snapshot that it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The tenant, as the policy names it.
    pub tenant: TenantName,
    /// The tenant's id, as the services report it.
    pub tenant_id: TenantId,
    /// The cloud that hosts the tenant.
    pub cloud: Cloud,
    /// The policy's own file.
    pub source: Arc<Source>,
    /// Every file that says something about the tenant, baselines included, sorted by path.
    pub files: Vec<Arc<Source>>,
    /// When the tenant was read.
    pub taken: Timestamp,
    /// The requests, in the order in which they are sent.
    pub steps: Vec<Step>,
    /// The documents that the steps were made from, as they were read.
    pub seen: BTreeMap<Surface, Document>,
    /// Managed settings that are in sync.
    pub unchanged: Vec<&'static Setting>,
    /// Settings that the policy leaves to the tenant.
    pub unmanaged: Vec<&'static Setting>,
    /// Managed settings that the run does not look at, because of `--surfaces`.
    pub skipped: Vec<&'static Setting>,
    /// Managed settings that could not be compared; nothing is planned for them.
    pub unknown: Vec<UnknownSetting>,
    /// The actual value of every setting that could be read.
    pub actual: BTreeMap<&'static str, Value>,
    /// The effective value of every known setting as the tenant was read.
    pub effects_now: Vec<EffectiveSetting>,
    /// The effective value of every known setting after the plan.
    pub effects: Vec<EffectiveSetting>,
    /// The methods in effect after the plan that have ended on the day of the review, each with the date in words.
    pub ended: Vec<(Method, String)>,
    /// The facts about the tenant that could not be read. No managed setting depends on them.
    pub unread: Vec<UnreadFact>,
    /// Keys of the documents that this version does not know. Writes leave them as they are.
    pub new_keys: Vec<UnknownKey>,
    /// The documents that the run wrote which the plan rolls back; none for a plan of a policy.
    pub rolled_back: BTreeSet<Surface>,
    /// The display names of the groups in the plan. They are untrusted text.
    pub group_names: BTreeMap<ObjectId, String>,
}

/// Merges changes to one per setting, in the order in which the settings first occur: a setting that is in several
/// documents, or takes several requests, has several changes.
#[must_use]
pub(crate) fn merge_by_setting<'a>(parts: impl IntoIterator<Item = &'a Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::new();
    for part in parts {
        match merged.iter_mut().find(|known| known.setting.name == part.setting.name) {
            Some(known) => {
                join(&mut known.before, &part.before);
                join(&mut known.after, &part.after);
            }
            None => {
                let setting = catalog::find(part.setting.name).unwrap_or(part.setting);
                merged.push(Change { setting, ..part.clone() });
            }
        }
    }
    merged
}

/// Only a setting whose value is a set can have several changes.
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

    /// The effective values after the plan, for the settings that the policy manages.
    pub fn managed_effects(&self) -> impl Iterator<Item = &EffectiveSetting> {
        let is_left = |effect: &&EffectiveSetting| {
            self.unmanaged.contains(&effect.setting) || self.skipped.contains(&effect.setting)
        };
        self.effects.iter().filter(move |effect| !is_left(effect))
    }

    /// How far the tenant had migrated when it was read; `None` if that was not read or is not understood.
    #[must_use]
    pub fn migration(&self) -> Option<Migration> {
        authentication_methods::migration(self.seen.get(&Surface::AuthenticationMethods)?).ok()
    }

    /// Whether every managed setting is known to be in sync.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.unknown.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::source::Span;
    use crate::catalog::{authentication_methods, methods};

    /// The parts of `methods.allowed` of a migrated tenant are one setting. Documents and audit names
    /// belong to its row in the catalogue.
    #[test]
    fn parts_of_one_setting_are_merged_under_the_row_of_the_catalogue() {
        let source = Source::new("policy.yaml", "");
        let place = Place { source: Arc::new(source), span: Span::default() };
        let set = |words: &[&str]| Value::Set(words.iter().map(|word| (*word).to_owned()).collect());
        let part =
            |setting, word: &str| Change { setting, before: set(&[]), after: set(&[word]), place: place.clone() };
        let [email, phone, _] = authentication_methods::METHODS;
        let merged = merge_by_setting(&[part(email, "email"), part(phone, "mobilePhone")]);
        assert!(std::ptr::eq(merged[0].setting, &methods::ALLOWED), "{}", merged[0].setting.surface.name());
        assert_eq!((merged.len(), &merged[0].after), (1, &set(&["email", "mobilePhone"])));
    }
}

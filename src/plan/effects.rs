//! The effective settings of a tenant, now and after a plan.
//!
//! Who decides the methods during a migration is documented in how-to-authentication-methods-manage.

use crate::base::value::Value;
use crate::catalog::no_effect::NoEffectReason;
use crate::catalog::setting::Setting;
use crate::catalog::{self, allowed_from, methods, scope};
use crate::plan::actual;
use crate::plan::change::Change;
use crate::plan::documents_after::written;
use crate::plan::effective::EffectiveSetting;
use crate::tenant::facts::{Migration, TenantFacts};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Decider;

/// The effective settings of a tenant as it was read. A setting whose value is not known is left out.
#[must_use]
pub fn effective_now(snapshot: &Snapshot) -> Vec<EffectiveSetting> {
    effects(|setting| actual::actual_value(setting, snapshot).ok(), &snapshot.facts)
}

/// The effective settings of a tenant after `changes`.
pub(crate) fn effective_after(snapshot: &Snapshot, changes: &[Change]) -> Vec<EffectiveSetting> {
    let changed = with(snapshot, changes);
    let value = |setting: &'static Setting| {
        let change = changes.iter().find(|change| change.setting.name == setting.name);
        match change {
            Some(change) if setting.name != methods::ALLOWED.name => Some(change.after.clone()),
            Some(_) | None => actual::actual_value(setting, &changed).ok(),
        }
    };
    effects(value, &snapshot.facts)
}

fn effects(value_of: impl Fn(&'static Setting) -> Option<Value>, facts: &TenantFacts) -> Vec<EffectiveSetting> {
    let effect = |setting: &&'static Setting| {
        let value = value_of(setting)?;
        let reason = |reason: &NoEffectReason| reason.applies(&value_of, facts);
        let no_effect = setting.no_effect.iter().copied().find(reason).filter(|_| !is_off(&value));
        let one = (setting.name == scope::ADMINISTRATORS.name && facts.custom_domain == Some(false))
            .then(|| facts.needed_by_administrators())
            .filter(|(least, _)| *least == 1);
        let decider = decider(setting, facts);
        Some(EffectiveSetting { setting, value, decider, no_effect, needed_by_administrators: one })
    };
    catalog::ALL.iter().filter_map(effect).collect()
}

/// Whether a value means "off". Such a value needs no reason for having no effect.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Unset | Value::Bool(false) => true,
        Value::Groups(groups) => groups.is_empty(),
        Value::Text(word) => word == allowed_from::DISABLED,
        Value::Set(words) => words.contains(allowed_from::ANYWHERE),
        _ => false,
    }
}

/// Who decides which methods people may use. A tenant whose migration is not known counts as not migrated.
#[must_use]
pub(crate) fn methods_decider(migration: Option<Migration>) -> Decider {
    match migration {
        Some(Migration::Complete) => Decider::Converged,
        Some(Migration::InProgress) => Decider::Either,
        Some(Migration::PreMigration) | None => Decider::Legacy,
    }
}

fn decider(setting: &Setting, facts: &TenantFacts) -> Decider {
    if setting.name == methods::ALLOWED.name {
        methods_decider(facts.migration)
    } else {
        setting.surface.spec().decided_by
    }
}

/// The snapshot with the changes of methods made in both documents that allow them.
fn with(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for change in changes.iter().filter(|change| change.setting.name == methods::ALLOWED.name) {
        if let Some(Ok(document)) = snapshot.documents.get_mut(&change.setting.surface) {
            *document = written(document, change);
        }
    }
    snapshot
}

//! What acts in a tenant, setting by setting, now and with a plan carried out.
//!
//! Facts: concept-sspr-howitworks (methods, registration, writeback), concept-sspr-licensing (licences), concept-sspr-policy
//! (administrators), how-to-authentication-methods-manage (migration).

use crate::base::value::Value;
use crate::catalog::no_effect::NoEffectReason;
use crate::catalog::setting::Setting;
use crate::catalog::{self, allowed_from, methods};
use crate::plan::actual;
use crate::plan::change::Change;
use crate::plan::effective::EffectiveSetting;
use crate::tenant::document::Document;
use crate::tenant::facts::{Migration, TenantFacts};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::{Decider, WriteMode};

/// What acts in a tenant as it was read, for every setting that is known.
#[must_use]
pub fn effective_now(snapshot: &Snapshot) -> Vec<EffectiveSetting> {
    effects(|setting| actual::actual_value(setting, snapshot).ok(), &snapshot.facts)
}

/// What acts once `changes` are made.
pub(crate) fn effective_after(snapshot: &Snapshot, changes: &[Change]) -> Vec<EffectiveSetting> {
    let moved = with(snapshot, changes);
    let value = |setting: &'static Setting| {
        let change = changes.iter().find(|change| change.setting.name == setting.name);
        match change {
            Some(change) if setting.name != methods::ALLOWED.name => Some(change.after.clone()),
            Some(_) | None => actual::actual_value(setting, &moved).ok(),
        }
    };
    effects(value, &snapshot.facts)
}

fn effects(value_of: impl Fn(&'static Setting) -> Option<Value>, facts: &TenantFacts) -> Vec<EffectiveSetting> {
    let effect = |setting: &&'static Setting| {
        let value = value_of(setting)?;
        let reason = |reason: &NoEffectReason| reason.applies(&value_of, facts);
        let no_effect = setting.no_effect.iter().copied().find(reason).filter(|_| !is_off(&value));
        Some(EffectiveSetting { setting, value, decider: decider(setting, facts), no_effect })
    };
    catalog::ALL.iter().filter_map(effect).collect()
}

/// "Off" and "none" say that something does nothing; that they do nothing themselves need not be told.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Unset | Value::Bool(false) => true,
        Value::Groups(groups) => groups.is_empty(),
        Value::Text(word) => word == allowed_from::DISABLED,
        Value::Set(words) => words.contains(allowed_from::ANYWHERE),
        _ => false,
    }
}

/// Who decides which methods people may use.
#[must_use]
pub fn methods_decider(migration: Option<Migration>) -> Decider {
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

/// The snapshot as it would read with the methods changed: both documents that allow them.
fn with(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for change in changes.iter().filter(|change| change.setting.name == methods::ALLOWED.name) {
        if let Some(Ok(document)) = snapshot.documents.get_mut(&change.setting.surface) {
            *document = written(document, change);
        }
    }
    snapshot
}

fn written(document: &Document, change: &Change) -> Document {
    let Change { setting, before: _, after, place: _ } = change;
    match setting.surface.write_mode() {
        WriteMode::PerEntry => actual::merged(document, setting, after),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::ManagedObject => {
            document.patched(&(setting.encode)(after, document))
        }
    }
}

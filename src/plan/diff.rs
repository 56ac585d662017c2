//! Compares the desired values of a policy with the actual values of a tenant. [`Value`](crate::base::value::Value) is
//! normalised, so equality is enough.

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::setting::Setting;
use crate::plan::actual::{self, document_value};
use crate::plan::change::{Change, UnknownSetting};
use crate::plan::named_locations::ReferenceError;
use crate::plan::route::{self, RouteTarget};
use crate::plan::{managed_objects, references};
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::WriteMode;
use crate::tenant::wire_schema;

/// The result of comparing every managed setting.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: Vec<&'static Setting>,
    pub(crate) unknown: Vec<UnknownSetting>,
    pub(crate) findings: Vec<Finding>,
}

/// Compares each desired setting with the snapshot, in every document that holds it.
pub(crate) fn diff(desired: &Desired, snapshot: &Snapshot) -> Difference {
    let mut difference = Difference::default();
    for desired_setting in &desired.settings {
        let routed = references::resolve_references(desired_setting, snapshot).and_then(|value| match desired_setting
            .setting
            .surface
            .write_mode()
        {
            WriteMode::ManagedObject => managed_objects::route_object(desired_setting, value, desired, snapshot),
            WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::PerEntry => {
                route::route(desired_setting, value, desired, snapshot).map_err(ReferenceError::Unavailable)
            }
        });
        let changes = routed.and_then(|routed| {
            difference.findings.extend(routed.findings);
            changes(desired_setting, routed.targets, snapshot).map_err(ReferenceError::Unavailable)
        });
        match changes {
            // Each setting of an object reports the same obstacle, which is listed once.
            Err(ReferenceError::Invalid(finding)) if difference.findings.contains(&finding) => {}
            // What the tenant has already, such as the id of a group that was deleted since, holds nothing else up.
            Err(ReferenceError::Invalid(finding)) if is_actual(desired_setting, snapshot) => {
                difference.findings.push(Finding { severity: Severity::Warning, ..*finding });
                difference.unchanged.push(desired_setting.setting);
            }
            Err(ReferenceError::Invalid(finding)) => difference.findings.push(*finding),
            Err(ReferenceError::Unavailable(why)) => difference.unknown.push(unknown(desired_setting, why)),
            Ok(changes) if changes.is_empty() => difference.unchanged.push(desired_setting.setting),
            Ok(changes) => difference.changes.extend(changes),
        }
    }
    difference
}

/// Whether the tenant has the desired value as it is written.
fn is_actual(desired_setting: &DesiredSetting, snapshot: &Snapshot) -> bool {
    document_value(desired_setting.setting, snapshot)
        .is_ok_and(|actual| actual::is_asked(&desired_setting.value, &actual))
}

fn changes(
    desired_setting: &DesiredSetting,
    parts: Vec<RouteTarget>,
    snapshot: &Snapshot,
) -> Result<Vec<Change>, TenantError> {
    let mut changes = Vec::new();
    for RouteTarget { setting, after } in parts {
        // A document with an unknown shape is not compared in part, because a write would be built from all of it.
        wire_schema::writable(setting.surface, snapshot.document(setting.surface)?)?;
        let before = document_value(setting, snapshot)?;
        if before != after {
            changes.push(Change { setting, before, after, place: desired_setting.place.clone() });
        }
    }
    Ok(changes)
}

fn unknown(desired_setting: &DesiredSetting, why: TenantError) -> UnknownSetting {
    UnknownSetting { setting: desired_setting.setting, place: desired_setting.place.clone(), why }
}

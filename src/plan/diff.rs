//! What a policy wants, compared with what a tenant has. Values compare as they are: `base::value` is the normaliser.

use crate::base::finding::Finding;
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::setting::Setting;
use crate::plan::actual::document_value;
use crate::plan::change::{Change, UnknownSetting};
use crate::plan::named_locations::ReferenceError;
use crate::plan::route::{self, RouteTarget};
use crate::plan::{managed_objects, references};
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::WriteMode;
use crate::tenant::wire_schema;

/// The outcome of comparing every managed setting.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: Vec<&'static Setting>,
    pub(crate) unknown: Vec<UnknownSetting>,
    pub(crate) findings: Vec<Finding>,
}

/// Compares each wish with the snapshot, at every place where it acts.
pub(crate) fn diff(desired: &Desired, snapshot: &Snapshot) -> Difference {
    let mut difference = Difference::default();
    for wish in &desired.settings {
        let routed =
            references::resolve_references(wish, snapshot).and_then(|value| match wish.setting.surface.write_mode() {
                WriteMode::ManagedObject => managed_objects::route_object(wish, value, desired, snapshot),
                WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::PerEntry => {
                    route::route(wish, value, desired, snapshot).map_err(ReferenceError::Unavailable)
                }
            });
        let changes = routed.and_then(|routed| {
            difference.findings.extend(routed.finding);
            changes(wish, routed.targets, snapshot).map_err(ReferenceError::Unavailable)
        });
        match changes {
            // What stands in the way of an object is said by each of its settings, and told once.
            Err(ReferenceError::Invalid(finding)) if difference.findings.contains(&finding) => {}
            Err(ReferenceError::Invalid(finding)) => difference.findings.push(*finding),
            Err(ReferenceError::Unavailable(why)) => difference.unknown.push(unknown(wish, why)),
            Ok(changes) if changes.is_empty() => difference.unchanged.push(wish.setting),
            Ok(changes) => difference.changes.extend(changes),
        }
    }
    difference
}

fn changes(wish: &DesiredSetting, parts: Vec<RouteTarget>, snapshot: &Snapshot) -> Result<Vec<Change>, TenantError> {
    let mut changes = Vec::new();
    for RouteTarget { setting, after } in parts {
        // What is not understood as a whole is not compared in part: the next write would go by it.
        wire_schema::writable(setting.surface, snapshot.document(setting.surface)?)?;
        let before = document_value(setting, snapshot)?;
        if before != after {
            changes.push(Change { setting, before, after, place: wish.place.clone() });
        }
    }
    Ok(changes)
}

fn unknown(wish: &DesiredSetting, why: TenantError) -> UnknownSetting {
    UnknownSetting { setting: wish.setting, place: wish.place.clone(), why }
}

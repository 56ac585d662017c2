//! What a policy wants, compared with what a tenant has. Values compare as they are: `base::value` is the normaliser.

use crate::base::finding::Finding;
use crate::catalog::desired::{Desired, Wish};
use crate::catalog::setting::Setting;
use crate::plan::change::{Change, Unknown};
use crate::plan::kept;
use crate::plan::live::live_value;
use crate::plan::pin;
use crate::plan::route::{self, Part};
use crate::plan::unpinned::Unpinned;
use crate::tenant::contract;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Manner;
use crate::tenant::trouble::Trouble;

/// The outcome of comparing every managed setting.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: Vec<&'static Setting>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) findings: Vec<Finding>,
}

/// Compares each wish with the snapshot, at every place where it acts.
pub(crate) fn diff(desired: &Desired, snapshot: &Snapshot) -> Difference {
    let mut difference = Difference::default();
    for wish in &desired.wishes {
        let routed = pin::pin(wish, snapshot).and_then(|value| match wish.setting.surface.manner() {
            Manner::Object => kept::route(wish, value, desired, snapshot),
            Manner::Whole | Manner::OneKey | Manner::Merge | Manner::Entries => {
                route::route(wish, value, desired, snapshot).map_err(Unpinned::Unknown)
            }
        });
        let changes = routed.and_then(|routed| {
            difference.findings.extend(routed.told);
            changes(wish, routed.parts, snapshot).map_err(Unpinned::Unknown)
        });
        match changes {
            // What stands in the way of an object is said by each of its settings, and told once.
            Err(Unpinned::Wrong(finding)) if difference.findings.contains(&finding) => {}
            Err(Unpinned::Wrong(finding)) => difference.findings.push(*finding),
            Err(Unpinned::Unknown(why)) => difference.unknown.push(unknown(wish, why)),
            Ok(changes) if changes.is_empty() => difference.unchanged.push(wish.setting),
            Ok(changes) => difference.changes.extend(changes),
        }
    }
    difference
}

fn changes(wish: &Wish, parts: Vec<Part>, snapshot: &Snapshot) -> Result<Vec<Change>, Trouble> {
    let mut changes = Vec::new();
    for Part { setting, after } in parts {
        // What is not understood as a whole is not compared in part: the next write would go by it.
        contract::writable(setting.surface, snapshot.document(setting.surface)?)?;
        let before = live_value(setting, snapshot)?;
        if before != after {
            changes.push(Change { setting, before, after, place: wish.place.clone() });
        }
    }
    Ok(changes)
}

fn unknown(wish: &Wish, why: Trouble) -> Unknown {
    Unknown { setting: wish.setting, place: wish.place.clone(), why }
}

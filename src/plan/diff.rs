//! What a policy wants, compared with what a tenant has. Values compare as they are: `base::value` is the normaliser.

use std::collections::BTreeMap;

use crate::base::finding::Finding;
use crate::base::value::Value;
use crate::catalog::desired::{Desired, Wish};
use crate::catalog::setting::Setting;
use crate::catalog::{self};
use crate::plan::change::{Change, Unknown};
use crate::plan::pin::{self, Unpinned};
use crate::tenant::document::Misshapen;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::trouble::{Trouble, TroubleKind};

/// The outcome of comparing every managed setting.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) changes: Vec<Change>,
    pub(crate) unchanged: Vec<&'static Setting>,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) findings: Vec<Finding>,
}

/// Compares each wish with the snapshot.
pub(crate) fn diff(desired: &Desired, snapshot: &Snapshot) -> Difference {
    let mut difference = Difference::default();
    for wish in &desired.wishes {
        match (pin::pin(wish, snapshot), live_value(wish.setting, snapshot)) {
            (Err(Unpinned::Wrong(finding)), _) => difference.findings.push(*finding),
            (Err(Unpinned::Unknown(why)), _) | (_, Err(why)) => difference.unknown.push(unknown(wish, why)),
            (Ok(after), Ok(before)) if after == before => difference.unchanged.push(wish.setting),
            (Ok(after), Ok(before)) => {
                difference.changes.push(Change { setting: wish.setting, before, after, place: wish.place.clone() })
            }
        }
    }
    difference
}

/// What the tenant has for every setting whose document was read.
pub(crate) fn live(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = catalog::ALL.iter().filter_map(|setting| Some((setting.name, live_value(setting, snapshot).ok()?)));
    known.collect()
}

/// What the tenant has for one setting.
///
/// # Errors
/// The reason why it is not known: unread, unreadable, or of a shape that is not understood.
pub fn live_value(setting: &'static Setting, snapshot: &Snapshot) -> Result<Value, Trouble> {
    match snapshot.documents.get(&setting.surface) {
        Some(Ok(document)) => (setting.decode)(document).map_err(|misshapen| not_understood(setting, &misshapen)),
        Some(Err(trouble)) => Err(trouble.clone()),
        None => Err(Trouble::new(TroubleKind::NotFound, format!("{} was not read", setting.surface.name()))),
    }
}

fn not_understood(setting: &Setting, misshapen: &Misshapen) -> Trouble {
    let surface = setting.surface.name();
    Trouble::new(TroubleKind::Unintelligible, format!("{surface} has an unknown shape: {misshapen}"))
        .hint("nothing is planned for it; report the key and its value, so that the tool can learn the new shape")
}

fn unknown(wish: &Wish, why: Trouble) -> Unknown {
    Unknown { setting: wish.setting, place: wish.place.clone(), why }
}

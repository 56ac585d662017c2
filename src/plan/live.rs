//! What a tenant has.

use std::collections::BTreeMap;

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self, methods};
use crate::plan::effective;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::trouble::Trouble;

/// What acts in the tenant, for every setting that is known.
pub(crate) fn live(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = catalog::ALL.iter().filter_map(|setting| Some((setting.name, acting(setting, snapshot).ok()?)));
    known.collect()
}

/// What acts in the tenant for one setting: for the methods those that people may really use, wherever they are allowed;
/// for everything else what its one place holds.
///
/// # Errors
/// The reason why it is not known.
pub fn acting(setting: &Setting, snapshot: &Snapshot) -> Result<Value, Trouble> {
    if *setting == methods::ALLOWED {
        return effective::methods(snapshot).map(Value::Words);
    }
    live_value(setting, snapshot)
}

/// What the tenant has for one setting at one place.
///
/// # Errors
/// The reason why it is not known: unread, unreadable, or of a shape that is not understood.
pub fn live_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, Trouble> {
    let document = snapshot.document(setting.surface)?;
    (setting.decode)(document).map_err(|misshapen| effective::not_understood(setting.surface, &misshapen))
}

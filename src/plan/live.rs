//! What a tenant has.

use std::collections::BTreeMap;

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self, methods};
use crate::plan::effective;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::trouble::Trouble;

/// What the tenant has for every setting that could be read; for the methods, those that people may really use.
pub(crate) fn live(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = catalog::ALL.iter().filter_map(|setting| Some((setting.name, live_value(setting, snapshot).ok()?)));
    let mut live: BTreeMap<_, _> = known.collect();
    match effective::methods(snapshot) {
        Ok(methods) => live.insert(methods::ALLOWED.name, Value::Words(methods)),
        Err(_) => live.remove(methods::ALLOWED.name),
    };
    live
}

/// What the tenant has for one setting at one place.
///
/// # Errors
/// The reason why it is not known: unread, unreadable, or of a shape that is not understood.
pub fn live_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, Trouble> {
    let document = snapshot.document(setting.surface)?;
    (setting.decode)(document).map_err(|misshapen| effective::not_understood(setting.surface, &misshapen))
}

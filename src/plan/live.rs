//! What a tenant has.

use std::collections::BTreeMap;

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self, methods};
use crate::plan::actual;
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;

/// What acts in the tenant, for every setting that is known.
pub(crate) fn actual_values(snapshot: &Snapshot) -> BTreeMap<&'static str, Value> {
    let known = catalog::ALL.iter().filter_map(|setting| Some((setting.name, actual_value(setting, snapshot).ok()?)));
    known.collect()
}

/// What acts in the tenant for one setting: for the methods those that people may really use, wherever they are allowed;
/// for everything else what its one place holds.
///
/// # Errors
/// The reason why it is not known.
pub fn actual_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    if *setting == methods::ALLOWED {
        return actual::allowed_methods(snapshot).map(Value::Set);
    }
    document_value(setting, snapshot)
}

/// What the tenant has for one setting at one place.
///
/// # Errors
/// The reason why it is not known: unread, unreadable, or of a shape that is not understood.
pub fn document_value(setting: &Setting, snapshot: &Snapshot) -> Result<Value, TenantError> {
    let document = snapshot.document(setting.surface)?;
    (setting.decode)(document).map_err(|misshapen| actual::not_understood(setting.surface, &misshapen))
}

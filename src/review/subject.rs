//! What rules judge: the settings as they would be, if the policy were applied.

use std::collections::BTreeMap;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::desired::Desired;
use crate::tenant::circumstances::Circumstances;

/// A policy over what the tenant has. Without a tenant, only what the policy itself says is known.
pub struct Subject<'a> {
    desired: &'a Desired,
    live: Option<&'a BTreeMap<&'static str, Value>>,
    circumstances: Circumstances,
}

impl<'a> Subject<'a> {
    /// A policy alone.
    #[must_use]
    pub fn offline(desired: &'a Desired) -> Self {
        Self { desired, live: None, circumstances: Circumstances::default() }
    }

    /// A policy over the values that a tenant has.
    #[must_use]
    pub fn live(desired: &'a Desired, live: &'a BTreeMap<&'static str, Value>, circumstances: &Circumstances) -> Self {
        Self { desired, live: Some(live), circumstances: circumstances.clone() }
    }

    /// What decides about the tenant besides its settings; all unknown without a tenant.
    #[must_use]
    pub fn circumstances(&self) -> &Circumstances {
        &self.circumstances
    }

    /// The value a setting would have; `None` when nobody knows.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.desired.wish(name).map(|wish| &wish.value).or_else(|| self.live?.get(name))
    }

    /// Whether the policy itself says something about a setting.
    #[must_use]
    pub fn manages(&self, name: &str) -> bool {
        self.desired.wish(name).is_some()
    }

    /// Whether the tenant's own values are known.
    #[must_use]
    pub fn sees_tenant(&self) -> bool {
        self.live.is_some()
    }

    /// A number, where it is known.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u32> {
        match self.value(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The methods that would be allowed; unknown where a tenant has none switched on here, because it manages them in
    /// the authentication methods policy.
    #[must_use]
    pub fn methods(&self) -> Option<Vec<&'a str>> {
        match self.value("methods.allowed") {
            Some(Value::Words(words)) if self.manages("methods.allowed") || !words.is_empty() => {
                Some(words.iter().map(String::as_str).collect())
            }
            _ => None,
        }
    }

    /// The place in the policy that says something about a setting: the first of `names` that it manages, else the place
    /// where it names the tenant.
    #[must_use]
    pub fn place(&self, names: &[&str]) -> Place {
        let said = names.iter().find_map(|name| self.desired.wish(name));
        said.map_or_else(|| self.desired.tenant_place.clone(), |wish| wish.place.clone())
    }
}

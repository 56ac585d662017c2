//! What rules judge: the settings as they would be, if the policy were applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::desired::Desired;
use crate::catalog::methods;
use crate::policy::document::Method;
use crate::tenant::facts::TenantFacts;

/// A policy over what the tenant has. Without a tenant, only what the policy itself says is known.
pub struct RuleContext<'a> {
    desired: &'a Desired,
    live: Option<&'a BTreeMap<&'static str, Value>>,
    circumstances: TenantFacts,
    today: Option<Date>,
}

/// What a rule has to know before it can say that nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredFacts {
    /// The policy alone.
    Policy,
    /// Also where the tenant decides about methods.
    Migration,
    /// Also what the tenant's licences permit.
    Licence,
    /// Also how the tenant is joined to a directory on premises.
    Hybrid,
    /// Also how many administrators are in the scope's group.
    Administrators,
}

impl<'a> RuleContext<'a> {
    /// A policy alone.
    #[must_use]
    pub fn policy_only(desired: &'a Desired) -> Self {
        Self { desired, live: None, circumstances: TenantFacts::default(), today: None }
    }

    /// A policy over the values that a tenant has.
    #[must_use]
    pub fn with_tenant(
        desired: &'a Desired,
        live: &'a BTreeMap<&'static str, Value>,
        circumstances: &TenantFacts,
    ) -> Self {
        Self { desired, live: Some(live), circumstances: circumstances.clone(), today: None }
    }

    /// The same, judged on a day (UTC). Rules that depend on the day are silent without one.
    #[must_use]
    pub fn on(self, today: Date) -> Self {
        Self { today: Some(today), ..self }
    }

    /// The day on which this is judged.
    #[must_use]
    pub fn today(&self) -> Option<Date> {
        self.today
    }

    /// Whether what a rule needs is known.
    #[must_use]
    pub fn knows(&self, needs: RequiredFacts) -> bool {
        match needs {
            RequiredFacts::Policy => true,
            RequiredFacts::Migration => self.circumstances.migration.is_some(),
            RequiredFacts::Licence => self.circumstances.licence.is_some(),
            RequiredFacts::Hybrid => self.circumstances.hybrid.is_some(),
            RequiredFacts::Administrators => self.circumstances.administrators_among.is_some(),
        }
    }

    /// What decides about the tenant besides its settings; all unknown without a tenant.
    #[must_use]
    pub fn circumstances(&self) -> &TenantFacts {
        &self.circumstances
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &'a Desired {
        self.desired
    }

    /// The value a setting would have; `None` when nobody knows.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.desired.setting(name).map(|wish| &wish.value).or_else(|| self.live?.get(name))
    }

    /// Whether the policy itself says something about a setting.
    #[must_use]
    pub fn manages(&self, name: &str) -> bool {
        self.desired.setting(name).is_some()
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

    /// What the policy itself wants of a setting; `None` when it leaves it to the tenant.
    #[must_use]
    pub fn desired(&self, name: &str) -> Option<&'a Value> {
        self.desired.setting(name).map(|wish| &wish.value)
    }

    /// Whether the policy itself sets a switch to this.
    #[must_use]
    pub fn sets_switch(&self, name: &str, on: bool) -> bool {
        self.desired(name) == Some(&Value::Bool(on))
    }

    /// The methods of `methods` that the policy itself allows, each with its place, in the order of the file.
    #[must_use]
    pub fn allowed(&self, methods: &[Method]) -> Vec<(Method, &'a Place)> {
        let words =
            self.desired.setting(methods::ALLOWED.name).map(|setting| setting.words.as_slice()).unwrap_or_default();
        let listed = words.iter().filter_map(|(word, place)| Some((Method::from_word(word).ok()?, place)));
        listed.filter(|(method, _)| methods.contains(method)).collect()
    }

    /// The place of one allowed method, or of all methods if the policy does not list it.
    #[must_use]
    pub fn method_place(&self, method: Method) -> Place {
        let listed = self.allowed(&[method]).pop().map(|(_, place)| place.clone());
        listed.unwrap_or_else(|| self.place(&[methods::ALLOWED.name, methods::REQUIRED.name]))
    }

    /// The methods that would be allowed. `None` if the policy does not manage them and the tenant's legacy policy allows
    /// none, because such a tenant manages them in the authentication methods policy; or if one of them is unknown.
    #[must_use]
    pub fn methods(&self) -> Option<BTreeSet<Method>> {
        match self.value(methods::ALLOWED.name) {
            Some(Value::Set(words)) if self.manages(methods::ALLOWED.name) || !words.is_empty() => {
                words.iter().map(|word| Method::from_word(word).ok()).collect()
            }
            _ => None,
        }
    }

    /// The place in the policy that says something about a setting: the first of `names` that it manages, else the place
    /// where it names the tenant.
    #[must_use]
    pub fn place(&self, names: &[&str]) -> Place {
        let said = names.iter().find_map(|name| self.desired.setting(name));
        said.map_or_else(|| self.desired.tenant_place.clone(), |wish| wish.place.clone())
    }
}

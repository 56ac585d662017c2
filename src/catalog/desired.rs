//! A policy resolved to one value per setting.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::base::source::{Place, Source};
use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{ALL, methods, scope};
use crate::policy::Policy;
use crate::policy::document::ConvergedPolicy;
use crate::policy::managed::Managed;
use crate::policy::waiver::Waiver;
use crate::tenant::facts::FactsToRead;
use crate::tenant::group::GroupQuery;
use crate::tenant::snapshot::ReadSet;
use crate::tenant::surface::{Service, Surface};

/// What one setting should be, and which words of which file say so.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// The value it should have.
    pub value: Value,
    /// The place that says so.
    pub place: Place,
    /// Where each word of a set stands, in the order of the file; empty for other values.
    pub words: Vec<(String, Place)>,
}

impl DesiredSetting {
    /// Where one word of the set stands, or the whole set where that is not known.
    #[must_use]
    pub fn place_of_item(&self, word: &str) -> &Place {
        self.words.iter().find(|(known, _)| known == word).map_or(&self.place, |(_, place)| place)
    }
}

/// Everything a policy wants of a tenant. Settings that are not in it are unmanaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The tenant.
    pub tenant: TenantName,
    /// The cloud that hosts it.
    pub cloud: Cloud,
    /// The policy's own file.
    pub source: Arc<Source>,
    /// Where the file names the tenant.
    pub tenant_place: Place,
    /// Whether methods may be switched off in the authentication methods policy.
    pub manages_converged: bool,
    /// One wish for each managed setting, in the catalogue's order.
    pub settings: Vec<DesiredSetting>,
    /// What the policy accepts for a while, in the order of the file.
    pub waivers: Vec<LocatedWaiver>,
    /// The services that may be used.
    pub systems: &'static [Service],
}

/// A waiver with the places of what may be wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct LocatedWaiver {
    /// What it says.
    pub waiver: Waiver,
    /// Where it names the rule.
    pub rule: Place,
    /// Where it says when it ends.
    pub expires: Place,
}

/// Resolves a policy through the catalogue.
#[must_use]
pub fn resolve(policy: &Policy) -> Desired {
    let wishes = ALL.iter().filter_map(|setting| match (setting.desired)(&policy.document) {
        Managed::Set(value) => {
            let pointer = setting.pointer();
            let words = words(policy, &value, &pointer);
            Some(DesiredSetting { setting, value, place: policy.place(&pointer), words })
        }
        Managed::Unmanaged => None,
    });
    Desired {
        tenant: policy.tenant.clone(),
        cloud: policy.cloud,
        source: Arc::clone(&policy.source),
        tenant_place: policy.place("/tenant"),
        manages_converged: policy.document.methods.get().and_then(|methods| methods.converged_policy.get())
            == Some(&ConvergedPolicy::Manage),
        settings: wishes.collect(),
        waivers: waivers(policy),
        systems: &Service::ALL,
    }
}

fn waivers(policy: &Policy) -> Vec<LocatedWaiver> {
    let listed = policy.document.waivers.get().into_iter().flatten().enumerate();
    let at = |(index, waiver): (usize, &Waiver)| LocatedWaiver {
        waiver: waiver.clone(),
        rule: policy.place(&format!("/waivers/{index}/rule")),
        expires: policy.place(&format!("/waivers/{index}/expires")),
    };
    listed.map(at).collect()
}

/// A set forgets the order in which it was written; the document still has it.
fn words(policy: &Policy, value: &Value, pointer: &str) -> Vec<(String, Place)> {
    let (Value::Set(_) | Value::GroupNames(_)) = value else { return Vec::new() };
    let document = serde_json::to_value(&policy.document).unwrap_or_default();
    let listed = document.pointer(pointer).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let places = listed.enumerate().map(|(index, word)| (word.to_owned(), policy.place(&format!("{pointer}/{index}"))));
    places.collect()
}

impl Desired {
    /// The wish for the setting of that name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&DesiredSetting> {
        self.settings.iter().find(|wish| wish.setting.name == name)
    }

    /// Gives up every wish that needs a service other than these, and returns the settings that are left out.
    pub fn retain_services(&mut self, systems: &'static [Service]) -> Vec<&'static str> {
        self.systems = systems;
        let (kept, left_out) = std::mem::take(&mut self.settings).into_iter().partition(|wish| {
            let has = |system| systems.contains(&system);
            // Groups are looked up in Graph, which also says where methods are decided.
            let asks_graph = !group_queries(&wish.value).is_empty() || wish.setting.name == methods::ALLOWED.name;
            has(wish.setting.surface.service()) && (!asks_graph || has(Service::Graph))
        });
        self.settings = kept;
        let left_out: Vec<DesiredSetting> = left_out;
        left_out.into_iter().map(|wish| wish.setting.name).collect()
    }

    /// Every file that says something about the tenant, baselines included, sorted by path.
    #[must_use]
    pub fn files(&self) -> Vec<Arc<Source>> {
        let wishes = self
            .settings
            .iter()
            .flat_map(|wish| std::iter::once(&wish.place).chain(wish.words.iter().map(|(_, place)| place)));
        let waivers = self.waivers.iter().flat_map(|waiver| [&waiver.rule, &waiver.expires]);
        let places = wishes.chain(waivers).map(|place| &place.source).chain([&self.source]);
        let files: BTreeMap<&str, &Arc<Source>> = places.map(|source| (source.path.as_str(), source)).collect();
        files.into_values().cloned().collect()
    }

    /// Settings that the policy leaves to the tenant.
    pub fn unmanaged(&self) -> impl Iterator<Item = &'static Setting> {
        ALL.iter().copied().filter(|setting| self.setting(setting.name).is_none())
    }

    /// What must be read to compare this with a tenant: nothing that the policy does not manage.
    #[must_use]
    pub fn read_set(&self) -> ReadSet {
        let mut surfaces: Vec<_> = self.settings.iter().map(|wish| wish.setting.surface).collect();
        // Where the methods of a policy act is for the tenant to say.
        if self.setting(methods::ALLOWED.name).is_some() {
            surfaces.push(Surface::AuthenticationMethods);
        }
        surfaces.sort_unstable();
        surfaces.dedup();
        let mut groups: Vec<_> = self.settings.iter().flat_map(|wish| group_queries(&wish.value)).collect();
        groups.sort_unstable();
        groups.dedup();
        let hybrid = surfaces.contains(&Surface::OnPremisesPasswordReset);
        let graph = self.systems.contains(&Service::Graph);
        let asked = FactsToRead {
            licence: graph && (hybrid || self.setting(scope::USERS.name).is_some()),
            hybrid: graph && hybrid,
        };
        // Administrators who may not reset have no business in the scope.
        let off = self.setting(scope::ADMINISTRATORS.name).is_some_and(|wish| wish.value == Value::Bool(false));
        let scope = self.setting(scope::GROUP.name).filter(|_| off);
        let administrators_among = scope.and_then(|wish| group_queries(&wish.value).pop());
        ReadSet { surfaces, groups, asked, administrators_among }
    }
}

/// How the groups of a value are looked up.
#[must_use]
pub fn group_queries(value: &Value) -> Vec<GroupQuery> {
    match value {
        Value::Group(id) => vec![GroupQuery::Id(*id)],
        Value::GroupName(name) => vec![GroupQuery::Name(name.clone())],
        Value::GroupNames(names) => names.iter().map(|name| group_query(name)).collect(),
        _ => Vec::new(),
    }
}

/// How a group is looked up that a person wrote by name or id.
#[must_use]
pub fn group_query(written: &str) -> GroupQuery {
    written.parse().map_or_else(|_| GroupQuery::Name(written.to_owned()), GroupQuery::Id)
}

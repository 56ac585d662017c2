//! The desired value of each setting of a policy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::base::source::{Place, Source};
use crate::base::value::Value;
use crate::catalog::methods::SSPR_CONFIGURATIONS;
use crate::catalog::setting::Setting;
use crate::catalog::{ALL, methods, scope, writeback};
use crate::policy::Policy;
use crate::policy::document::{ConvergedPolicy, Method};
use crate::policy::managed::Managed;
use crate::policy::readiness::Readiness;
use crate::policy::waiver::Waiver;
use crate::tenant::error::{TenantError, TenantErrorKind};
use crate::tenant::facts::FactsToRead;
use crate::tenant::group::GroupQuery;
use crate::tenant::snapshot::ReadSet;
use crate::tenant::surface::{Service, Surface};

/// The desired value of one setting, with its place in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredSetting {
    /// The setting that should have the value.
    pub setting: &'static Setting,
    pub value: Value,
    /// The place of the value, in the policy or in a baseline.
    pub(crate) place: Place,
    /// The place of each word of a set, in the order of the file; empty for other values.
    pub words: Vec<(String, Place)>,
}

impl DesiredSetting {
    /// The place of one word of the set, or of the whole set if that of the word is not known.
    #[must_use]
    pub(crate) fn place_of_item(&self, word: &str) -> &Place {
        self.words.iter().find(|(known, _)| known == word).map_or(&self.place, |(_, place)| place)
    }
}

/// Everything that a policy asks of a tenant. A setting that is not in it is unmanaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The tenant that the policy is for.
    pub tenant: TenantName,
    /// The cloud that hosts the tenant.
    pub(crate) cloud: Cloud,
    /// The file of the policy, without its baselines.
    pub(crate) source: Arc<Source>,
    /// The place where the file names the tenant.
    pub(crate) tenant_place: Place,
    /// What may be written to the authentication methods policy.
    pub(crate) converged_policy: ConvergedPolicy,
    /// The desired value of each managed setting, in the order of the catalog.
    pub settings: Vec<DesiredSetting>,
    /// The waivers of the policy, in the order of the file.
    pub(crate) waivers: Vec<LocatedWaiver>,
    /// The conditions under which steps are made.
    pub(crate) conditions: Vec<StepCondition>,
    /// The services that a run may use.
    pub(crate) services: &'static [Service],
    /// The managed settings that the run leaves out, because they need another service.
    pub(crate) left_out: Vec<&'static Setting>,
}

/// A waiver with the places of its parts that can be wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LocatedWaiver {
    /// The waiver as the policy has it.
    pub(crate) waiver: Waiver,
    /// The place of the rule.
    pub(crate) rule: Place,
    /// The place of its last day.
    pub(crate) expires: Place,
}

/// The condition under which a step is made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StepCondition {
    /// The settings that change together with the step; the condition is written in the section of the first one.
    pub(crate) settings: &'static [&'static Setting],
    pub(crate) readiness: Readiness,
    /// The place of the key `readiness`.
    pub(crate) place: Place,
}

/// The conditions of a policy: the settings of each, and its place.
fn conditions(policy: &Policy) -> Vec<StepCondition> {
    static PEOPLE: [&Setting; 2] = [&scope::USERS, &scope::GROUP];
    static METHODS: [&Setting; 1] = [&methods::REQUIRED];
    let document = &policy.document;
    let of_people = document.scope.get().and_then(|scope| scope.readiness.get());
    let of_methods = document.methods.get().and_then(|methods| methods.readiness.get());
    let found =
        [(of_people, PEOPLE.as_slice(), "/scope/readiness"), (of_methods, METHODS.as_slice(), "/methods/readiness")];
    let condition = |(readiness, settings, pointer): (Option<&Readiness>, _, _)| {
        Some(StepCondition { settings, readiness: readiness?.clone(), place: policy.place(pointer) })
    };
    found.into_iter().filter_map(condition).collect()
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

impl Desired {
    /// Reads the desired values of a policy.
    #[must_use]
    pub fn from_policy(policy: &Policy) -> Self {
        let settings = ALL.iter().filter_map(|setting| match (setting.desired)(&policy.document) {
            Managed::Set(value) => {
                let pointer = setting.pointer();
                let place = policy.place(&pointer);
                let mut words = policy.words(&pointer);
                // A policy without a file has no list to read them from.
                if let (true, Value::Set(set) | Value::GroupNames(set)) = (words.is_empty(), &value) {
                    words = set.iter().map(|word| (word.clone(), place.clone())).collect();
                }
                Some(DesiredSetting { setting, value, place, words })
            }
            Managed::Unmanaged => None,
        });
        Self {
            tenant: policy.tenant.clone(),
            cloud: policy.cloud,
            source: Arc::clone(&policy.source),
            tenant_place: policy.place("/tenant"),
            converged_policy: policy
                .document
                .methods
                .get()
                .and_then(|methods| methods.converged_policy.get().copied())
                .unwrap_or_default(),
            settings: settings.collect(),
            waivers: waivers(policy),
            conditions: conditions(policy),
            services: &Service::ALL,
            left_out: Vec::new(),
        }
    }

    /// The desired settings of a tenant without a policy: none.
    #[must_use]
    pub(crate) fn of_nothing(tenant: TenantName, cloud: Cloud) -> Self {
        let source = Arc::new(Source::new("", ""));
        Self {
            tenant,
            cloud,
            tenant_place: Place::new(&source, 0, 0),
            source,
            converged_policy: ConvergedPolicy::default(),
            settings: Vec::new(),
            waivers: Vec::new(),
            conditions: Vec::new(),
            services: &Service::ALL,
            left_out: Vec::new(),
        }
    }

    /// The desired value of the setting with this name; `None` if it is unmanaged.
    #[must_use]
    pub(crate) fn setting(&self, name: &str) -> Option<&DesiredSetting> {
        self.settings.iter().find(|desired_setting| desired_setting.setting.name == name)
    }

    /// The same policy with other methods, and with what it may write to the authentication methods policy.
    #[must_use]
    pub(crate) fn with_methods(
        &self,
        allowed: &BTreeSet<Method>,
        required: u32,
        converged_policy: ConvergedPolicy,
    ) -> Self {
        let place =
            |setting: &Setting| self.setting(setting.name).map_or(&self.tenant_place, |known| &known.place).clone();
        let words: Vec<_> = allowed.iter().map(|method| method.word().to_owned()).collect();
        let listed = place(&methods::ALLOWED);
        let of_methods = [
            DesiredSetting {
                setting: &methods::REQUIRED,
                value: Value::Number(required),
                place: place(&methods::REQUIRED),
                words: Vec::new(),
            },
            DesiredSetting {
                setting: &methods::ALLOWED,
                value: Value::Set(words.iter().cloned().collect()),
                words: words.into_iter().map(|word| (word, listed.clone())).collect(),
                place: listed,
            },
        ];
        let others = self.settings.iter().filter(|known| of_methods.iter().all(|one| one.setting != known.setting));
        let mut settings: Vec<_> = others.cloned().collect();
        settings.extend(of_methods);
        settings.sort_by_key(|known| ALL.iter().position(|setting| *setting == known.setting));
        Self { settings, converged_policy, ..self.clone() }
    }

    /// The same policy without the settings that decide who may reset and whether passwords are written back.
    #[must_use]
    pub(crate) fn without_people(&self) -> Self {
        self.without(&[&scope::USERS, &scope::GROUP, &scope::ADMINISTRATORS, &writeback::PASSWORDS])
    }

    /// The same policy without the settings that decide with which methods people reset.
    #[must_use]
    pub(crate) fn without_methods(&self) -> Self {
        self.without(&[&methods::REQUIRED, &methods::ALLOWED])
    }

    /// The same policy without some settings.
    pub(crate) fn without(&self, settings: &[&'static Setting]) -> Self {
        let others = self.settings.iter().filter(|known| settings.iter().all(|setting| known.setting != *setting));
        Self { settings: others.cloned().collect(), ..self.clone() }
    }

    /// Leaves out every setting that needs a service other than these, and returns the names of those settings.
    pub(crate) fn retain_services(&mut self, services: &'static [Service]) -> Vec<&'static str> {
        self.services = services;
        if services == Service::ALL {
            return Vec::new();
        }
        let (retained, left_out) = std::mem::take(&mut self.settings).into_iter().partition(|desired_setting| {
            let has = |service| services.contains(&service);
            // Groups are queried in Graph, which also says where methods are decided.
            let asks_graph = !group_queries(&desired_setting.value).is_empty()
                || desired_setting.setting.name == methods::ALLOWED.name;
            has(desired_setting.setting.surface.service()) && (!asks_graph || has(Service::Graph))
        });
        self.settings = retained;
        let left_out: Vec<DesiredSetting> = left_out;
        self.left_out = left_out.into_iter().map(|desired_setting| desired_setting.setting).collect();
        self.left_out.iter().map(|setting| setting.name).collect()
    }

    /// Passes a policy of which the run looks at a setting: a tenant in which nothing is compared must not look in sync.
    ///
    /// # Errors
    /// The settings that the run leaves out, or that the policy manages none.
    pub(crate) fn check_not_empty(&self) -> Result<(), TenantError> {
        let left_out: Vec<_> = self.left_out.iter().map(|setting| setting.name).collect();
        let refused = |message: String| TenantError::new(TenantErrorKind::Refused, message);
        match (self.settings.as_slice(), left_out.join(", ")) {
            ([_, ..], _) => Ok(()),
            ([], names) if names.is_empty() => {
                Err(refused("the policy manages nothing, so there is nothing to read".to_owned())
                    .hint("add at least one setting, for example `scope.users`"))
            }
            ([], names) => Err(refused(format!(
                "nothing of the tenant was looked at: --surfaces leaves out all that the policy manages ({names})"
            ))
            .hint(
                "leave --surfaces out; settings of the portal take a person, who signs in by `ssprctl login` or by a refresh \
                 token in SSPRCTL_REFRESH_TOKEN",
            )),
        }
    }

    /// Every file with a part of the policy, baselines included, sorted by path.
    #[must_use]
    pub(crate) fn files(&self) -> Vec<Arc<Source>> {
        let settings = self.settings.iter().flat_map(|desired_setting| {
            std::iter::once(&desired_setting.place).chain(desired_setting.words.iter().map(|(_, place)| place))
        });
        let waivers = self.waivers.iter().flat_map(|waiver| [&waiver.rule, &waiver.expires]);
        let places = settings.chain(waivers).map(|place| &place.source).chain([&self.source]);
        let files: BTreeMap<&str, &Arc<Source>> = places.map(|source| (source.path.as_str(), source)).collect();
        files.into_values().cloned().collect()
    }

    /// The settings that the policy does not manage, without those that the run leaves out.
    pub(crate) fn unmanaged(&self) -> impl Iterator<Item = &'static Setting> {
        let is_left_out = |setting: &Setting| self.left_out.iter().any(|left_out| left_out.name == setting.name);
        ALL.iter().copied().filter(move |setting| self.setting(setting.name).is_none() && !is_left_out(setting))
    }

    /// The parts of the tenant that a plan of this policy needs, and no others.
    #[must_use]
    pub fn read_set(&self) -> ReadSet {
        let mut surfaces: Vec<_> =
            self.settings.iter().map(|desired_setting| desired_setting.setting.surface).collect();
        let graph = self.services.contains(&Service::Graph);
        // Which documents allow methods, and how the password reset policy is written, depends on how far the tenant has
        // migrated.
        if graph && surfaces.contains(&Surface::PasswordReset) {
            surfaces.push(Surface::AuthenticationMethods);
        }
        // Whoever is in scope and an administrator is asked to register, also where the tenant lets no administrator reset.
        if graph && self.setting(scope::USERS.name).is_some_and(|users| users.value != Value::Text("none".to_owned())) {
            surfaces.push(Surface::AuthorizationPolicy);
        }
        surfaces.sort_unstable();
        surfaces.dedup();
        let mut groups: Vec<_> =
            self.settings.iter().flat_map(|desired_setting| group_queries(&desired_setting.value)).collect();
        groups.sort_unstable();
        groups.dedup();
        let hybrid = surfaces.contains(&Surface::OnPremisesPasswordReset);
        let asked = FactsToRead {
            licence: graph && (hybrid || self.setting(scope::USERS.name).is_some()),
            hybrid: graph && hybrid,
        };
        // While administrators may not reset, those in the scope are asked to register for nothing, also where only the tenant
        // says so.
        let administrators = self.setting(scope::ADMINISTRATORS.name).map(|desired_setting| &desired_setting.value);
        let may_be_off = administrators.is_none_or(|value| *value == Value::Bool(false));
        let scope = self.setting(scope::GROUP.name).filter(|_| may_be_off);
        let administrators_among = scope.and_then(|desired_setting| group_queries(&desired_setting.value).pop());
        let only_if_off = administrators.is_none();
        ReadSet { surfaces, groups, asked, method_groups: Vec::new(), administrators_among, only_if_off }
    }

    /// What a run that only reports reads: also the groups that the tenant's methods are limited to. Which groups those are is
    /// known only after a first answer, and a plan does not wait for a second one.
    #[must_use]
    pub(crate) fn read_set_of_report(&self) -> ReadSet {
        let read_set = self.read_set();
        // Groups of methods take the permission that a group of the policy takes as well; nothing more is asked for.
        let graph = self.services.contains(&Service::Graph) && !read_set.groups.is_empty();
        let methods = graph && self.setting(methods::ALLOWED.name).is_some();
        ReadSet { method_groups: if methods { SSPR_CONFIGURATIONS.to_vec() } else { Vec::new() }, ..read_set }
    }
}

/// The queries that find the groups of a value.
#[must_use]
pub(crate) fn group_queries(value: &Value) -> Vec<GroupQuery> {
    match value {
        Value::Group(id) => vec![GroupQuery::Id(*id)],
        Value::GroupName(name) => vec![GroupQuery::Name(name.clone())],
        Value::GroupNames(names) => names.iter().map(|name| group_query(name)).collect(),
        _ => Vec::new(),
    }
}

/// The query that finds a group by the name or id that a person has written.
#[must_use]
pub(crate) fn group_query(written: &str) -> GroupQuery {
    written.parse().map_or_else(|_| GroupQuery::Name(written.to_owned()), GroupQuery::Id)
}

//! The policies that decide who can reset with which methods, as the documents of a tenant hold them: now, or after a plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::json;

use crate::base::ids::ObjectId;
use crate::base::signature::Digest;
use crate::base::value::Value;
use crate::catalog::authentication_methods::ALL_USERS;
use crate::catalog::methods::{self, AUTHENTICATOR, EMAIL, SMS, SOFTWARE_OATH, VOICE};
use crate::catalog::setting::Setting;
use crate::catalog::{scope, writeback};
use crate::person::facts::GroupMemberships;
use crate::policy::document::Method;
use crate::tenant::authentication_methods;
use crate::tenant::document::Document;
use crate::tenant::facts::Migration;
use crate::tenant::surface::Surface;

/// Hardware tokens. Microsoft Graph shows this configuration in its beta version alone.
pub(crate) const HARDWARE_OATH: &str = "HardwareOath";

/// Passes with which somebody signs in who has no password.
const TEMPORARY_ACCESS_PASS: &str = "TemporaryAccessPass";

/// The configurations through which people have methods that reset a password.
const RESET_CONFIGURATIONS: [&str; 6] = [EMAIL, SMS, VOICE, AUTHENTICATOR, SOFTWARE_OATH, HARDWARE_OATH];

/// The state of all policies that decide about a reset. What could not be read is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyState {
    /// Which users may reset.
    pub scope: Option<ResetScope>,
    /// How many methods a user needs.
    pub required: Option<u32>,
    /// Whether administrators may reset.
    pub administrators: Option<bool>,
    /// Whether new passwords are written back on premises.
    pub writeback: Option<bool>,
    /// The methods that the legacy policy of the portal has switched on.
    pub legacy: Option<BTreeSet<Method>>,
    /// The authentication methods policy.
    pub converged: Option<ConvergedState>,
}

/// Which users may reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetScope {
    /// The policy permits it to none of the users.
    Nobody,
    /// The members of one group, at any depth.
    Members(ObjectId),
    /// The policy permits it to all users.
    Everybody,
}

/// The authentication methods policy, as far as it decides about a reset.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvergedState {
    /// Whether this policy decides, the legacy one, or both.
    pub migration: Migration,
    /// Whom each configuration is for, by its id.
    pub configurations: BTreeMap<&'static str, MethodTargets>,
}

/// Whom a configuration is for.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodTargets {
    /// Whether it is on; `None` if its state is unknown.
    pub on: Option<bool>,
    /// Whom it includes; `None` if that could not be understood.
    pub include: Option<Vec<MethodTarget>>,
    /// The groups that it excludes; `None` if they could not be understood.
    pub exclude: Option<Vec<ObjectId>>,
    /// Whether calls to office phones are allowed (`isOfficePhoneAllowed`).
    pub office_phone: bool,
    /// Whether the codes of Microsoft Authenticator are allowed (`isSoftwareOathEnabled`).
    pub authenticator_codes: bool,
}

/// People whom a configuration includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodTarget {
    /// The users whom the target includes.
    pub people: TargetPeople,
    /// Whether they may use notifications of Microsoft Authenticator, and not only its sign-in without a password.
    pub notifications: bool,
}

/// The people of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetPeople {
    /// All users of the tenant.
    Everybody,
    /// The members of a group, at any depth.
    Group(ObjectId),
    /// One user. New targets of this kind cannot be made.
    User(ObjectId),
}

/// The settings that [`PolicyState::of`] reads. The configurations of the authentication methods policy decide as well.
const SETTINGS: [&Setting; 6] = [
    &scope::USERS,
    &scope::GROUP,
    &scope::ADMINISTRATORS,
    &methods::REQUIRED,
    &methods::ALLOWED,
    &writeback::PASSWORDS,
];

/// Whether a change of a setting can give the reset to people or take it from them.
pub(crate) fn decides_who_can_reset(setting: &Setting) -> bool {
    setting.surface == Surface::AuthenticationMethods || SETTINGS.iter().any(|one| one.name == setting.name)
}

impl PolicyState {
    /// The state that some documents hold; `document` returns a document that could be read.
    pub fn of<'a>(document: impl Fn(Surface) -> Option<&'a Document>) -> Self {
        let value = |setting: &Setting| (setting.decode)(document(setting.surface)?).ok();
        let switch = |setting: &Setting| match value(setting)? {
            Value::Bool(on) => Some(on),
            _ => None,
        };
        let required = match value(&methods::REQUIRED) {
            Some(Value::Number(required)) => Some(required),
            _ => None,
        };
        Self {
            scope: reset_scope(value(&scope::USERS), value(&scope::GROUP)),
            required,
            administrators: switch(&scope::ADMINISTRATORS),
            writeback: switch(&writeback::PASSWORDS),
            legacy: legacy(value(&methods::ALLOWED)),
            converged: document(Surface::AuthenticationMethods).and_then(ConvergedState::of),
        }
    }

    /// The digest of everything that decides about people without an administrator's role. It is stored: do not change its words.
    pub(crate) fn digest(&self) -> Digest {
        let scope = self.scope.map(|scope| match scope {
            ResetScope::Nobody => "none".to_owned(),
            ResetScope::Members(group) => group.to_string(),
            ResetScope::Everybody => "all".to_owned(),
        });
        let legacy = self.legacy.as_ref().map(|methods| methods.iter().map(|method| method.word()).collect::<Vec<_>>());
        let converged = self.converged.as_ref().map(|policy| {
            let migration = match policy.migration {
                Migration::PreMigration => "before",
                Migration::InProgress => "both",
                Migration::Complete => "after",
            };
            let configurations = policy.configurations.iter().map(|(id, targets)| json!([id, targets.words()]));
            json!([migration, configurations.collect::<Vec<_>>()])
        });
        Digest::of_json(&json!([scope, self.required, self.writeback, legacy, converged]).to_string())
    }

    /// The members of the group in scope; none where the scope is no group, or its members were not read.
    pub(crate) fn scope_members<'a>(&self, groups: &'a GroupMemberships) -> &'a [ObjectId] {
        match self.scope {
            Some(ResetScope::Members(group)) => groups.members(group).unwrap_or_default(),
            Some(ResetScope::Nobody | ResetScope::Everybody) | None => &[],
        }
    }

    /// The users whom a configuration includes by themselves, and not as members of a group.
    pub(crate) fn named_users(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let configurations = self.converged.iter().flat_map(|policy| policy.configurations.values());
        configurations.flat_map(|targets| targets.include.iter().flatten()).filter_map(|target| match target.people {
            TargetPeople::User(user) => Some(user),
            TargetPeople::Everybody | TargetPeople::Group(_) => None,
        })
    }

    /// Every group on which somebody's answer may depend, sorted.
    #[must_use]
    pub fn groups(&self) -> BTreeSet<ObjectId> {
        let scope = match self.scope {
            Some(ResetScope::Members(group)) => Some(group),
            Some(ResetScope::Nobody | ResetScope::Everybody) | None => None,
        };
        let configurations = self.converged.iter().flat_map(|policy| policy.configurations.values());
        let on = configurations.filter(|targets| targets.on != Some(false));
        on.flat_map(MethodTargets::groups).chain(scope).collect()
    }
}

fn reset_scope(users: Option<Value>, group: Option<Value>) -> Option<ResetScope> {
    match (users?, group) {
        (Value::Text(users), _) if users == "none" => Some(ResetScope::Nobody),
        (Value::Text(users), _) if users == "all" => Some(ResetScope::Everybody),
        (Value::Text(_), Some(Value::Group(group))) => Some(ResetScope::Members(group)),
        // The scope is selected users, and no group is selected.
        (Value::Text(_), Some(Value::Unset)) => Some(ResetScope::Nobody),
        _ => None,
    }
}

fn legacy(value: Option<Value>) -> Option<BTreeSet<Method>> {
    match value? {
        Value::Set(words) => words.iter().map(|word| Method::from_word(word).ok()).collect(),
        _ => None,
    }
}

impl ConvergedState {
    fn of(document: &Document) -> Option<Self> {
        let migration = authentication_methods::migration(document).ok()?;
        let targets = |id| Some((id, MethodTargets::read(document.raw(id)?)));
        let configurations = RESET_CONFIGURATIONS.into_iter().filter_map(targets).collect();
        Some(Self { migration, configurations })
    }
}

/// A configuration as the service writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigurationWire {
    state: Option<String>,
    include_targets: Option<Vec<TargetWire>>,
    exclude_targets: Option<Vec<TargetWire>>,
    is_office_phone_allowed: Option<bool>,
    is_software_oath_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetWire {
    id: String,
    target_type: Option<String>,
    authentication_mode: Option<String>,
}

impl MethodTargets {
    /// Whom temporary access passes are for, which let somebody sign in without a password; `None` if that was not read.
    pub(crate) fn of_access_passes(document: &Document) -> Option<Self> {
        Some(Self::read(document.raw(TEMPORARY_ACCESS_PASS)?))
    }

    /// The groups on which it depends whom they are for.
    pub(crate) fn groups(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let included = self.include.iter().flatten().filter_map(|target| match target.people {
            TargetPeople::Group(group) => Some(group),
            TargetPeople::Everybody | TargetPeople::User(_) => None,
        });
        included.chain(self.exclude.iter().flatten().copied())
    }

    /// Everything about them, in words that are stored and do not depend on the order in the document.
    fn words(&self) -> serde_json::Value {
        let include = self.include.as_ref().map(|targets| {
            let word = |target: &MethodTarget| match target.people {
                TargetPeople::Everybody => ("all".to_owned(), target.notifications),
                TargetPeople::Group(id) | TargetPeople::User(id) => (id.to_string(), target.notifications),
            };
            targets.iter().map(word).collect::<BTreeSet<_>>()
        });
        let exclude =
            self.exclude.as_ref().map(|groups| groups.iter().map(ObjectId::to_string).collect::<BTreeSet<_>>());
        json!([self.on, include, exclude, self.office_phone, self.authenticator_codes])
    }

    fn read(text: &str) -> Self {
        // What is not understood may allow anything.
        let unknown = Self { on: None, include: None, exclude: None, office_phone: true, authenticator_codes: true };
        let Ok(wire) = serde_json::from_str::<ConfigurationWire>(text) else { return unknown };
        Self {
            on: match wire.state.as_deref() {
                Some("enabled") => Some(true),
                Some("disabled") => Some(false),
                _ => None,
            },
            include: wire.include_targets.and_then(|targets| targets.iter().map(target).collect()),
            exclude: wire
                .exclude_targets
                .map_or(Some(Vec::new()), |targets| targets.iter().map(|target| target.id.parse().ok()).collect()),
            office_phone: wire.is_office_phone_allowed == Some(true),
            authenticator_codes: wire.is_software_oath_enabled == Some(true),
        }
    }
}

fn target(wire: &TargetWire) -> Option<MethodTarget> {
    let people = match (wire.id.as_str(), wire.target_type.as_deref()) {
        (ALL_USERS, _) => TargetPeople::Everybody,
        (id, Some("user")) => TargetPeople::User(id.parse().ok()?),
        (id, _) => TargetPeople::Group(id.parse().ok()?),
    };
    Some(MethodTarget { people, notifications: wire.authentication_mode.as_deref() != Some("deviceBasedPush") })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::catalog;
    use crate::catalog::setting::ValueKind;
    use crate::tenant::new_tenant;

    /// Values of a kind, of which two at least are different; none for a kind of which no setting decides.
    fn values(kind: ValueKind) -> Vec<Value> {
        match kind {
            ValueKind::Switch => vec![Value::Bool(true), Value::Bool(false)],
            ValueKind::Number { min, max } => vec![Value::Number(min), Value::Number(max)],
            ValueKind::Choice(words) => words.iter().map(|word| Value::Text((*word).to_owned())).collect(),
            ValueKind::Words(words) => {
                vec![Value::Set(BTreeSet::new()), Value::Set(words.iter().map(|word| (*word).to_owned()).collect())]
            }
            ValueKind::Group => [1, 2].map(|id| Value::Group(ObjectId(Uuid::from_u128(id)))).into(),
            ValueKind::Link => vec![Value::Unset, Value::Text("https://help.contoso.com".to_owned())],
            ValueKind::Questions | ValueKind::Groups | ValueKind::Locations => Vec::new(),
        }
    }

    /// The table of the settings that decide has those, and no others, of which another value makes another state.
    #[test]
    fn the_settings_that_decide_are_those_that_the_state_reads() {
        let selected = Value::Text("selected".to_owned());
        let mut documents = new_tenant::documents(Migration::InProgress, &[]);
        let with = |documents: &BTreeMap<Surface, Document>, setting: &Setting, value: &Value| {
            let mut documents = documents.clone();
            if let Some(document) = documents.get_mut(&setting.surface) {
                for patch in (setting.encode)(value, &document.clone()) {
                    *document = document.with(patch.key, &patch.value);
                }
            }
            documents
        };
        // The group decides where the scope is selected users.
        documents = with(&documents, &scope::USERS, &selected);
        for setting in catalog::ALL.iter().filter(|setting| setting.surface != Surface::AuthenticationMethods) {
            let states: Vec<_> = values(setting.kind)
                .iter()
                .map(|value| {
                    let documents = with(&documents, setting, value);
                    PolicyState::of(|surface| documents.get(&surface))
                })
                .collect();
            let changes = states.windows(2).any(|pair| pair.first() != pair.last());
            assert_eq!(changes, decides_who_can_reset(setting), "{}", setting.name);
        }
    }

    /// A configuration whose shape is not understood is neither on nor off, and no method of it is surely not allowed.
    #[test]
    fn what_is_not_understood_may_allow_anything() {
        for text in [r#"{"state":"enabled","includeTargets":"all_users"}"#, r#"{"isOfficePhoneAllowed":1}"#] {
            let read = MethodTargets::read(text);
            assert_eq!((read.on, read.include, read.exclude), (None, None, None), "{text}");
            assert!(read.office_phone && read.authenticator_codes, "{text}");
        }
    }
}

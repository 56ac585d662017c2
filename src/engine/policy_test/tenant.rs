//! The tenant of a test: the documents of a new tenant, and the facts and people that the test file names. Nothing is read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;
use uuid::Uuid;

use crate::base::ids::{ObjectId, TenantId, TenantName};
use crate::base::value::Value;
use crate::catalog::allowed_from::{ALL_TRUSTED, ANYWHERE};
use crate::catalog::desired::Desired;
use crate::catalog::methods::SOFTWARE_OATH;
use crate::catalog::setting::ValueKind;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::catalog::{authentication_methods, methods};
use crate::person::answer::Answer;
use crate::person::assess::assess;
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::plan::actual;
use crate::policy::document::Method;
use crate::policy::test_file::{TestFile, TestLicence, TestMigration, TestPerson, TestTenant, WritebackClient};
use crate::tenant::account::{AccountHome, UserAccount};
use crate::tenant::conditional_access::NamedLocation;
use crate::tenant::document::Document;
use crate::tenant::facts::{Hybrid, Licence, Migration, ResetLicence, TenantFacts};
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::registration::UserRegistrationDetails;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;
use crate::tenant::{authentication_methods as converged, new_tenant};

/// The first ids of people and of groups; those that follow are theirs in the order of their names.
const PEOPLE: u128 = 0x1000_0000;
const GROUPS: u128 = 0x2000_0000;

/// A person of a test.
pub(crate) struct TestedPerson {
    /// The name in the test file.
    pub(crate) name: String,
    account: UserAccount,
    /// The person's line of the registration report.
    pub(crate) report: UserRegistrationDetails,
    groups: Vec<String>,
    /// The role that the persona has, if any.
    role: Option<Uuid>,
}

impl TestedPerson {
    fn new(id: u128, name: &str, person: &TestPerson) -> Self {
        let spec = person.persona.spec();
        let methods = person.methods.get().map_or(spec.methods, Vec::as_slice);
        Self {
            name: name.to_owned(),
            account: UserAccount {
                home: if spec.external { AccountHome::Elsewhere } else { AccountHome::Here },
                enabled: Some(person.enabled.get().copied().unwrap_or(true)),
                synchronised: person.synchronised.get().copied().unwrap_or(spec.synchronised),
            },
            report: UserRegistrationDetails {
                id: ObjectId(Uuid::from_u128(id)),
                member: !spec.external,
                administrator: spec.role.is_some(),
                methods: methods.iter().map(|method| method.reported().to_owned()).collect(),
                enabled: true,
                capable: true,
                refreshed: None,
            },
            groups: person.groups.get().cloned().unwrap_or_default(),
            role: spec.role,
        }
    }

    /// What the model of one person needs to know.
    pub(crate) fn facts(&self) -> PersonFacts<'_> {
        PersonFacts {
            id: self.report.id,
            account: Some(self.account),
            report: Some(&self.report),
            roles: Some(self.role.as_slice()),
        }
    }

    /// Whether the person can reset by some policies at a date. A test says who has which role, which the report of a real
    /// tenant does not.
    pub(crate) fn answer(&self, policy: &PolicyState, tenant: &TenantSituation, at: Date) -> Answer {
        assess(policy, tenant, &self.facts(), at)
    }
}

/// The tenant of a test, before any policy is applied.
pub(crate) struct TestedTenant {
    /// The people, in the order of their names.
    pub(crate) people: Vec<TestedPerson>,
    /// The documents of a new tenant, with what the test says about methods.
    pub(crate) documents: BTreeMap<Surface, Document>,
    facts: TenantFacts,
    /// The ids of all groups that are named, by their names in lower case.
    groups: BTreeMap<String, ObjectId>,
    memberships: GroupMemberships,
}

impl TestedTenant {
    /// The tenant of a test in which the policies `applied` are applied one after another.
    pub(crate) fn new(tests: &TestFile, applied: &[&Desired]) -> Self {
        let people = tests.people.get().into_iter().flatten().zip(PEOPLE..);
        let people: Vec<_> = people.map(|((name, person), id)| TestedPerson::new(id, name, person)).collect();
        let said = tests.tenant.get().cloned().unwrap_or_default();
        let groups = named_groups(&said, &people, applied);
        let migration = match said.migration.get().copied().unwrap_or_default() {
            TestMigration::PreMigration => Migration::PreMigration,
            TestMigration::MigrationInProgress => Migration::InProgress,
            TestMigration::MigrationComplete => Migration::Complete,
        };
        let mut documents = new_tenant::documents(migration, &locations(applied));
        if let Some(document) = documents.get_mut(&Surface::AuthenticationMethods) {
            let allowed = || applied.iter().find_map(|desired| allowed_by(desired)).unwrap_or_default();
            let default = || if migration == Migration::Complete { allowed() } else { BTreeSet::new() };
            let words = said.methods.get().map_or_else(default, |methods| words(methods.iter().copied()));
            *document = with_groups(&with_methods(document, &words), &said, &groups);
        }
        let mut memberships = GroupMemberships::default();
        for (name, id) in &groups {
            let is_member = |person: &&TestedPerson| person.groups.iter().any(|group| group.to_lowercase() == *name);
            memberships.insert(*id, Some(people.iter().filter(is_member).map(|person| person.report.id).collect()));
        }
        let facts = facts(&said, migration, &people, &documents);
        Self { people, documents, facts, groups, memberships }
    }

    /// What would have been read of the tenant for a policy, in the state that `documents` holds.
    pub(crate) fn snapshot(&self, desired: &Desired, documents: BTreeMap<Surface, Document>, day: Date) -> Snapshot {
        let reads = desired.read_set();
        let among = reads.administrators_among.as_ref().and_then(|query| self.group(query)).map(|group| {
            let is_one = |person: &&TestedPerson| {
                person.report.administrator && self.memberships.contains(group, person.report.id) == Some(true)
            };
            u64::try_from(self.people.iter().filter(is_one).count()).unwrap_or(u64::MAX)
        });
        let groups = reads.groups.into_iter().map(|query| {
            let name = match &query {
                GroupQuery::Id(id) => id.to_string(),
                GroupQuery::Name(name) => name.clone(),
            };
            let found = self.group(&query).map(|id| Group { id, name, security_enabled: true, uses_member_of: None });
            (query, Ok(found.into_iter().collect()))
        });
        Snapshot {
            taken: TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or_default(),
            tenant: match desired.tenant {
                TenantName::Id(id) => id,
                TenantName::Domain(_) => TenantId(Uuid::from_u128(1)),
            },
            identities: BTreeMap::new(),
            groups: groups.collect(),
            documents: documents.into_iter().map(|(surface, document)| (surface, Ok(document))).collect(),
            facts: TenantFacts { administrators_among: among, ..self.facts.clone() },
        }
    }

    /// What the model of one person needs to know about the tenant, on a day on which its facts hold.
    pub(crate) fn situation(&self, calendar: TenantCalendar, today: Date) -> TenantSituation {
        let hybrid = self.facts.hybrid;
        let mut groups = self.memberships.clone();
        for group in calendar.provider.iter().filter_map(|provider| provider.groups.as_ref()).flatten() {
            if groups.members(*group).is_none() {
                groups.insert(*group, Some(Vec::new()));
            }
        }
        TenantSituation {
            licence: self.facts.licence,
            synchronised: hybrid.map(|hybrid| hybrid.synchronised),
            writeback_running: hybrid.and_then(|hybrid| hybrid.writeback_up),
            needed_by_administrators: self.facts.needed_by_administrators(),
            groups,
            calendar,
            today,
        }
    }

    fn group(&self, query: &GroupQuery) -> Option<ObjectId> {
        match query {
            GroupQuery::Id(id) => Some(*id),
            GroupQuery::Name(name) => self.groups.get(&name.to_lowercase()).copied(),
        }
    }
}

fn facts(
    said: &TestTenant,
    migration: Migration,
    people: &[TestedPerson],
    documents: &BTreeMap<Surface, Document>,
) -> TenantFacts {
    let permits = |reset, writeback| Licence { reset, writeback };
    let licence = match said.licence.get().copied().unwrap_or_default() {
        TestLicence::Premium => permits(ResetLicence::Permits, true),
        TestLicence::BusinessStandard => permits(ResetLicence::Permits, false),
        TestLicence::OtherPaid => permits(ResetLicence::NotKnown, false),
        TestLicence::Free => permits(ResetLicence::ChangeOnly, false),
    };
    let synchronised = said.synchronised.get().copied();
    let hybrid = Hybrid {
        synchronised: synchronised.unwrap_or_else(|| people.iter().any(|person| person.account.synchronised)),
        writeback_up: match said.writeback_client.get().copied().unwrap_or_default() {
            WritebackClient::Running => Some(true),
            WritebackClient::Stopped => Some(false),
            WritebackClient::Unknown => None,
        },
    };
    TenantFacts {
        migration: Some(migration),
        licence: Some(licence),
        hybrid: Some(hybrid),
        custom_domain: Some(said.custom_domain.get().copied().unwrap_or(true)),
        sms_sign_in: documents.get(&Surface::AuthenticationMethods).and_then(converged::sms_sign_in),
        ..TenantFacts::default()
    }
}

/// Every group that the test file or a policy names; each exists in the tenant.
fn named_groups(said: &TestTenant, people: &[TestedPerson], applied: &[&Desired]) -> BTreeMap<String, ObjectId> {
    let queries = applied.iter().flat_map(|desired| desired.read_set().groups).map(|query| match query {
        GroupQuery::Id(id) => id.to_string(),
        GroupQuery::Name(name) => name,
    });
    let of_methods =
        said.method_groups.get().into_iter().flat_map(|groups| groups.each()).flat_map(|(_, groups)| groups);
    let of_people = people.iter().flat_map(|person| &person.groups);
    let names: BTreeSet<String> =
        queries.chain(of_methods.cloned()).chain(of_people.cloned()).map(|name| name.to_lowercase()).collect();
    let ids = names.into_iter().zip(GROUPS..).map(|(name, id)| {
        let id = name.parse().unwrap_or(ObjectId(Uuid::from_u128(id)));
        (name, id)
    });
    ids.collect()
}

/// The named locations of the policies; each exists in the tenant and is trusted.
fn locations(applied: &[&Desired]) -> Vec<NamedLocation> {
    let settings = applied.iter().flat_map(|desired| &desired.settings);
    let words = settings.filter(|setting| setting.setting.kind == ValueKind::Locations).filter_map(|setting| {
        match &setting.value {
            Value::Set(words) => Some(words),
            _ => None,
        }
    });
    let special = [ALL_TRUSTED, ANYWHERE];
    let names: BTreeSet<&str> = words
        .flatten()
        .map(|word| if special.contains(&word.as_str()) { "Headquarters" } else { word.as_str() })
        .collect();
    let location = |name: &str| NamedLocation { id: name.to_lowercase(), name: name.to_owned(), trusted: true };
    names.into_iter().map(location).collect()
}

fn words(methods: impl Iterator<Item = Method>) -> BTreeSet<String> {
    methods.map(|method| method.word().to_owned()).collect()
}

/// The words of the methods that a policy allows; `None` if it leaves methods to the tenant.
pub(crate) fn allowed_by(desired: &Desired) -> Option<BTreeSet<String>> {
    match desired.setting(methods::ALLOWED.name).map(|setting| &setting.value) {
        Some(Value::Set(words)) => Some(words.clone()),
        _ => None,
    }
}

/// The authentication methods policy with these methods switched on, and no others.
fn with_methods(document: &Document, words: &BTreeSet<String>) -> Document {
    let value = Value::Set(words.clone());
    let document = authentication_methods::METHODS
        .iter()
        .fold(document.clone(), |document, setting| actual::merged(&document, setting, &value));
    // Both kinds of code are on: with one of the two alone it is unclear whose app makes somebody's codes.
    if words.contains(Method::MobileAppCode.word()) {
        changed(&document, SOFTWARE_OATH, "state", &json!("enabled"))
    } else {
        document
    }
}

/// The authentication methods policy with the methods that are for some groups alone.
fn with_groups(document: &Document, said: &TestTenant, groups: &BTreeMap<String, ObjectId>) -> Document {
    let each = said.method_groups.get().into_iter().flat_map(|groups| groups.each());
    each.fold(document.clone(), |document, (configuration, names)| {
        let ids = names.iter().filter_map(|name| groups.get(&name.to_lowercase()));
        let targets: Vec<_> = ids.map(|id| json!({ "targetType": "group", "id": id.to_string() })).collect();
        changed(&document, configuration, "includeTargets", &json!(targets))
    })
}

/// The policy with one key of a configuration changed.
fn changed(document: &Document, id: &str, key: &str, value: &serde_json::Value) -> Document {
    match converged::entry(document, id) {
        Some(entry) => converged::with_entry(document, id, &entry.with(key, value)),
        None => document.clone(),
    }
}

//! Groups the people of a tenant by everything that the model of one person looks at, so that a policy and a date are asked
//! once for each group and not once for each person. The memory is that of the groups, which are few, however many people
//! there are.

use std::collections::{BTreeSet, HashMap};

use crate::base::ids::ObjectId;
use crate::person::facts::{GroupMemberships, PersonFacts};
use crate::person::policy_state::PolicyState;
use crate::person::registered::RegisteredMethods;
use crate::tenant::account::{AccountHome, UserAccount};
use crate::tenant::registration::UserRegistrationDetails;

/// The people of a tenant, by what the model looks at.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Users to whom a policy applies by their id.
    named: BTreeSet<ObjectId>,
    profiles: HashMap<Profile, ProfileCount>,
    /// People whose account is in another tenant, whose policy decides about them; they are in no profile.
    pub(crate) external: u64,
}

/// Everything about a person on which an answer depends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Profile {
    account: Option<UserAccount>,
    /// What is registered, and whether the report says that the person is an administrator and that they can reset.
    report: Option<(RegisteredMethods, bool, bool)>,
    groups: Vec<bool>,
    named: Option<ObjectId>,
}

/// People with the same profile.
#[derive(Clone, Debug)]
struct ProfileCount {
    /// The first of them, by whom the model is asked about all.
    id: ObjectId,
    account: Option<UserAccount>,
    report: Option<UserRegistrationDetails>,
    many: u64,
}

impl Census {
    /// A census of nobody, whose profiles serve questions about these policies alone.
    #[must_use]
    pub(crate) fn new<'a>(policies: impl IntoIterator<Item = &'a PolicyState>) -> Self {
        let named = policies.into_iter().flat_map(PolicyState::named_users).collect();
        Self { named, ..Self::default() }
    }

    /// Adds one person. All groups on which an answer depends have to be among `groups`, which is the same for everybody.
    pub fn add(&mut self, groups: &GroupMemberships, person: &PersonFacts<'_>) {
        let PersonFacts { id, account, report, roles: _ } = *person;
        if account.is_some_and(|account| account.home == AccountHome::Elsewhere) {
            self.external += 1;
            return;
        }
        let profile = Profile {
            account,
            report: report
                .map(|report| (RegisteredMethods::read(&report.methods), report.administrator, report.capable)),
            groups: groups.of(id),
            named: self.named.get(&id).copied(),
        };
        let alike = self.profiles.entry(profile);
        alike.or_insert_with(|| ProfileCount { id, account, report: report.cloned(), many: 0 }).many += 1;
    }

    /// One person for each profile, with how many people have it; in no order.
    pub(crate) fn people(&self) -> impl Iterator<Item = (PersonFacts<'_>, u64)> {
        self.profiles.values().map(|alike| {
            let ProfileCount { id, account, report, many } = alike;
            (PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None }, *many)
        })
    }
}

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
    /// The number of each profile, from 0.
    numbers: HashMap<Profile, usize>,
    profiles: Vec<ProfileCount>,
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

    /// Adds one person, and returns the number of their profile, from 0; `None` for somebody of another tenant. All groups on
    /// which an answer depends have to be among `groups`, which is the same for everybody.
    pub fn add(&mut self, groups: &GroupMemberships, person: &PersonFacts<'_>) -> Option<usize> {
        let PersonFacts { id, account, report, roles: _ } = *person;
        if account.is_some_and(|account| account.home == AccountHome::Elsewhere) {
            self.external += 1;
            return None;
        }
        let profile = Profile {
            account,
            report: report
                .map(|report| (RegisteredMethods::read(&report.methods), report.administrator, report.capable)),
            groups: groups.of(id),
            named: self.named.get(&id).copied(),
        };
        let next = self.profiles.len();
        let number = *self.numbers.entry(profile).or_insert(next);
        match self.profiles.get_mut(number) {
            Some(alike) => alike.many += 1,
            None => self.profiles.push(ProfileCount { id, account, report: report.cloned(), many: 1 }),
        }
        Some(number)
    }

    /// One person for each profile, with how many people have it, in the order of their numbers.
    pub(crate) fn people(&self) -> impl Iterator<Item = (PersonFacts<'_>, u64)> {
        self.profiles.iter().map(|alike| {
            let ProfileCount { id, account, report, many } = alike;
            (PersonFacts { id: *id, account: *account, report: report.as_ref(), roles: None }, *many)
        })
    }
}

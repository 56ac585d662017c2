//! Groups the people of a tenant by everything that the model of one person looks at, so that a policy and a date are asked
//! once for each group and not once for each person. The memory is that of the groups, which are few, however many people
//! there are.

use std::collections::{BTreeSet, HashMap};

use crate::base::ids::ObjectId;
use crate::person::facts::{GroupMemberships, PersonFacts};
use crate::person::policy_state::PolicyState;
use crate::person::registered::RegisteredMethods;
use crate::tenant::account::{AccountFacts, AccountHome, UserAccount};
use crate::tenant::registration::UserRegistrationDetails;

/// For how many kinds of lines of a report a profile is looked up by their number. Few tenants have more.
const KNOWN_LINES: usize = 4_096;
/// How many values the facts about an account have, as bits.
const FACTS: usize = 32;

/// The people of a tenant, by what the model looks at.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Users to whom a policy applies by their id.
    named: BTreeSet<ObjectId>,
    /// The number of each profile, from 0.
    numbers: HashMap<Profile, usize>,
    profiles: Vec<ProfileCount>,
    /// What is known without looking at a profile: by number of the line and account, the profile for each set of groups.
    known: Vec<Vec<(u64, usize)>>,
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

    /// Like [`Census::add`], where everybody of one `line` has registered the same and has the same flags; 0 is no line.
    pub(crate) fn add_line(&mut self, line: u32, groups: &GroupMemberships, person: &PersonFacts<'_>) -> Option<usize> {
        let place = usize::try_from(line).ok().filter(|line| *line < KNOWN_LINES && !self.named.contains(&person.id));
        let place = place.map(|line| line * FACTS + usize::from(AccountFacts::of(person.account).0));
        let Some((place, bits)) = place.zip(groups.bits_of(person.id)) else { return self.add(groups, person) };
        let known = self.known.get(place).and_then(|known| known.iter().find(|(groups, _)| *groups == bits));
        if let Some(alike) = known.and_then(|(_, number)| self.profiles.get_mut(*number)) {
            alike.many += 1;
            return known.map(|(_, number)| *number);
        }
        let number = self.add(groups, person)?;
        if self.known.len() <= place {
            self.known.resize_with(place + 1, Vec::new);
        }
        self.known.get_mut(place)?.push((bits, number));
        Some(number)
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// People with some lines, accounts and groups, each often, are counted the same with and without the numbers of their lines.
    #[test]
    fn numbers_of_lines_change_nothing_but_the_time() {
        let id = |number: u128| ObjectId(Uuid::from_u128(number));
        let line = |number: u32| UserRegistrationDetails {
            id: id(0),
            member: true,
            administrator: number == 2,
            methods: (0..number).map(|_| "email".to_owned()).collect(),
            enabled: true,
            capable: number == 3,
            refreshed: None,
        };
        let mut groups = GroupMemberships::default();
        groups.insert(id(1_000), Some((0..40).map(id).collect()));
        groups.insert(id(1_001), None);
        groups.insert(id(1_002), Some((20..60).map(id).collect()));
        let (mut by_line, mut by_profile) = (Census::default(), Census::default());
        for census in [&mut by_line, &mut by_profile] {
            census.named = [id(7), id(33)].into();
        }
        for number in 0..1_000 {
            let kind = u32::try_from(number % 5).unwrap_or_default();
            let report = (kind > 0).then(|| line(kind));
            let home = if number % 11 == 0 { AccountHome::Elsewhere } else { AccountHome::Here };
            let account = UserAccount { home, enabled: Some(number % 3 > 0), synchronised: number % 7 == 0 };
            let account = (number % 13 > 0).then_some(account);
            let person = PersonFacts { id: id(number), account, report: report.as_ref(), roles: None };
            assert_eq!(by_line.add_line(kind, &groups, &person), by_profile.add(&groups, &person), "{number}");
        }
        let counted = |census: &Census| census.people().map(|(person, many)| (person.id, many)).collect::<Vec<_>>();
        assert_eq!(counted(&by_line), counted(&by_profile));
        assert_eq!(by_line.external, by_profile.external);
        assert!(by_line.external > 50 && by_line.profiles.len() < 300, "{}", by_line.profiles.len());
    }
}

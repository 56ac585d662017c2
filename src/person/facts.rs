//! What the model needs to know about a person and about their tenant.

use std::collections::BTreeMap;

use jiff::civil::Date;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::tenant::account::UserAccount;
use crate::tenant::facts::Licence;
use crate::tenant::registration::UserRegistrationDetails;

/// What is known about one person.
#[derive(Clone, Copy, Debug)]
pub struct PersonFacts<'a> {
    /// The person's object id.
    pub id: ObjectId,
    /// The account; `None` if it could not be read.
    pub account: Option<UserAccount>,
    /// The person's line of the registration report; `None` if the report has none.
    pub report: Option<&'a UserRegistrationDetails>,
    /// The templates of the directory roles that the person holds now; `None` if they were not read, or not all of them.
    pub roles: Option<&'a [Uuid]>,
}

/// What is known about the tenant that concerns everybody. A fact that could not be read is `None`.
#[derive(Clone, Debug)]
pub struct TenantSituation {
    /// What the licences permit.
    pub licence: Option<Licence>,
    /// Whether the directory is synchronised from on premises.
    pub synchronised: Option<bool>,
    /// Whether the writeback service runs; `None` if its state is not known.
    pub writeback_running: Option<bool>,
    /// How many methods an administrator needs, at least and at most.
    pub needed_by_administrators: (u32, u32),
    /// Who is in which group, at any depth.
    pub groups: GroupMemberships,
    /// The dates on which methods end.
    pub calendar: TenantCalendar,
    /// The day on which the tenant was read.
    pub today: Date,
}

/// The members of groups, at any depth.
#[derive(Clone, Debug, Default)]
pub struct GroupMemberships(BTreeMap<ObjectId, Option<Vec<ObjectId>>>);

impl GroupMemberships {
    /// Adds a group; `None` for one whose members could not be read.
    pub fn insert(&mut self, group: ObjectId, members: Option<Vec<ObjectId>>) {
        let sorted = members.map(|mut members| {
            members.sort_unstable();
            members.dedup();
            members
        });
        self.0.insert(group, sorted);
    }

    /// Whether somebody is in a group; `None` if that was not read.
    #[must_use]
    pub(crate) fn contains(&self, group: ObjectId, person: ObjectId) -> Option<bool> {
        self.0.get(&group)?.as_ref().map(|members| members.binary_search(&person).is_ok())
    }

    /// In which of the groups that were read somebody is.
    #[must_use]
    pub(crate) fn of(&self, person: ObjectId) -> Vec<bool> {
        self.0.values().flatten().map(|members| members.binary_search(&person).is_ok()).collect()
    }

    /// The same as bits, in the same order; `None` where there are too many groups for that.
    #[must_use]
    pub(crate) fn bits_of(&self, person: ObjectId) -> Option<u64> {
        let groups = self.0.values().flatten();
        (self.0.len() <= 64)
            .then(|| groups.fold(0, |bits, one| bits << 1 | u64::from(one.binary_search(&person).is_ok())))
    }

    /// The members of a group, sorted; `None` if they were not read.
    #[must_use]
    pub(crate) fn members(&self, group: ObjectId) -> Option<&[ObjectId]> {
        self.0.get(&group)?.as_deref()
    }
}

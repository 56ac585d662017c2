//! Groups with their direct members, of which the second model works out by itself who is in them.

use std::collections::{BTreeMap, BTreeSet};

use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::person::facts::GroupMemberships;

/// A group's direct members.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) people: BTreeSet<ObjectId>,
    pub(crate) groups: BTreeSet<ObjectId>,
    /// The service does not show them.
    pub(crate) hidden: bool,
}

/// The groups of a tenant. A group that is not among them is gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory(pub(crate) BTreeMap<ObjectId, Group>);

impl Directory {
    /// Everybody in a group, at any depth; `None` if the group or one inside of it cannot be read.
    fn people(&self, group: ObjectId) -> Option<BTreeSet<ObjectId>> {
        let (mut open, mut seen, mut people) = (vec![group], BTreeSet::new(), BTreeSet::new());
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                let group = self.0.get(&next).filter(|group| !group.hidden)?;
                people.extend(group.people.iter().copied());
                open.extend(group.groups.iter().copied());
            }
        }
        Some(people)
    }

    /// Whether somebody is in a group; `None` if that cannot be read.
    pub(crate) fn is_member(&self, group: ObjectId, person: ObjectId) -> Option<bool> {
        Some(self.people(group)?.contains(&person))
    }

    /// The same as the program reads it: the members at any depth, as the service lists them.
    pub(crate) fn as_read(&self, groups: impl IntoIterator<Item = ObjectId>) -> GroupMemberships {
        let mut read = GroupMemberships::default();
        for group in groups {
            read.insert(group, self.people(group).map(|people| people.into_iter().collect()));
        }
        read
    }
}

//! The normalised value of one setting. Two values that mean the same are equal: this is the one normaliser that diff,
//! verification, drift and reports share.

use std::collections::BTreeSet;

use crate::base::ids::ObjectId;

/// A security question; two are the same when kind and text are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// One of Microsoft's own questions, in English.
    Predefined(String),
    /// A question the organisation wrote.
    Custom(String),
}

/// The value of a setting, freed from how policy files and the wire write it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// "No group", "no link".
    Nothing,
    /// On or off.
    Switch(bool),
    /// A count, or a number of days.
    Number(u32),
    /// One word of a fixed list, or an address.
    Text(String),
    /// Words of a fixed list, or names of the tenant's own, without order.
    Words(BTreeSet<String>),
    /// Security questions, without order.
    Questions(BTreeSet<Question>),
    /// A group, by id.
    Group(ObjectId),
    /// A group by the name a person wrote; pinned to an id before anything is compared.
    GroupName(String),
    /// Groups by id, without order.
    Groups(BTreeSet<ObjectId>),
    /// Groups as a person wrote them, by name or id; pinned to ids before anything is compared.
    GroupNames(BTreeSet<String>),
}

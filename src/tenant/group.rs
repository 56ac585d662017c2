//! Groups of the directory, as policies refer to them.

use crate::base::ids::ObjectId;

/// How a group is found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupQuery {
    /// The group with this object id.
    Id(ObjectId),
    /// By display name, which need not be unique; compared without case by the directory.
    Name(String),
}

/// A group of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The group's object id.
    pub id: ObjectId,
    /// The group's display name: untrusted text.
    pub name: String,
    /// Whether it is a security group; only such a group can be a scope.
    pub security_enabled: bool,
}

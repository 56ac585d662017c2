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
    /// Whether it is dynamic by a rule about the members of other groups (`memberOf`); `None` if its rule was not read.
    pub uses_member_of: Option<bool>,
}

/// A group that no longer changes its members, because its rule is about the members of other groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenGroup {
    /// The display name: untrusted text.
    pub name: String,
    /// The method configuration that is for it, or not for it; `None` for a group that the policy names.
    pub of: Option<&'static str>,
}

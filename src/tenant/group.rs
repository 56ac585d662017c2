//! Groups, as far as a scope needs them.

use crate::base::ids::ObjectId;

/// How a group is looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupQuery {
    /// By object id.
    Id(ObjectId),
    /// By display name, which need not be unique; compared without case by the directory.
    Name(String),
}

/// A group of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its object id.
    pub id: ObjectId,
    /// Its display name: untrusted text.
    pub name: String,
    /// Whether it may guard access: only such a group can be a scope.
    pub security_enabled: bool,
}

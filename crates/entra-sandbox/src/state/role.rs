//! The directory roles that the emulated services check.

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

/// A built-in directory role. The template ids are Microsoft's and the same in every tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// May read and change everything.
    GlobalAdministrator,
    /// May change the password reset policy and the authentication methods policy.
    AuthenticationPolicyAdministrator,
    /// May change on-premises integration.
    HybridIdentityAdministrator,
    /// May change the authorization policy.
    PrivilegedRoleAdministrator,
    /// May read everything and change nothing.
    GlobalReader,
    /// May read security settings and reports.
    SecurityReader,
    /// May read and change security settings.
    SecurityAdministrator,
    /// May manage users and groups.
    UserAdministrator,
    /// May reset passwords of users who are not administrators.
    HelpdeskAdministrator,
    /// May read reports and logs.
    ReportsReader,
    /// May manage Conditional Access.
    ConditionalAccessAdministrator,
    /// May manage devices in Intune.
    IntuneAdministrator,
}

impl Role {
    /// Every role, in the order of Microsoft's documentation.
    pub const ALL: [Self; 12] = [
        Self::GlobalAdministrator,
        Self::AuthenticationPolicyAdministrator,
        Self::HybridIdentityAdministrator,
        Self::PrivilegedRoleAdministrator,
        Self::GlobalReader,
        Self::SecurityReader,
        Self::SecurityAdministrator,
        Self::UserAdministrator,
        Self::HelpdeskAdministrator,
        Self::ReportsReader,
        Self::ConditionalAccessAdministrator,
        Self::IntuneAdministrator,
    ];

    /// The template id, which the `wids` claim of a token contains.
    #[must_use]
    pub(crate) fn template_id(self) -> Uuid {
        match self {
            Self::GlobalAdministrator => uuid!("62e90394-69f5-4237-9190-012177145e10"),
            Self::AuthenticationPolicyAdministrator => uuid!("0526716b-113d-4c15-b2c8-68e3c22b9f80"),
            Self::HybridIdentityAdministrator => uuid!("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"),
            Self::PrivilegedRoleAdministrator => uuid!("e8611ab8-c189-46e8-94e1-60213ab1f814"),
            Self::GlobalReader => uuid!("f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
            Self::SecurityReader => uuid!("5d6b6bb7-de71-4623-b4af-96380a352509"),
            Self::SecurityAdministrator => uuid!("194ae4cb-b126-40b2-bd5b-6091b380977d"),
            Self::UserAdministrator => uuid!("fe930be7-5e62-47db-91af-98c3a49a38b1"),
            Self::HelpdeskAdministrator => uuid!("729827e3-9c14-49f7-bb1b-9608f156bbb8"),
            Self::ReportsReader => uuid!("4a5d8f65-41da-4de4-8968-e035b65339cf"),
            Self::ConditionalAccessAdministrator => uuid!("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"),
            Self::IntuneAdministrator => uuid!("3a2c62db-5318-420d-8d74-23affee5d9d5"),
        }
    }
}

/// The template id that the `wids` claim of every member contains.
pub(crate) const MEMBER: Uuid = uuid!("b79fbf4d-3ef9-4689-8143-76b194e85509");

//! What one emulated tenant consists of. A state file is one [`Tenant`] as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::methods::defaults;
use crate::methods::policy::MethodsPolicy;
use crate::state::raw_json::RawJson;
use crate::state::role::Role;

/// One tenant with everything the emulated services know of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Version of this shape; always 1.
    pub(crate) format_version: u32,
    /// Tenant id, the `tid` of its tokens.
    pub(crate) id: Uuid,
    /// The organisation's name.
    pub(crate) display_name: String,
    /// Verified domains; the first is the initial one (`NAME.onmicrosoft.com`).
    pub(crate) domains: Vec<String>,
    /// What the organisation pays for.
    pub(crate) licence: Licence,
    /// Synchronisation with an on-premises directory.
    pub sync: DirectorySync,
    /// The portal's `PasswordResetPolicies` document.
    pub password_reset: RawJson,
    /// The portal's `OnPremisesPasswordResetPolicies` document.
    pub(crate) on_premises: RawJson,
    /// Graph's `authorizationPolicy`, without its context.
    pub authorization: RawJson,
    /// Graph's `authenticationMethodsPolicy`. A state file of an older version has none; then it is that of a new tenant.
    #[serde(default = "defaults::policy")]
    pub(crate) methods: MethodsPolicy,
    /// Graph's Conditional Access policies.
    #[serde(default)]
    pub access_policies: Vec<Value>,
    /// Graph's named locations.
    #[serde(default)]
    pub named_locations: Vec<Value>,
    /// Graph's Intune device configurations, each with the assignments that its address `/assignments` serves.
    #[serde(default)]
    pub device_configurations: Vec<Value>,
    /// The audit log, as Graph serves it, oldest first.
    #[serde(default)]
    pub(crate) audit: Vec<Value>,
    /// Groups.
    pub(crate) groups: Vec<Group>,
    /// People.
    pub(crate) accounts: Vec<Account>,
    /// How many users reports tell of. Those beyond [`Tenant::accounts`] are made up when they are asked for.
    #[serde(default)]
    pub(crate) users: u32,
    /// Applications with a secret.
    pub apps: Vec<App>,
}

/// The licence of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Licence {
    /// Entra ID Free: users may change, not reset.
    Free,
    /// Microsoft 365 Business Standard: users may reset; nothing is written back.
    BusinessStandard,
    /// Microsoft 365 Business Premium, which includes Entra ID P1.
    BusinessPremium,
    /// Entra ID P1.
    P1,
    /// Entra ID P2.
    P2,
}

/// How the tenant is connected to an on-premises directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectorySync {
    /// Directory synchronisation runs.
    pub enabled: bool,
    /// Password hash synchronisation.
    pub(crate) password_hashes: bool,
    /// The writeback agent on the server answers.
    pub writeback_agent: bool,
}

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    /// Object id.
    pub(crate) id: Uuid,
    /// Display name; need not be unique.
    pub(crate) display_name: String,
    /// Free text.
    pub(crate) description: Option<String>,
    /// Whether it can be given access.
    pub(crate) security_enabled: bool,
    /// Whether it receives mail.
    pub(crate) mail_enabled: bool,
    /// `Unified` for Microsoft 365 groups, `DynamicMembership` for dynamic ones.
    pub(crate) group_types: Vec<String>,
    /// The rule of a dynamic group.
    pub(crate) membership_rule: Option<String>,
    /// Whether it was synchronised from on-premises.
    pub(crate) on_premises_sync_enabled: Option<bool>,
    /// Direct members: ids of accounts and of groups.
    pub(crate) members: Vec<Uuid>,
}

/// A person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    /// Object id.
    pub(crate) id: Uuid,
    /// Sign-in name.
    pub(crate) user_principal_name: String,
    /// Display name.
    pub(crate) display_name: String,
    /// Password for the token endpoint; people without one cannot sign in.
    pub(crate) password: Option<String>,
    /// Directory roles.
    pub(crate) roles: Vec<Role>,
}

/// An application with a client secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// Client id.
    pub client_id: Uuid,
    /// Object id of its service principal.
    pub(crate) object_id: Uuid,
    /// Display name.
    pub(crate) display_name: String,
    /// Client secret; a published one, good for this emulator alone.
    pub secret: String,
    /// Application permissions on Graph.
    pub(crate) graph_roles: Vec<String>,
    /// Certificates that it may sign assertions with: DER in base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    /// Identities of other providers that may act as it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub federated: Vec<FederatedCredential>,
    /// Whether it acts for people without proving itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
}

/// A federated identity credential. The service fetches the issuer's keys; here the key is at hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FederatedCredential {
    /// Who issues the assertions.
    pub issuer: String,
    /// About whom.
    pub subject: String,
    /// For whom.
    pub audience: String,
    /// The issuer's RSA public key: PKCS #1 DER in base64.
    pub key: String,
}

impl Licence {
    /// Whether users may reset a password that is kept in the cloud.
    #[must_use]
    pub(crate) fn allows_reset(self) -> bool {
        self != Self::Free
    }

    /// Whether the tenant has Entra ID P1: writeback, reports, Conditional Access.
    #[must_use]
    pub(crate) fn has_premium(self) -> bool {
        matches!(self, Self::BusinessPremium | Self::P1 | Self::P2)
    }
}

impl Tenant {
    /// How many users the tenant has, the ones that reports alone know of included.
    #[must_use]
    pub(crate) fn user_count(&self) -> u32 {
        self.users.max(u32::try_from(self.accounts.len()).unwrap_or(u32::MAX))
    }

    /// The initial domain, which also names the tenant's state file.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.domains.first().map_or("", String::as_str)
    }

    /// Whether `name` is this tenant's id or one of its domains, in any casing.
    #[must_use]
    pub(crate) fn has_name(&self, name: &str) -> bool {
        Uuid::parse_str(name).is_ok_and(|id| id == self.id)
            || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// Everybody in a group at any depth: ids of accounts and of the groups on the way.
    #[must_use]
    pub(crate) fn transitive_members(&self, group: Uuid) -> Vec<Uuid> {
        let mut found = Vec::new();
        let mut waiting = vec![group];
        while let Some(id) = waiting.pop() {
            for member in self.group(id).iter().flat_map(|group| &group.members) {
                if *member != group && !found.contains(member) {
                    found.push(*member);
                    waiting.push(*member);
                }
            }
        }
        found
    }

    /// The group with this id.
    #[must_use]
    pub(crate) fn group(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }
}

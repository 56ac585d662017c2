//! One emulated tenant. A state file is a [`Tenant`] as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::methods::defaults;
use crate::methods::policy::{MethodsPolicy, Migration};
use crate::state::raw_json::RawJson;
use crate::state::role::Role;

/// A tenant with everything that the emulated services know about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// The version of the state file's format; always 1.
    pub(crate) format_version: u32,
    /// The tenant id, which is the `tid` claim of its tokens.
    pub(crate) id: Uuid,
    /// The name of the organization.
    pub(crate) display_name: String,
    /// The verified domains. The first is the initial one (`NAME.onmicrosoft.com`).
    pub(crate) domains: Vec<String>,
    pub(crate) licence: Licence,
    /// The connection to an on-premises directory.
    pub sync: DirectorySync,
    /// The portal's document `PasswordResetPolicies`.
    pub password_reset: RawJson,
    /// The portal's document `OnPremisesPasswordResetPolicies`.
    pub(crate) on_premises: RawJson,
    /// Graph's `authorizationPolicy`, without its context.
    pub authorization: RawJson,
    /// Graph's `authenticationMethodsPolicy`. A state file from before this field gets that of a new tenant.
    #[serde(default = "defaults::policy")]
    pub(crate) methods: MethodsPolicy,
    /// Graph's Conditional Access policies.
    #[serde(default)]
    pub access_policies: Vec<Value>,
    /// The named locations of Graph's Conditional Access.
    #[serde(default)]
    pub named_locations: Vec<Value>,
    /// Graph's Intune device configurations, each with the assignments that `/assignments` returns.
    #[serde(default)]
    pub device_configurations: Vec<Value>,
    /// The audit log in Graph's form, oldest event first.
    #[serde(default)]
    pub(crate) audit: Vec<Value>,
    pub(crate) groups: Vec<Group>,
    pub(crate) accounts: Vec<Account>,
    /// How many users the reports contain. Those beyond [`Tenant::accounts`] are generated.
    #[serde(default)]
    pub(crate) users: u32,
    /// The applications that may sign in.
    pub apps: Vec<App>,
}

/// The documents of one tenant, as `sandbox show` prints them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantDocuments<'a> {
    tenant: &'a str,
    id: Uuid,
    password_reset: &'a RawJson,
    on_premises: &'a RawJson,
    authorization: &'a RawJson,
    authentication_methods: &'a MethodsPolicy,
    access_policies: &'a [Value],
    named_locations: &'a [Value],
    device_configurations: &'a [Value],
}

/// The licence of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Licence {
    /// Entra ID Free: users may change a password, not reset it.
    Free,
    /// Office 365 E3: Microsoft's pages disagree on whether users may reset a password. Here they may.
    Office365,
    /// Microsoft 365 Business Standard: users may reset a password; writeback is not included.
    BusinessStandard,
    /// Microsoft 365 Business Premium, which includes Entra ID P1.
    BusinessPremium,
    P1,
    P2,
}

/// The connection of a tenant to an on-premises directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectorySync {
    /// Whether directory synchronization is configured.
    pub enabled: bool,
    /// Whether password hash synchronization is configured.
    pub(crate) password_hashes: bool,
    /// Whether the writeback agent on the server responds.
    pub writeback_agent: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) id: Uuid,
    /// The display name, which need not be unique.
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    /// Whether the group can be granted access.
    pub(crate) security_enabled: bool,
    pub(crate) mail_enabled: bool,
    /// `Unified` for Microsoft 365 groups, `DynamicMembership` for dynamic ones.
    pub(crate) group_types: Vec<String>,
    /// The rule of a dynamic group.
    pub(crate) membership_rule: Option<String>,
    /// Whether the group is synchronized from on-premises.
    pub(crate) on_premises_sync_enabled: Option<bool>,
    /// The ids of the direct members: accounts and groups.
    pub(crate) members: Vec<Uuid>,
}

/// A user who can be named in requests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) user_principal_name: String,
    pub(crate) display_name: String,
    /// The password for the token endpoint. Accounts without one cannot sign in.
    pub(crate) password: Option<String>,
    pub(crate) roles: Vec<Role>,
    /// The profile of the person; accounts without one have no department and draw their methods.
    #[serde(default)]
    pub(crate) profile: Option<Profile>,
}

/// What the directory and the registration report have of one person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    pub(crate) department: String,
    /// The registered methods by their names in the report; `None` draws them from the account's id.
    pub(crate) registered: Option<Vec<String>>,
    /// Whether the account comes from a directory on premises.
    pub(crate) synchronised: bool,
    /// Whether the account is younger than the registration report, which does not have it.
    pub(crate) is_joiner: bool,
    /// Whether the person has tried to reset a password within the last day, and was refused where they may not.
    #[serde(default)]
    pub(crate) tried: bool,
}

impl Account {
    /// Whether the account is younger than the registration report, which does not have it.
    #[must_use]
    pub(crate) fn is_joiner(&self) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.is_joiner)
    }
}

/// An application that may request tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct App {
    /// The application id, with which it signs in.
    pub client_id: Uuid,
    /// The object id of its service principal.
    pub(crate) object_id: Uuid,
    pub(crate) display_name: String,
    /// The client secret, which every seeded application shares.
    pub secret: String,
    /// The application permissions on Graph.
    pub(crate) graph_roles: Vec<String>,
    /// The certificates that may sign its assertions, as DER in base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    /// Federated identity credentials: other providers whose assertions the application may present.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub federated: Vec<FederatedCredential>,
    /// Whether it is a public client, which needs no credential to act for a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
}

/// A federated identity credential. It contains the issuer's key, which the real service fetches.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FederatedCredential {
    /// The `iss` claim of the assertions.
    pub issuer: String,
    /// The `sub` claim of the assertions.
    pub subject: String,
    /// The `aud` claim of the assertions.
    pub audience: String,
    /// The issuer's RSA public key, as PKCS #1 DER in base64.
    pub key: String,
}

impl Licence {
    /// Whether users may reset a password of a cloud account.
    #[must_use]
    pub(crate) fn allows_reset(self) -> bool {
        self != Self::Free
    }

    /// Whether the tenant has Entra ID P1, which includes writeback, reports and Conditional Access.
    #[must_use]
    pub(crate) fn has_premium(self) -> bool {
        matches!(self, Self::BusinessPremium | Self::P1 | Self::P2)
    }
}

impl Tenant {
    /// The documents that clients read and write.
    #[must_use]
    pub(crate) fn documents(&self) -> TenantDocuments<'_> {
        TenantDocuments {
            tenant: self.domain(),
            id: self.id,
            password_reset: &self.password_reset,
            on_premises: &self.on_premises,
            authorization: &self.authorization,
            authentication_methods: &self.methods,
            access_policies: &self.access_policies,
            named_locations: &self.named_locations,
            device_configurations: &self.device_configurations,
        }
    }

    /// Restores the old value of a key in every document that has it.
    pub(crate) fn restore_key(&mut self, old: &Self, key: &str) {
        let documents = [
            (&mut self.password_reset, &old.password_reset),
            (&mut self.on_premises, &old.on_premises),
            (&mut self.authorization, &old.authorization),
            (&mut self.methods.policy, &old.methods.policy),
        ];
        let methods = self.methods.configurations.iter_mut().zip(&old.methods.configurations);
        for (document, old) in documents.into_iter().chain(methods.filter(|(new, old)| differs(new, old))) {
            if let Some(text) = old.get(key) {
                document.set_text(key, text);
            }
        }
        restore_key_in_list(&mut self.access_policies, &old.access_policies, key);
        restore_key_in_list(&mut self.named_locations, &old.named_locations, key);
        restore_key_in_list(&mut self.device_configurations, &old.device_configurations, key);
    }

    /// How many users the registration report has, generated ones included.
    #[must_use]
    pub(crate) fn user_count(&self) -> u32 {
        let reported = self.accounts.iter().filter(|account| !account.is_joiner()).count();
        self.users.max(u32::try_from(reported).unwrap_or(u32::MAX))
    }

    /// What distinguishes the tenant, in a line: licence, directory, which policy decides about methods, and size.
    #[must_use]
    pub fn summary(&self) -> String {
        let licence = match self.licence {
            Licence::Free => "Entra ID Free",
            Licence::Office365 => "Office 365 E3",
            Licence::BusinessStandard => "Microsoft 365 Business Standard",
            Licence::BusinessPremium => "Microsoft 365 Business Premium",
            Licence::P1 => "Entra ID P1",
            Licence::P2 => "Entra ID P2",
        };
        let directory = match (self.sync.enabled, self.sync.writeback_agent) {
            (false, _) => "cloud only",
            (true, false) => "hybrid without writeback",
            (true, true) => "hybrid with writeback",
        };
        let migration = match self.methods.migration() {
            Migration::PreMigration => "not migrated",
            Migration::MigrationInProgress => "migration in progress",
            Migration::MigrationComplete => "migrated",
        };
        let users = match self.user_count() {
            1 => "1 user".to_owned(),
            many => format!("{many} users"),
        };
        format!("{licence}, {directory}, {migration}, {users}")
    }

    /// The initial domain, which also names the state file.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.domains.first().map_or("", String::as_str)
    }

    /// Whether `name` is the id or one of the domains of this tenant, in any casing.
    #[must_use]
    pub(crate) fn has_name(&self, name: &str) -> bool {
        Uuid::parse_str(name).is_ok_and(|id| id == self.id)
            || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// The members of a group at any depth: the ids of accounts and of nested groups.
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

    #[must_use]
    pub(crate) fn group(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }
}

/// Restores the old value of a key in every object of a list. Objects are matched by their ids.
fn restore_key_in_list(new: &mut [Value], old: &[Value], key: &str) {
    for object in new {
        let before = old.iter().find(|before| before["id"] == object["id"] && *before != object);
        if let Some(value) = before.and_then(|before| before.get(key)) {
            object[key] = value.clone();
        }
    }
}

/// Whether two states of the same object differ.
fn differs(new: &RawJson, old: &RawJson) -> bool {
    new.get("id") == old.get("id") && new.text() != old.text()
}

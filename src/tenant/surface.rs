//! The documents that hold a tenant's settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tenant::{conditional_access, device_configuration};

/// The service that serves a document. Each takes tokens of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// The Entra portal's own API. Microsoft neither documents nor supports it for others.
    Portal,
    /// Microsoft Graph v1.0.
    Graph,
}

impl Service {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Portal, Self::Graph];

    /// The name in messages.
    #[must_use]
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Portal => "the Entra portal API",
            Self::Graph => "Microsoft Graph",
        }
    }
}

/// One document of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Surface {
    /// Portal `PasswordResetPolicies`: almost every user setting.
    PasswordReset,
    /// Portal `OnPremisesPasswordResetPolicies`: writeback and unlock.
    OnPremisesPasswordReset,
    /// Graph `authorizationPolicy`: whether administrators may reset their own password.
    AuthorizationPolicy,
    /// Graph `authenticationMethodsPolicy`: the methods of a tenant that has migrated. Each method configuration is an entry
    /// of its own; see [`converged`](crate::tenant::authentication_methods).
    AuthenticationMethods,
    /// Graph `conditionalAccess/policies`: the one policy on registering that is kept; see
    /// [`conditional_access`].
    ConditionalAccess,
    /// Graph `deviceManagement/deviceConfigurations`: the one Intune configuration that is kept; see
    /// [`device_configuration`].
    DeviceConfiguration,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// The whole document replaces the old one (portal-wide practice; nobody was seen sending less).
    Replace,
    /// One request for each key, with that key alone.
    PerKey,
    /// The changed keys are merged by the service.
    Patch,
    /// One request for each entry, whose changed keys are merged by the service.
    PerEntry,
    /// One object that may not exist yet: it is created whole; then its changed keys are merged by the service. See
    /// [`kept`](crate::tenant::managed_object).
    ManagedObject,
}

impl Surface {
    /// Every document, in the order in which they are read and written.
    pub const ALL: [Self; 6] = [
        Self::PasswordReset,
        Self::OnPremisesPasswordReset,
        Self::AuthorizationPolicy,
        Self::AuthenticationMethods,
        Self::ConditionalAccess,
        Self::DeviceConfiguration,
    ];

    /// The service that serves it.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::PasswordReset | Self::OnPremisesPasswordReset => Service::Portal,
            Self::AuthorizationPolicy
            | Self::AuthenticationMethods
            | Self::ConditionalAccess
            | Self::DeviceConfiguration => Service::Graph,
        }
    }

    /// How it is written.
    #[must_use]
    pub fn write_mode(self) -> WriteMode {
        match self {
            Self::PasswordReset => WriteMode::Replace,
            Self::OnPremisesPasswordReset => WriteMode::PerKey,
            Self::AuthorizationPolicy => WriteMode::Patch,
            Self::AuthenticationMethods => WriteMode::PerEntry,
            Self::ConditionalAccess | Self::DeviceConfiguration => WriteMode::ManagedObject,
        }
    }

    /// The name in messages and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordReset => "passwordReset",
            Self::OnPremisesPasswordReset => "onPremisesPasswordReset",
            Self::AuthorizationPolicy => "authorizationPolicy",
            Self::AuthenticationMethods => "authenticationMethods",
            Self::ConditionalAccess => "conditionalAccess",
            Self::DeviceConfiguration => "deviceConfiguration",
        }
    }

    /// Keys that a read may answer differently from one time to the next without anybody having changed anything: the
    /// only list of ignored wire noise.
    #[must_use]
    pub fn volatile_keys(self) -> &'static [&'static str] {
        match self {
            // The name is resolved on request and left empty otherwise; a rename of the group is no change of policy.
            Self::PasswordReset => &["passwordResetEnabledGroupName"],
            Self::OnPremisesPasswordReset => &[],
            Self::AuthorizationPolicy => &["@odata.context", "@odata.id", "@odata.etag"],
            Self::AuthenticationMethods => &["@odata.context", "lastModifiedDateTime"],
            // Locations come and go without touching the policy; one that it names cannot be deleted.
            Self::ConditionalAccess => &["@odata.context", "modifiedDateTime", conditional_access::LOCATIONS],
            Self::DeviceConfiguration => &["@odata.context", "lastModifiedDateTime", "version"],
        }
    }

    /// The keys of an object that have an address of their own, and so a request of their own after the object's.
    #[must_use]
    pub fn separate_request_keys(self) -> &'static [&'static str] {
        match self {
            Self::DeviceConfiguration => &[device_configuration::ASSIGNMENTS],
            Self::PasswordReset
            | Self::OnPremisesPasswordReset
            | Self::AuthorizationPolicy
            | Self::AuthenticationMethods
            | Self::ConditionalAccess => &[],
        }
    }

    /// Whether tenants do without it as a matter of course, for want of a licence or of a permission that nothing else
    /// takes: then it is news only where a policy manages it.
    #[must_use]
    pub fn is_optional(self) -> bool {
        self.write_mode() == WriteMode::ManagedObject
    }
}

//! The reads of `conformance`, one row for each.

use crate::client::{Operation, ProbeRequest};
use crate::tenant::surface::{Service, Surface};

/// One read of `conformance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Probe {
    Policy,
    PolicyWithGroupName,
    PolicyWithoutId,
    PolicyWithoutToken,
    OnPremises,
    OnPremisesAvailable,
    Writeback,
    AccessPolicyInfo,
    AdConnect,
    PasswordSync,
    Properties,
    Skus,
    RoleIds,
    NoRoute,
    Authorization,
    AuthorizationBeta,
    Organization,
    OrganizationBetaSelect,
    Groups,
    GroupsTooMany,
    Methods,
    MethodsBeta,
    MethodsSelect,
    MethodsOfSms,
    Subscriptions,
    SubscriptionsFilter,
    Synchronisation,
    Audit,
    AuditOfReset,
    Registration,
    RegistrationCount,
    ByFeature,
    ByMethod,
    Score,
    AccessPolicies,
    NamedLocations,
    Devices,
}

impl Probe {
    /// Every read, in the order in which they are made.
    pub(crate) const ALL: [Self; 37] = [
        Self::Policy,
        Self::PolicyWithGroupName,
        Self::PolicyWithoutId,
        Self::PolicyWithoutToken,
        Self::OnPremises,
        Self::OnPremisesAvailable,
        Self::Writeback,
        Self::AccessPolicyInfo,
        Self::AdConnect,
        Self::PasswordSync,
        Self::Properties,
        Self::Skus,
        Self::RoleIds,
        Self::NoRoute,
        Self::Authorization,
        Self::AuthorizationBeta,
        Self::Organization,
        Self::OrganizationBetaSelect,
        Self::Groups,
        Self::GroupsTooMany,
        Self::Methods,
        Self::MethodsBeta,
        Self::MethodsSelect,
        Self::MethodsOfSms,
        Self::Subscriptions,
        Self::SubscriptionsFilter,
        Self::Synchronisation,
        Self::Audit,
        Self::AuditOfReset,
        Self::Registration,
        Self::RegistrationCount,
        Self::ByFeature,
        Self::ByMethod,
        Self::Score,
        Self::AccessPolicies,
        Self::NamedLocations,
        Self::Devices,
    ];

    /// The read as it is sent.
    pub(crate) fn request(self) -> ProbeRequest<'static> {
        const POLICY: &str = "api/PasswordReset/PasswordResetPolicies";
        const METHODS: &str = "v1.0/policies/authenticationMethodsPolicy";
        let (operation, path, query) = match self {
            Self::Policy | Self::PolicyWithoutId | Self::PolicyWithoutToken => {
                (Operation::Read(Surface::PasswordReset), POLICY, "")
            }
            Self::PolicyWithGroupName => {
                (Operation::Read(Surface::PasswordReset), POLICY, "getPasswordResetEnabledGroup=true")
            }
            Self::OnPremises => (
                Operation::Read(Surface::OnPremisesPasswordReset),
                "api/PasswordReset/OnPremisesPasswordResetPolicies",
                "",
            ),
            Self::OnPremisesAvailable => {
                (Operation::Writeback, "api/PasswordReset/IsOnPremisesPasswordResetAvailable", "")
            }
            Self::Writeback => (Operation::Writeback, "api/PasswordReset/CheckWritebackConnectivityStatus", ""),
            Self::AccessPolicyInfo => (Operation::Writeback, "api/PasswordReset/ListConditionalAccessPolicyInfo", ""),
            Self::AdConnect => (Operation::Writeback, "api/Directories/ADConnectStatus", ""),
            Self::PasswordSync => (Operation::Writeback, "api/Directories/GetPasswordSyncStatus", ""),
            Self::Properties => (Operation::Identify(Service::Portal), "api/Directories/Properties", ""),
            Self::Skus => (Operation::Writeback, "api/TenantSkuInfo", ""),
            Self::RoleIds => (Operation::Writeback, "api/Permissions/GetUserSystemRoleTemplateIds", ""),
            Self::NoRoute => (Operation::Writeback, "api/PasswordReset/NoSuchDocument", ""),
            Self::Authorization => {
                (Operation::Read(Surface::AuthorizationPolicy), "v1.0/policies/authorizationPolicy", "")
            }
            Self::AuthorizationBeta => {
                (Operation::Read(Surface::AuthorizationPolicy), "beta/policies/authorizationPolicy", "")
            }
            Self::Organization => (Operation::Synchronisation, "v1.0/organization", ""),
            Self::OrganizationBetaSelect => {
                (Operation::Synchronisation, "v1.0/organization", "$select=id,onPremisesLastPasswordSyncDateTime")
            }
            Self::Groups => (Operation::Groups, "v1.0/groups", "$select=id,securityEnabled&$top=1"),
            Self::GroupsTooMany => (Operation::Groups, "v1.0/groups", "$select=id&$top=1000"),
            Self::Methods => (Operation::Read(Surface::AuthenticationMethods), METHODS, ""),
            Self::MethodsBeta => {
                (Operation::Read(Surface::AuthenticationMethods), "beta/policies/authenticationMethodsPolicy", "")
            }
            Self::MethodsSelect => (Operation::Read(Surface::AuthenticationMethods), METHODS, "$select=id"),
            Self::MethodsOfSms => (
                Operation::Read(Surface::AuthenticationMethods),
                "v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms",
                "",
            ),
            Self::Subscriptions => (Operation::Licence, "v1.0/subscribedSkus", ""),
            Self::SubscriptionsFilter => {
                (Operation::Licence, "v1.0/subscribedSkus", "$filter=capabilityStatus%20eq%20'Enabled'")
            }
            Self::Synchronisation => (Operation::Synchronisation, "v1.0/directory/onPremisesSynchronization", ""),
            Self::Audit => (Operation::Audit, "v1.0/auditLogs/directoryAudits", "$top=20"),
            Self::AuditOfReset => (
                Operation::Audit,
                "v1.0/auditLogs/directoryAudits",
                "$filter=startswith(activityDisplayName,'Update%20SSPR')&$top=50",
            ),
            Self::Registration => (
                Operation::Registration,
                "v1.0/reports/authenticationMethods/userRegistrationDetails",
                "$select=id,userPrincipalName,userDisplayName,userType,isAdmin,isSsprRegistered,isSsprEnabled,\
                 isSsprCapable,isMfaRegistered,isMfaCapable,isPasswordlessCapable,methodsRegistered,\
                 isSystemPreferredAuthenticationMethodEnabled,systemPreferredAuthenticationMethods,\
                 userPreferredMethodForSecondaryAuthentication,lastUpdatedDateTime&$top=999",
            ),
            Self::RegistrationCount => (
                Operation::Registration,
                "v1.0/reports/authenticationMethods/userRegistrationDetails",
                "$count=true&$top=1",
            ),
            Self::ByFeature => (
                Operation::Registration,
                "v1.0/reports/authenticationMethods/usersRegisteredByFeature(includedUserTypes='all',includedUserRoles='all')",
                "",
            ),
            Self::ByMethod => (
                Operation::Registration,
                "v1.0/reports/authenticationMethods/usersRegisteredByMethod(includedUserTypes='all',includedUserRoles='all')",
                "",
            ),
            Self::Score => (Operation::Score, "v1.0/security/secureScores", "$top=1"),
            Self::AccessPolicies => {
                (Operation::Read(Surface::ConditionalAccess), "v1.0/identity/conditionalAccess/policies", "")
            }
            Self::NamedLocations => (Operation::Locations, "v1.0/identity/conditionalAccess/namedLocations", ""),
            Self::Devices => {
                (Operation::Read(Surface::DeviceConfiguration), "v1.0/deviceManagement/deviceConfigurations", "")
            }
        };
        let (token, id) = (self != Self::PolicyWithoutToken, self != Self::PolicyWithoutId);
        ProbeRequest { operation, path, query, token, id }
    }
}

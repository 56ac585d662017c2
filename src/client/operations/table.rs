//! What a request is for, and what a person or an application needs in order to be allowed to make it, one row for each
//! operation.

use crate::client::operations::spec::{
    CONDITIONAL_ACCESS_LICENCE, GraphPermission, INTUNE_LICENCE, OperationSpec, RateLimit,
};
use crate::tenant::surface::{Service, Surface};

/// One kind of request. What is known of each is in its row: [`Operation::spec`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Asks a service which tenant the credential belongs to.
    Identify(Service),
    Read(Surface),
    Write(Surface),
    /// Lists the named locations.
    Locations,
    /// Looks up a group by id or by name.
    Groups,
    /// Lists the members of a group.
    Members,
    Licence,
    /// Asks whether the directory is synchronised from on premises.
    Synchronisation,
    /// Asks whether the writeback client can be reached.
    Writeback,
    /// Reads the directory's audit log.
    Audit,
    /// Reads the report of who registered.
    Registration,
    /// Lists the accounts of the directory.
    Accounts,
    /// Reads one account of the directory.
    Account,
    /// Lists the groups and directory roles of one person.
    Memberships,
    /// Reads the Microsoft Secure Score.
    Score,
    /// Asks the sign-in service which tenant has verified a domain.
    Domain,
    /// Asks the sign-in service for a token.
    SignIn,
    /// Asks the runner of a workflow for the token that proves which workflow runs.
    Assertion,
}

impl Operation {
    pub(crate) fn spec(self) -> &'static OperationSpec {
        match self {
            Self::Identify(Service::Portal) => &OperationSpec {
                action: "identify the tenant of the credential",
                service: Some(Service::Portal),
                graph: None,
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Identify(Service::Graph) => &OperationSpec {
                action: "identify the tenant of the credential",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "User.Read",
                    application: "Organization.Read.All",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Read(Surface::PasswordReset) => &OperationSpec {
                action: "read the password reset policy",
                service: Some(Service::Portal),
                graph: None,
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Read(Surface::OnPremisesPasswordReset) => &OperationSpec {
                action: "read the on-premises password reset policy",
                service: Some(Service::Portal),
                graph: None,
                roles: "Global Reader or Hybrid Identity Administrator",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Read(Surface::AuthorizationPolicy) => &OperationSpec {
                action: "read the authorization policy",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.Read.All",
                    application: "Policy.Read.All",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Read(Surface::AuthenticationMethods) => &OperationSpec {
                action: "read the authentication methods policy",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.Read.AuthenticationMethod",
                    application: "Policy.Read.AuthenticationMethod",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Read(Surface::ConditionalAccess) => &OperationSpec {
                action: "read the Conditional Access policies",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.Read.All",
                    application: "Policy.Read.All",
                    also: &[],
                }),
                roles: "Security Reader or Global Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::ConditionalAccess,
                licence: Some(&CONDITIONAL_ACCESS_LICENCE),
            },
            Self::Read(Surface::DeviceConfiguration) => &OperationSpec {
                action: "read the Intune configurations",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "DeviceManagementConfiguration.Read.All",
                    application: "DeviceManagementConfiguration.Read.All",
                    also: &[],
                }),
                roles: "Intune Administrator or Global Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::None,
                licence: Some(&INTUNE_LICENCE),
            },
            Self::Write(Surface::PasswordReset) => &OperationSpec {
                action: "write the password reset policy",
                service: Some(Service::Portal),
                graph: None,
                roles: "Authentication Policy Administrator or Global Administrator",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Write(Surface::OnPremisesPasswordReset) => &OperationSpec {
                action: "write the on-premises password reset policy",
                service: Some(Service::Portal),
                graph: None,
                roles: "Hybrid Identity Administrator or Global Administrator",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Write(Surface::AuthorizationPolicy) => &OperationSpec {
                action: "write the authorization policy",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.ReadWrite.Authorization",
                    application: "Policy.ReadWrite.Authorization",
                    also: &[],
                }),
                roles: "Privileged Role Administrator",
                role_beyond_scope: true,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Write(Surface::AuthenticationMethods) => &OperationSpec {
                action: "write the authentication methods policy",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.ReadWrite.AuthenticationMethod",
                    application: "Policy.ReadWrite.AuthenticationMethod",
                    also: &[],
                }),
                roles: "Authentication Policy Administrator or Global Administrator",
                role_beyond_scope: true,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Write(Surface::ConditionalAccess) => &OperationSpec {
                action: "write the Conditional Access policy",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.ReadWrite.ConditionalAccess",
                    application: "Policy.ReadWrite.ConditionalAccess",
                    also: &["Policy.Read.All", "Application.Read.All"],
                }),
                roles: "Conditional Access Administrator",
                role_beyond_scope: true,
                rate_limit: RateLimit::ConditionalAccess,
                licence: Some(&CONDITIONAL_ACCESS_LICENCE),
            },
            Self::Write(Surface::DeviceConfiguration) => &OperationSpec {
                action: "write the Intune configuration",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "DeviceManagementConfiguration.ReadWrite.All",
                    application: "DeviceManagementConfiguration.ReadWrite.All",
                    also: &[],
                }),
                roles: "Intune Administrator",
                role_beyond_scope: true,
                rate_limit: RateLimit::None,
                licence: Some(&INTUNE_LICENCE),
            },
            Self::Locations => &OperationSpec {
                action: "list the named locations",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Policy.Read.All",
                    application: "Policy.Read.All",
                    also: &[],
                }),
                roles: "Security Reader or Global Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::ConditionalAccess,
                licence: Some(&CONDITIONAL_ACCESS_LICENCE),
            },
            Self::Groups => &OperationSpec {
                action: "look up the group",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Group.ReadBasic.All",
                    application: "Group.ReadBasic.All",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Members => &OperationSpec {
                action: "read the members of the group",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "GroupMember.ReadBasic.All",
                    application: "GroupMember.ReadBasic.All",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Licence => &OperationSpec {
                action: "list the tenant's subscriptions",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "LicenseAssignment.Read.All",
                    application: "LicenseAssignment.Read.All",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Synchronisation => &OperationSpec {
                action: "read whether the directory is synchronised",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "Organization.Read.All",
                    application: "Organization.Read.All",
                    also: &[],
                }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Writeback => &OperationSpec {
                action: "read whether the writeback client is connected",
                service: Some(Service::Portal),
                graph: None,
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Audit => &OperationSpec {
                action: "read the audit log",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "AuditLog.Read.All",
                    application: "AuditLog.Read.All",
                    also: &[],
                }),
                roles: "Reports Reader or Security Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::Reports,
                licence: None,
            },
            Self::Registration => &OperationSpec {
                action: "read the registration report",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "AuditLog.Read.All",
                    application: "AuditLog.Read.All",
                    also: &[],
                }),
                roles: "Reports Reader or Security Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::Reports,
                licence: None,
            },
            Self::Accounts => &OperationSpec {
                action: "list the accounts of the directory",
                service: Some(Service::Graph),
                graph: Some(GraphPermission { delegated: "User.Read.All", application: "User.Read.All", also: &[] }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Account => &OperationSpec {
                action: "read the account of one person",
                service: Some(Service::Graph),
                graph: Some(GraphPermission { delegated: "User.Read.All", application: "User.Read.All", also: &[] }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Memberships => &OperationSpec {
                action: "list the groups of one person",
                service: Some(Service::Graph),
                graph: Some(GraphPermission { delegated: "User.Read.All", application: "User.Read.All", also: &[] }),
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Score => &OperationSpec {
                action: "read the Secure Score",
                service: Some(Service::Graph),
                graph: Some(GraphPermission {
                    delegated: "SecurityEvents.Read.All",
                    application: "SecurityEvents.Read.All",
                    also: &[],
                }),
                roles: "Security Reader",
                role_beyond_scope: true,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Domain => &OperationSpec {
                action: "find the tenant of the domain",
                service: None,
                graph: None,
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::SignIn => &OperationSpec {
                action: "get a token",
                service: None,
                graph: None,
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
            Self::Assertion => &OperationSpec {
                action: "get the workflow's own token",
                service: None,
                graph: None,
                roles: "Global Reader",
                role_beyond_scope: false,
                rate_limit: RateLimit::None,
                licence: None,
            },
        }
    }

    /// Whether it changes the tenant, and so must not be repeated when its outcome is unknown.
    pub(crate) fn is_write(self) -> bool {
        matches!(self, Self::Write(_))
    }

    /// Who answers, for messages.
    pub(crate) fn service_name(self) -> &'static str {
        match self.spec().service {
            Some(service) => service.display_name(),
            None if self == Self::Assertion => "the workflow's runner",
            None => "the sign-in service",
        }
    }
}

//! What a request is for, and what a person needs in order to be allowed to make it.

use crate::tenant::surface::{Service, Surface};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Asking a system which tenant the credential is for.
    Identify(Service),
    /// Reading a document.
    Read(Surface),
    /// Writing a document.
    Write(Surface),
    /// Listing the named locations.
    Locations,
    /// Looking up a group.
    Groups,
    /// Reading the members of a group.
    Members,
    /// Listing the subscriptions.
    Licence,
    /// Asking whether the directory is synchronised from on premises.
    Synchronisation,
    /// Asking whether the writeback client can be reached.
    Writeback,
    /// Reading the directory's audit log.
    Audit,
    /// Reading the report of who registered.
    Registration,
    /// Reading the Secure Score.
    Score,
    /// Asking the sign-in service who has verified a domain.
    Domain,
    /// Asking the sign-in service for a token.
    SignIn,
    /// Asking the runner of a workflow who the workflow is.
    Assertion,
}

impl Operation {
    /// The system whose token it takes; `None` where none is sent.
    pub(crate) fn service(self) -> Option<Service> {
        match self {
            Self::Identify(system) => Some(system),
            Self::Read(surface) | Self::Write(surface) => Some(surface.service()),
            Self::Locations
            | Self::Groups
            | Self::Members
            | Self::Licence
            | Self::Synchronisation
            | Self::Audit
            | Self::Registration
            | Self::Score => Some(Service::Graph),
            Self::Writeback => Some(Service::Portal),
            Self::Domain | Self::SignIn | Self::Assertion => None,
        }
    }

    /// Whether it changes the tenant, and so must not be repeated.
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Write(_))
    }

    /// Who is asked.
    pub(crate) fn service_name(self) -> &'static str {
        match self {
            Self::Assertion => "the workflow's runner",
            _ => self.service().map_or("the sign-in service", Service::display_name),
        }
    }

    /// Whether the service counts it with all others of the tenant, and lets one a second through.
    pub(crate) fn rate_limited(self) -> bool {
        matches!(
            self,
            Self::Read(Surface::ConditionalAccess) | Self::Write(Surface::ConditionalAccess) | Self::Locations
        )
    }

    /// What is done, to follow "cannot".
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Identify(_) => "tell which tenant the credential is for",
            Self::Read(Surface::PasswordReset) => "read the password reset policy",
            Self::Read(Surface::OnPremisesPasswordReset) => "read the on-premises password reset policy",
            Self::Read(Surface::AuthorizationPolicy) => "read the authorization policy",
            Self::Read(Surface::AuthenticationMethods) => "read the authentication methods policy",
            Self::Write(Surface::AuthenticationMethods) => "write the authentication methods policy",
            Self::Write(Surface::PasswordReset) => "write the password reset policy",
            Self::Write(Surface::OnPremisesPasswordReset) => "write the on-premises password reset policy",
            Self::Write(Surface::AuthorizationPolicy) => "write the authorization policy",
            Self::Read(Surface::ConditionalAccess) => "read the Conditional Access policies",
            Self::Write(Surface::ConditionalAccess) => "write the Conditional Access policy",
            Self::Locations => "list the named locations",
            Self::Read(Surface::DeviceConfiguration) => "read the Intune configurations",
            Self::Write(Surface::DeviceConfiguration) => "write the Intune configuration",
            Self::Groups => "look up the group",
            Self::Members => "read the members of the group",
            Self::Licence => "list the tenant's subscriptions",
            Self::Synchronisation => "tell whether the directory is synchronised",
            Self::Writeback => "tell whether the writeback client is up",
            Self::Audit => "read the audit log",
            Self::Registration => "read the registration report",
            Self::Score => "read the Secure Score",
            Self::Domain => "find the tenant of the domain",
            Self::SignIn => "get a token",
            Self::Assertion => "get the workflow's own token",
        }
    }

    /// The directory roles of which one is enough, the least first.
    pub(crate) fn roles(self) -> &'static str {
        match self {
            Self::Write(Surface::PasswordReset | Surface::AuthenticationMethods) => {
                "Authentication Policy Administrator or Global Administrator"
            }
            Self::Write(Surface::OnPremisesPasswordReset) => "Hybrid Identity Administrator or Global Administrator",
            Self::Write(Surface::AuthorizationPolicy) => "Privileged Role Administrator",
            Self::Write(Surface::ConditionalAccess) => "Conditional Access Administrator",
            Self::Write(Surface::DeviceConfiguration) => "Intune Administrator",
            Self::Read(Surface::DeviceConfiguration) => "Intune Administrator or Global Reader",
            Self::Read(Surface::ConditionalAccess) | Self::Locations => "Security Reader or Global Reader",
            Self::Read(Surface::OnPremisesPasswordReset) => "Global Reader or Hybrid Identity Administrator",
            Self::Audit | Self::Registration => "Reports Reader or Security Reader",
            Self::Score => "Security Reader",
            Self::Identify(_)
            | Self::Read(Surface::PasswordReset | Surface::AuthorizationPolicy | Surface::AuthenticationMethods)
            | Self::Groups
            | Self::Members
            | Self::Licence
            | Self::Synchronisation
            | Self::Writeback
            | Self::Domain
            | Self::SignIn
            | Self::Assertion => "Global Reader",
        }
    }

    /// The least scope of Microsoft Graph, delegated or application, for a message.
    pub(crate) fn scope(self) -> &'static str {
        match self {
            Self::Identify(_) => "User.Read (a person) or Organization.Read.All (an application)",
            Self::Write(Surface::ConditionalAccess) => {
                "Policy.ReadWrite.ConditionalAccess, with Policy.Read.All and Application.Read.All"
            }
            _ => self.delegated(),
        }
    }

    /// The permissions that it takes besides, delegated or application.
    pub(crate) fn also(self) -> &'static [&'static str] {
        match self {
            Self::Write(Surface::ConditionalAccess) => &["Policy.Read.All", "Application.Read.All"],
            _ => &[],
        }
    }

    /// The least application permission on Microsoft Graph.
    pub(crate) fn application(self) -> &'static str {
        match self {
            Self::Identify(_) => "Organization.Read.All",
            _ => self.delegated(),
        }
    }

    /// The least delegated permission on Microsoft Graph.
    pub(crate) fn delegated(self) -> &'static str {
        match self {
            Self::Identify(_) => "User.Read",
            Self::Groups => "Group.ReadBasic.All",
            Self::Members => "GroupMember.ReadBasic.All",
            Self::Licence => "LicenseAssignment.Read.All",
            Self::Synchronisation => "Organization.Read.All",
            Self::Read(Surface::AuthenticationMethods) => "Policy.Read.AuthenticationMethod",
            Self::Write(Surface::AuthenticationMethods) => "Policy.ReadWrite.AuthenticationMethod",
            Self::Audit | Self::Registration => "AuditLog.Read.All",
            Self::Read(Surface::DeviceConfiguration) => "DeviceManagementConfiguration.Read.All",
            Self::Write(Surface::DeviceConfiguration) => "DeviceManagementConfiguration.ReadWrite.All",
            Self::Write(Surface::ConditionalAccess) => "Policy.ReadWrite.ConditionalAccess",
            Self::Score => "SecurityEvents.Read.All",
            Self::Write(_) => "Policy.ReadWrite.Authorization",
            Self::Read(_) | Self::Locations | Self::Domain | Self::SignIn | Self::Assertion | Self::Writeback => {
                "Policy.Read.All"
            }
        }
    }
}

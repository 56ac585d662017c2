//! The documents that hold a tenant's settings, one row for each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tenant::known_keys::{self, KnownKey};
use crate::tenant::managed_object::ObjectSelector;
use crate::tenant::publication::{self, Publication};
use crate::tenant::{conditional_access, device_configuration};

/// The service that serves a document. Each accepts only tokens that were issued for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Service {
    /// The API behind the Entra portal, which Microsoft neither documents nor supports for other clients.
    Portal,
    /// Microsoft Graph, version 1.0.
    Graph,
}

impl Service {
    /// Every service that holds settings.
    pub(crate) const ALL: [Self; 2] = [Self::Portal, Self::Graph];

    /// The name that messages use, with its article: "the Entra portal API".
    #[must_use]
    pub(crate) fn display_name(self) -> &'static str {
        match self {
            Self::Portal => "the Entra portal API",
            Self::Graph => "Microsoft Graph",
        }
    }
}

/// One document of a tenant. What is known of each is in its row: [`Surface::spec`].
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
    /// of its own; see [`authentication_methods`](crate::tenant::authentication_methods).
    AuthenticationMethods,
    /// Graph `conditionalAccess/policies`: the one policy on registering that is managed; see [`conditional_access`].
    ConditionalAccess,
    /// Graph `deviceManagement/deviceConfigurations`: the one Intune configuration that
    /// is managed; see [`device_configuration`].
    DeviceConfiguration,
}

/// What is known of one document. What it takes in code is in its file of `client/documents` and its rows of `catalog`.
#[derive(Debug)]
pub struct SurfaceSpec {
    /// The name in messages, reports and files, in camel case.
    pub name: &'static str,
    /// The service that serves it.
    pub service: Service,
    /// How it is written.
    pub write_mode: WriteMode,
    /// Whether many tenants lack the licence or the permission to read it. A failed read is then reported only if the
    /// policy manages the surface.
    pub(crate) optional: bool,
    /// Who decides its settings, but for the methods, which depend on how far a tenant has migrated.
    pub(crate) decided_by: Decider,
    /// Keys whose values differ from one read to the next although nobody changed anything. They never count as a change;
    /// no other list of ignored keys exists.
    pub volatile_keys: &'static [&'static str],
    /// Keys of an object that have a URL of their own, and so are written by a request of their own after the object's.
    pub(crate) separate_request_keys: &'static [&'static str],
    /// Every key that the document had when this program was built.
    pub known_keys: &'static [KnownKey],
    /// The activities that log a change of it; empty where the directory's audit log has none.
    pub(crate) audit: &'static [AuditActivity],
    /// What a public snapshot says of it.
    pub(crate) published: Publication,
    /// How the managed object is found among all of its kind; `None` where the document is the tenant's only one.
    pub(crate) object: Option<&'static ObjectSelector>,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// One request with the whole document, which replaces the old one. No client was seen that sends less.
    Replace,
    /// One request for each changed key, with that key alone.
    PerKey,
    /// One request with the changed keys, which the service merges.
    Patch,
    /// One request for each changed entry, with its changed keys, which the service merges.
    PerEntry,
    /// An object that may not exist yet: the first write creates it with all its keys; later ones send changed keys, which
    /// the service merges. See [`managed_object`](crate::tenant::managed_object).
    ManagedObject,
}

/// Who decides a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decider {
    /// The password reset policy of the portal, which Microsoft also calls the legacy policy.
    Legacy,
    /// The authentication methods policy, which Microsoft also calls the converged policy. It has no security questions:
    /// those stay in the legacy one.
    Converged,
    /// Both of them: what either allows is allowed while the tenant migrates.
    Either,
    /// Microsoft's fixed policy for administrators, which can only be switched on and off.
    Administrators,
    /// The portal's on-premises integration, together with the client that writes back.
    OnPremises,
    /// A Conditional Access policy.
    ConditionalAccess,
    /// Microsoft Intune, which brings it to devices.
    Intune,
}

/// A kind of event in the directory's audit log that can change a setting. Names come from Microsoft's list of audit
/// activities (reference-audit-activities); for the password reset policy, which is not in it, from public detection rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AuditActivity {
    /// What the activity's display name begins with.
    pub(crate) name: &'static str,
    /// The service that logs it.
    pub(crate) service: &'static str,
}

impl AuditActivity {
    /// A change of the password reset policy.
    pub(crate) const UPDATE_SSPR: Self = Self { name: "Update SSPR", service: PASSWORD_MANAGEMENT };
    /// Password writeback was switched on.
    pub(crate) const ENABLE_WRITEBACK: Self = Self { name: "Enable password writeback", service: PASSWORD_MANAGEMENT };
    /// Password writeback was switched off.
    pub(crate) const DISABLE_WRITEBACK: Self =
        Self { name: "Disable password writeback", service: PASSWORD_MANAGEMENT };
    /// A change of the authentication methods policy.
    pub(crate) const METHODS_POLICY: Self =
        Self { name: "Authentication Methods Policy", service: "Authentication Methods" };
    const UPDATE_AUTHORIZATION: Self = Self { name: "Update authorization policy", service: "Core Directory" };
    const ADD_POLICY: Self = Self { name: "Add conditional access policy", service: CONDITIONAL_ACCESS };
    const UPDATE_POLICY: Self = Self { name: "Update conditional access policy", service: CONDITIONAL_ACCESS };
    const DELETE_POLICY: Self = Self { name: "Delete conditional access policy", service: CONDITIONAL_ACCESS };
}

const PASSWORD_MANAGEMENT: &str = "Self-service Password Management";
const CONDITIONAL_ACCESS: &str = "Conditional Access";

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

    /// What is known of the document.
    #[must_use]
    pub fn spec(self) -> &'static SurfaceSpec {
        match self {
            Self::PasswordReset => &SurfaceSpec {
                name: "passwordReset",
                service: Service::Portal,
                write_mode: WriteMode::Replace,
                optional: false,
                decided_by: Decider::Legacy,
                // The name is resolved only on request, and renaming a group is no change of the policy.
                volatile_keys: &["passwordResetEnabledGroupName"],
                separate_request_keys: &[],
                known_keys: known_keys::PASSWORD_RESET,
                audit: &[AuditActivity::UPDATE_SSPR],
                published: Publication::By(publication::password_reset),
                object: None,
            },
            Self::OnPremisesPasswordReset => &SurfaceSpec {
                name: "onPremisesPasswordReset",
                service: Service::Portal,
                write_mode: WriteMode::PerKey,
                optional: false,
                decided_by: Decider::OnPremises,
                volatile_keys: &[],
                separate_request_keys: &[],
                known_keys: known_keys::ON_PREMISES,
                audit: &[AuditActivity::UPDATE_SSPR],
                // The id of whatever connects the directory on premises.
                published: Publication::Without(&["objectId"]),
                object: None,
            },
            Self::AuthorizationPolicy => &SurfaceSpec {
                name: "authorizationPolicy",
                service: Service::Graph,
                write_mode: WriteMode::Patch,
                optional: false,
                decided_by: Decider::Administrators,
                volatile_keys: &["@odata.context", "@odata.id", "@odata.etag"],
                separate_request_keys: &[],
                known_keys: known_keys::AUTHORIZATION,
                audit: &[AuditActivity::UPDATE_AUTHORIZATION],
                published: Publication::Whole,
                object: None,
            },
            Self::AuthenticationMethods => &SurfaceSpec {
                name: "authenticationMethods",
                service: Service::Graph,
                write_mode: WriteMode::PerEntry,
                optional: false,
                decided_by: Decider::Converged,
                volatile_keys: &["@odata.context", "lastModifiedDateTime"],
                separate_request_keys: &[],
                known_keys: known_keys::METHODS,
                audit: &[AuditActivity::METHODS_POLICY],
                published: Publication::By(publication::method_configuration),
                object: None,
            },
            Self::ConditionalAccess => &SurfaceSpec {
                name: "conditionalAccess",
                service: Service::Graph,
                write_mode: WriteMode::ManagedObject,
                optional: true,
                decided_by: Decider::ConditionalAccess,
                // Locations come and go without a change of the policy; one that it names cannot be deleted.
                volatile_keys: &["@odata.context", "modifiedDateTime", conditional_access::LOCATIONS],
                separate_request_keys: &[],
                known_keys: known_keys::CONDITIONAL_ACCESS,
                audit: &[AuditActivity::ADD_POLICY, AuditActivity::UPDATE_POLICY, AuditActivity::DELETE_POLICY],
                published: Publication::No,
                object: Some(&conditional_access::SELECTOR),
            },
            Self::DeviceConfiguration => &SurfaceSpec {
                name: "deviceConfiguration",
                service: Service::Graph,
                write_mode: WriteMode::ManagedObject,
                optional: true,
                decided_by: Decider::Intune,
                volatile_keys: &["@odata.context", "lastModifiedDateTime", "version"],
                separate_request_keys: &[device_configuration::ASSIGNMENTS],
                known_keys: known_keys::DEVICE_CONFIGURATION,
                // Intune has an audit log of its own, which is not read.
                audit: &[],
                published: Publication::No,
                object: Some(&device_configuration::SELECTOR),
            },
        }
    }

    /// The service that serves it.
    #[must_use]
    pub(crate) fn service(self) -> Service {
        self.spec().service
    }

    /// How it is written.
    #[must_use]
    pub(crate) fn write_mode(self) -> WriteMode {
        self.spec().write_mode
    }

    /// The name in messages, reports and files, in camel case.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        self.spec().name
    }

    /// The keys of [`SurfaceSpec::volatile_keys`] of this surface.
    #[must_use]
    pub(crate) fn volatile_keys(self) -> &'static [&'static str] {
        self.spec().volatile_keys
    }

    #[must_use]
    pub(crate) fn separate_request_keys(self) -> &'static [&'static str] {
        self.spec().separate_request_keys
    }

    #[must_use]
    pub(crate) fn is_optional(self) -> bool {
        self.spec().optional
    }
}

#[cfg(test)]
mod tests {
    use crate::tenant::surface::*;

    #[test]
    fn rows_are_consistent() -> Result<(), serde_json::Error> {
        for surface in Surface::ALL {
            let SurfaceSpec { name, write_mode, object, known_keys, published, optional, .. } = surface.spec();
            assert_eq!(serde_json::to_value(surface)?, *name, "the journal writes the same name");
            assert_eq!(Surface::ALL.iter().filter(|other| other.name() == *name).count(), 1, "{name}");
            assert_eq!(object.is_some(), *write_mode == WriteMode::ManagedObject, "{name}");
            assert_eq!(matches!(published, Publication::No), *optional, "{name}");
            assert!(known_keys.iter().any(|known| known.needed), "{name} has a required key");
        }
        Ok(())
    }
}

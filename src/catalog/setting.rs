//! The type of a row of the catalog.

use crate::base::value::Value;
use crate::policy::document::PolicyFile as Policy;
use crate::policy::managed::Managed;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::{AuditActivity, Surface};

/// The portal page (Entra admin center, Protection, Password reset) on which people know a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PortalPage {
    /// The page "Properties": who may reset.
    Properties,
    /// The page "Authentication methods": how people prove who they are.
    AuthenticationMethods,
    /// The page "Registration": when people are asked to register.
    Registration,
    /// The page "Notifications": who is notified of a reset.
    Notifications,
    /// The page "Customization": the link to the helpdesk.
    Customization,
    /// The page "On-premises integration": password writeback.
    OnPremisesIntegration,
    /// Conditional Access, which is not one of the pages of password reset.
    ConditionalAccess,
    /// Microsoft Intune, which is not one of the pages of password reset.
    DeviceConfiguration,
    /// No page: administrators' own reset is switched in Microsoft Graph only.
    Administrators,
}

impl PortalPage {
    /// The name of the page in the portal, or a description if there is no page.
    #[must_use]
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Properties => "Properties",
            Self::AuthenticationMethods => "Authentication methods",
            Self::Registration => "Registration",
            Self::Notifications => "Notifications",
            Self::Customization => "Customization",
            Self::OnPremisesIntegration => "On-premises integration",
            Self::ConditionalAccess => "Conditional Access",
            Self::DeviceConfiguration => "Microsoft Intune",
            Self::Administrators => "Administrators (Microsoft Graph, no portal page)",
        }
    }

    /// The path to the page in the portal's menu.
    #[must_use]
    pub(crate) fn menu(self) -> String {
        match self {
            Self::ConditionalAccess | Self::DeviceConfiguration => self.title().to_owned(),
            _ => format!("Password reset > {}", self.title()),
        }
    }
}

/// The values that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// One of `true` and `false`.
    Switch,
    /// A whole number, bounds included.
    Number {
        /// The smallest valid number.
        min: u32,
        /// The largest valid number.
        max: u32,
    },
    /// One word of this list.
    Choice(&'static [&'static str]),
    /// Some words of this list, without order.
    Words(&'static [&'static str]),
    /// Security questions, without order.
    Questions,
    /// One group, by name or object id.
    Group,
    /// Some groups, without order.
    Groups,
    /// Some named locations, without order.
    Locations,
    /// The address of a page or a mailbox, or none.
    Link,
}

impl ValueKind {
    /// Whether a value is valid for this kind.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Switch, Value::Bool(_))
            | (Self::Questions, Value::Questions(_))
            | (Self::Group, Value::Group(_) | Value::GroupName(_) | Value::Unset)
            | (Self::Groups, Value::Groups(_) | Value::GroupNames(_))
            | (Self::Link, Value::Text(_) | Value::Unset) => true,
            (Self::Locations, Value::Set(words)) => !words.is_empty(),
            (Self::Number { min, max }, Value::Number(number)) => (min..=max).contains(&number),
            (Self::Choice(words), Value::Text(word)) => words.contains(&word.as_str()),
            (Self::Words(list), Value::Set(words)) => words.iter().all(|word| list.contains(&word.as_str())),
            _ => false,
        }
    }
}

/// Why a setting has no effect in a tenant, whatever its value. When each of them
/// applies is in [`no_effect`](crate::catalog::no_effect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoEffectReason {
    /// No subscription of the tenant permits a reset in the cloud.
    NoLicence,
    /// The scope is nobody.
    NobodyInScope,
    /// Security questions are not among the methods that people may use.
    NoQuestions,
    /// People are not asked to register at sign-in, so they are not asked to confirm either.
    RegistrationNotRequired,
    /// Administrators may not reset their own password, so nobody is notified of it.
    NoAdministrators,
    /// No subscription of the tenant permits password writeback.
    NoWritebackLicence,
    /// The tenant is not synchronised with an on-premises directory.
    NotSynchronised,
    /// No writeback client is connected.
    NoClient,
    /// Passwords are not written back.
    NoWriteback,
    /// The Conditional Access policy is disabled.
    PolicyOff,
    /// The Conditional Access policy only reports.
    ReportOnly,
    /// The reset link of the Windows sign-in screen is off.
    LinkOff,
    /// The Intune configuration is assigned to nobody.
    NotAssigned,
}

/// One setting: its key in policies, its place in a tenant's documents, its name in the portal, and what follows from a
/// change of it. People read what it means in the description of its key in the policy's JSON Schema.
#[derive(Debug)]
pub struct Setting {
    /// The name in policies and reports: the path of its key, with dots.
    pub name: &'static str,
    /// The portal page that shows it.
    pub(crate) page: PortalPage,
    /// The portal's own wording for it.
    pub portal: &'static str,
    /// The document that holds it.
    pub surface: Surface,
    /// The keys of that document that it reads and writes.
    pub keys: &'static [&'static str],
    /// The values that it takes.
    pub kind: ValueKind,
    /// The value in a tenant where nobody has configured it, in words; empty if that depends on the tenant.
    pub default: &'static str,
    /// The names of its prerequisites: a plan enables them before it and disables them after it.
    pub needs: &'static [&'static str],
    /// The Microsoft documentation that states the facts in this row.
    pub source: &'static str,
    /// The names under which the audit log lists the setting, besides [`Setting::keys`]. Those of the password reset policy
    /// were published for the retired directory API.
    pub audit_names: &'static [&'static str],
    /// The audit activities that can have led to a value, the most specific first; `None` if they are those of the surface.
    pub(crate) audit: Option<fn(&Value) -> &'static [AuditActivity]>,
    /// How many minutes a change can take to have an effect after the tenant shows it; `None` if no delay is documented.
    pub(crate) delay_minutes: Option<u32>,
    /// The value that switches its managed object off; `None` for every other setting.
    pub off_value: Option<fn() -> Value>,
    /// Why it may have no effect, the most general reason first.
    pub(crate) no_effect: &'static [NoEffectReason],
    /// Reads its value from a policy.
    pub(crate) desired: fn(&Policy) -> Managed<Value>,
    /// Reads its value from a document, or says which key of the document is not as expected.
    pub decode: fn(&Document) -> Result<Value, DecodeError>,
    /// The patches that give `document` the value; none for a value that [`ValueKind::accepts`] refuses.
    pub encode: fn(&Value, &Document) -> Vec<Patch>,
}

impl Setting {
    /// The JSON pointer (RFC 6901) of its key in a policy, as in `/methods/required`.
    #[must_use]
    pub(crate) fn pointer(&self) -> String {
        format!("/{}", self.name.replace('.', "/"))
    }
}

impl PartialEq for Setting {
    /// Settings differ by name, and the parts of one setting by surface and keys.
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.surface, self.keys) == (other.name, other.surface, other.keys)
    }
}

//! The shape of a row.

use crate::base::value::Value;
use crate::policy::document::PolicyFile as Policy;
use crate::policy::managed::Managed;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::Surface;

/// The portal page (Entra admin center, Protection, Password reset) on which people know a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortalPage {
    /// Properties.
    Properties,
    /// Authentication methods.
    AuthenticationMethods,
    /// Registration.
    Registration,
    /// Notifications.
    Notifications,
    /// Customization.
    Customization,
    /// On-premises integration.
    OnPremisesIntegration,
    /// Conditional Access, beside the pages of password reset.
    ConditionalAccess,
    /// Microsoft Intune, beside the pages of password reset.
    DeviceConfiguration,
    /// No page: administrators' own reset is switched in Microsoft Graph only.
    Administrators,
}

impl PortalPage {
    /// The portal's own wording, where there is a page.
    #[must_use]
    pub fn title(self) -> &'static str {
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

    /// The way to it in the portal's menu.
    #[must_use]
    pub fn menu(self) -> String {
        match self {
            Self::ConditionalAccess | Self::DeviceConfiguration => self.title().to_owned(),
            _ => format!("Password reset > {}", self.title()),
        }
    }
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `true` or `false`.
    Switch,
    /// A whole number, bounds included.
    Number {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// One word of a list.
    Choice(&'static [&'static str]),
    /// Some words of a list, without order.
    Words(&'static [&'static str]),
    /// Security questions, without order.
    Questions,
    /// One group.
    Group,
    /// Some groups, without order.
    Groups,
    /// Some named locations, without order.
    Locations,
    /// An address of a page or a mailbox, or nothing.
    Link,
}

impl ValueKind {
    /// Whether a value is one that this kind takes.
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

/// One setting: how a policy says it, where the tenant keeps it, and how people know it. What it means is the description
/// of its key in the policy's JSON Schema.
#[derive(Debug)]
pub struct Setting {
    /// The name in policies and reports: the path of its key, with dots.
    pub name: &'static str,
    /// The portal page.
    pub page: PortalPage,
    /// The portal's wording.
    pub portal: &'static str,
    /// The document that holds it.
    pub surface: Surface,
    /// The keys of that document that it reads and writes.
    pub keys: &'static [&'static str],
    /// What values it takes.
    pub kind: ValueKind,
    /// What a tenant has where nobody configured it, in words; empty where it depends on the tenant.
    pub default: &'static str,
    /// Names of the settings without which this one does nothing: they are switched on before it and off after it.
    pub needs: &'static [&'static str],
    /// Where the facts about it come from.
    pub source: &'static str,
    /// What a policy says of it.
    pub desired: fn(&Policy) -> Managed<Value>,
    /// What a document says of it.
    pub decode: fn(&Document) -> Result<Value, DecodeError>,
    /// What to write so that `document` says `value`; nothing for a value that [`Kind::accepts`] refuses.
    pub encode: fn(&Value, &Document) -> Vec<Patch>,
}

impl Setting {
    /// The path of its key in a policy as a JSON pointer, as in `/methods/required`.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/{}", self.name.replace('.', "/"))
    }
}

impl PartialEq for Setting {
    /// Rows are told apart by name, and parts of one setting by where they are kept.
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.surface, self.keys) == (other.name, other.surface, other.keys)
    }
}

//! The directory's audit log: who changed what about password reset.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Which events to read. The log of a large tenant has thousands of events an hour, so a query always names an activity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditQuery {
    /// What the activity's display name begins with, compared without case.
    pub activity: &'static str,
    /// The service that logs it, for a log that refuses to filter by activity.
    pub service: &'static str,
    /// The beginning of the time span, inclusive.
    pub since: Timestamp,
    /// The end of the time span, inclusive.
    pub until: Timestamp,
}

/// The events that a query found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditTrail {
    /// The events that match, the newest first.
    pub events: Vec<AuditEvent>,
    /// Whether these are all that match; `false` if the client stopped at its limit of pages.
    pub whole: bool,
}

/// One entry of the directory's audit log. Every text in it is untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id in the log.
    pub id: String,
    /// When it happened, by the service's clock.
    pub at: Timestamp,
    /// What was done, in the service's words.
    pub activity: String,
    /// Whether it took effect.
    pub result: AuditResult,
    /// Who did it; `None` where the log does not say.
    pub actor: Option<Actor>,
    /// The names of the properties that it changed. Microsoft publishes neither these names nor how values are written for
    /// password reset, so they are no more than a hint.
    pub properties: Vec<String>,
    /// The values of these properties before the event, as far as the log has them, by the name of the property. Texts are as
    /// the log has them, without the quotation marks that it puts around values; a list is JSON text.
    pub old_values: BTreeMap<String, String>,
    /// The values of these properties after the event, in the same form.
    pub new_values: BTreeMap<String, String>,
    /// The display names of what it was done to, as they are or were.
    pub targets: Vec<String>,
}

/// Whether a logged activity took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditResult {
    /// The change took effect.
    Success,
    /// It did not take effect.
    Failure,
    /// The log does not say, or says that it took too long: it may have taken effect.
    Unclear,
}

/// The person or application that did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Whether it is a person or an application.
    pub kind: ActorKind,
    /// Its id in the directory, or the application's id; empty where the log has none.
    pub id: String,
    /// The object id of an application's service principal; empty for a person, and where the log has none. Live logs name an
    /// application by this id alone.
    pub principal: String,
    /// The sign-in name of a person, the display name of an application; the id where there is no name. Never empty.
    pub name: String,
}

/// The kind of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// The account of a person.
    User,
    /// An application or a managed identity.
    App,
}

impl Actor {
    /// Whether both are the same one: by the service principal or the id where both have one, else by name without case.
    #[must_use]
    pub(crate) fn is(&self, other: &Self) -> bool {
        let pairs = [(&self.principal, &other.principal), (&self.id, &other.id), (&self.name, &other.name)];
        let known = pairs.into_iter().find(|(one, two)| !one.is_empty() && !two.is_empty());
        self.kind == other.kind && known.is_some_and(|(one, two)| one.eq_ignore_ascii_case(two))
    }
}

/// A reset of somebody's password that the service refused. The texts are untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedReset {
    /// When it was refused, by the service's clock.
    pub(crate) at: Timestamp,
    /// What was tried, in the service's words.
    pub(crate) activity: String,
    /// Why it was refused, in the service's words; empty where the log does not say.
    pub(crate) reason: String,
}

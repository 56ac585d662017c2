//! The content of one notification.

use jiff::Timestamp;

use crate::base::count::counted;
use crate::controller::event::Event;
use crate::controller::git::short;
use crate::policy::repository::controller::{NotificationTarget, applies_to};
use crate::render::text::safe::safe;

/// How many events a notification lists one by one.
pub(crate) const MAX_LISTED: usize = 20;
/// The most characters of a text in a notification.
const LONGEST: usize = 600;

/// One notification: the events of one round.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// When it was created.
    pub(crate) at: Timestamp,
    /// The events, those that need attention first.
    pub events: Vec<Event>,
}

/// One event as text for people.
pub(crate) struct EventText {
    /// The tenant, or `the policy repository`.
    pub(crate) about: String,
    /// The reason of the condition.
    pub(crate) word: &'static str,
    pub(crate) message: String,
    pub(crate) revision: String,
}

impl Notification {
    /// The notification for a target, with the events of its tenants and of the source; `None` if there are none.
    #[must_use]
    pub fn for_target(events: &[Event], target: &NotificationTarget, at: Timestamp) -> Option<Self> {
        let wanted = |event: &&Event| event.tenant.as_ref().is_none_or(|tenant| applies_to(&target.tenants, tenant));
        let mut events: Vec<Event> = events.iter().filter(wanted).cloned().collect();
        events.sort_by(|a, b| (a.well, &a.tenant).cmp(&(b.well, &b.tenant)));
        (!events.is_empty()).then_some(Self { at, events })
    }

    /// One line about all events; it contains no text of others.
    pub(crate) fn headline(&self) -> String {
        let (all, bad) = (self.events.len(), self.events.iter().filter(|event| !event.well).count());
        let what = counted(all, "change of state", "changes of state");
        match bad {
            0 => format!("ssprctl: {what}, all is well"),
            bad if bad == all => format!("ssprctl: {what}, needs attention"),
            bad => format!("ssprctl: {what}, {bad} of them need attention"),
        }
    }

    /// The first events as texts, and how many more there are.
    pub(crate) fn event_texts(&self) -> (Vec<EventText>, usize) {
        let texts = self.events.iter().take(MAX_LISTED).map(|event| EventText {
            about: cut(event.tenant.as_deref().unwrap_or("the policy repository")),
            word: event.reason.name(),
            message: cut(&event.message),
            revision: short(&event.revision).to_owned(),
        });
        (texts.collect(), self.events.len().saturating_sub(MAX_LISTED))
    }
}

/// One line without control characters and of limited length.
fn cut(text: &str) -> String {
    let text = safe(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

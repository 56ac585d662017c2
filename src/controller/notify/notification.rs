//! What one message is about.

use jiff::Timestamp;

use crate::controller::event::Event;
use crate::controller::git::short;
use crate::policy::repository::controller::{NotificationTarget, applies_to};
use crate::render::text::safe::safe;

/// How many changes people are told one by one.
pub(crate) const MAX_LISTED: usize = 20;
/// The most characters of a text that people are told.
const LONGEST: usize = 600;

/// What one message is about: the changes of one round.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// When the message was made.
    pub(crate) at: Timestamp,
    /// The changes, those that need somebody first.
    pub news: Vec<Event>,
}

/// One change, in the words that people read.
pub(crate) struct EventText {
    /// The tenant, or that it is about the source.
    pub(crate) about: String,
    /// What it came to.
    pub(crate) word: &'static str,
    /// What happened.
    pub(crate) message: String,
    /// The revision.
    pub(crate) revision: String,
}

impl Notification {
    /// What a target wants to know; `None` when that is nothing.
    #[must_use]
    pub fn for_target(news: &[Event], target: &NotificationTarget, at: Timestamp) -> Option<Self> {
        let wanted = |news: &&Event| news.tenant.as_ref().is_none_or(|tenant| applies_to(&target.tenants, tenant));
        let mut news: Vec<Event> = news.iter().filter(wanted).cloned().collect();
        news.sort_by(|a, b| (a.well, &a.tenant).cmp(&(b.well, &b.tenant)));
        (!news.is_empty()).then_some(Self { at, news })
    }

    /// One line about all of it; nothing in it comes from others.
    pub(crate) fn headline(&self) -> String {
        let (all, bad) = (self.news.len(), self.news.iter().filter(|news| !news.well).count());
        let what = if all == 1 { "1 change of state".to_owned() } else { format!("{all} changes of state") };
        match bad {
            0 => format!("ssprctl: {what}, all is well"),
            bad if bad == all => format!("ssprctl: {what}, needs attention"),
            bad => format!("ssprctl: {what}, {bad} of them need attention"),
        }
    }

    /// The first changes in words, and how many more there are.
    pub(crate) fn event_texts(&self) -> (Vec<EventText>, usize) {
        let told = self.news.iter().take(MAX_LISTED).map(|news| EventText {
            about: cut(news.tenant.as_deref().unwrap_or("the policy repository")),
            word: news.reason.name(),
            message: cut(&news.message),
            revision: short(&news.revision).to_owned(),
        });
        (told.collect(), self.news.len().saturating_sub(MAX_LISTED))
    }
}

/// One line without anything that hides or turns what is written, and not too long.
fn cut(text: &str) -> String {
    let text = safe(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

//! The dates of the service that people must know of, as sentences of a mail.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::catalog::calendar::{CalendarEffect, CalendarEntry, PHONES, Population};
use crate::catalog::tenant_calendar::{MethodAvailability, ServedPeople, TenantCalendar};
use crate::policy::document::Method;

/// How long before a date, and how long after one that ends nothing, a mail has it: about half a year.
const WINDOW_DAYS: i32 = 180;

/// The day of a mail, and the dates of the service as they hold for its tenant.
#[derive(Clone, Debug)]
pub struct MailDates {
    /// The dates of the service.
    pub calendar: TenantCalendar,
    /// The day by which the mail is written.
    pub today: Date,
}

impl MailDates {
    /// Whether a method has ended for most people.
    pub(super) fn has_ended(&self, method: Method) -> bool {
        let availability = self.calendar.availability(method, Population::MostPeople, self.today);
        matches!(availability, MethodAvailability::Ended(_))
    }

    /// The dates within the window that touch one of these methods, by day.
    pub(super) fn of(&self, methods: &[Method]) -> Vec<Json> {
        let entries = self.calendar.entries().filter(|entry| !entry.announcement.is_empty());
        let mut entries: Vec<_> = entries.filter(|entry| self.touches(entry, methods)).collect();
        entries.sort_by_key(|entry| self.calendar.dates(entry));
        entries.into_iter().map(|entry| self.sentence(entry)).collect()
    }

    fn touches(&self, entry: &CalendarEntry, methods: &[Method]) -> bool {
        let (possible, certain) = self.calendar.dates(entry);
        let soon = possible <= self.today.saturating_add(WINDOW_DAYS.days());
        let recent = certain >= self.today.saturating_sub(WINDOW_DAYS.days());
        let served = |method: &Method| self.calendar.served_with(*method, certain.max(self.today));
        match entry.effect {
            CalendarEffect::Ends(ending) => {
                let mut lost = ending.iter().filter(|method| served(method) != ServedPeople::Everybody);
                soon && lost.any(|method| methods.contains(method))
            }
            CalendarEffect::RegisteredOnly => {
                let on_file = PHONES.iter().chain(&[Method::Email]).any(|method| methods.contains(method));
                soon && recent && on_file
            }
            CalendarEffect::LegacyUnmanageable | CalendarEffect::Neighbour => soon && recent,
        }
    }

    fn sentence(&self, entry: &CalendarEntry) -> Json {
        let (possible, certain) = self.calendar.dates(entry);
        let day = possible.strftime(if possible == certain { "%-d %B %Y" } else { "%B %Y" }).to_string();
        let begins = if possible <= self.today { format!("Since {day}") } else { format!("From {day} on") };
        json!({ "id": entry.id, "date": possible.to_string(), "says": format!("{begins}, {}.", entry.announcement) })
    }
}

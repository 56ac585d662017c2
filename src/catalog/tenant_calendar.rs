//! The calendar as it holds for one tenant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::cloud::Cloud;
use crate::base::ids::{ObjectId, TenantName};
use crate::base::source::Place;
use crate::catalog::calendar::{
    CALENDAR, CalendarEffect, CalendarEntry, OWN_PROVIDER, Population, SMS_SIGN_IN, SMS_VOICE,
};
use crate::policy::document::Method;
use crate::policy::repository::calendar::TelephonyChannel;
use crate::policy::repository::controller::applies_to;
use crate::policy::repository::load::LocatedCalendarChange;

/// The calendar as it holds for one tenant: its cloud, and what is known of the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantCalendar {
    /// The cloud that hosts the tenant.
    pub cloud: Cloud,
    /// Dates that Microsoft moved, by the id of the entry.
    pub moved: BTreeMap<&'static str, MovedDate>,
    /// The telephony provider of the tenant's own; `None` where it is not said that there is one.
    pub provider: Option<TelephonyProvider>,
}

/// A date that Microsoft moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedDate {
    /// The day to which it was moved.
    pub date: Date,
    /// How that is known.
    pub reason: String,
    /// The place that says so.
    pub place: Option<Place>,
}

/// A telephony provider of the tenant's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelephonyProvider {
    /// What it sends: texts, calls or both.
    pub channels: BTreeSet<TelephonyChannel>,
    /// The groups whose members it serves; `None` for everybody.
    pub groups: Option<BTreeSet<ObjectId>>,
    /// How that is known.
    pub reason: String,
    /// The place that says so.
    pub place: Option<Place>,
}

impl TelephonyProvider {
    /// What it sends, and to whom.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let sends = |channel| self.channels.contains(&channel);
        let what = match (sends(TelephonyChannel::Sms), sends(TelephonyChannel::Voice)) {
            (true, true) => "texts and calls",
            (true, false) => "texts",
            (false, _) => "calls",
        };
        match &self.groups {
            None => format!("{what} to everybody"),
            Some(groups) => {
                let ids: Vec<_> = groups.iter().map(ToString::to_string).collect();
                format!("{what} to the members of {}", ids.join(", "))
            }
        }
    }
}

/// Whom a telephony provider serves with a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ServedPeople {
    Nobody,
    /// The members of its groups.
    Members,
    Everybody,
}

/// Whether a method still works at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodAvailability {
    /// It works, as far as the calendar says.
    Works,
    /// It has ended by this entry.
    Ended(&'static CalendarEntry),
    /// It has ended by this entry, but for the people whom the tenant's own provider serves.
    ForSome(&'static CalendarEntry),
    /// The date is within what the sources leave open.
    Unclear(&'static CalendarEntry),
}

impl TenantCalendar {
    /// The calendar of a cloud, with nothing that a tenant says of itself.
    #[must_use]
    pub fn of(cloud: Cloud) -> Self {
        Self { cloud, ..Self::default() }
    }

    /// The calendar of a tenant, with what a repository says about it. The first that is said about something counts.
    #[must_use]
    pub(crate) fn with_changes<'a>(
        tenant: &TenantName,
        cloud: Cloud,
        changes: impl IntoIterator<Item = &'a LocatedCalendarChange>,
    ) -> Self {
        let mut calendar = Self::of(cloud);
        let name = tenant.to_string();
        for located in changes.into_iter().filter(|located| applies_to(&located.change.tenants, &name)) {
            let Some(entry) = CALENDAR.iter().find(|entry| entry.id == located.id) else { continue };
            let change = &located.change;
            if let Some(date) = change.date.get() {
                let moved = MovedDate { date: *date, reason: change.reason.clone(), place: located.date.clone() };
                calendar.moved.entry(entry.id).or_insert(moved);
            }
            if change.provider.get() == Some(&true) {
                let both = || BTreeSet::from([TelephonyChannel::Sms, TelephonyChannel::Voice]);
                let groups = change.groups.get();
                calendar.provider.get_or_insert_with(|| TelephonyProvider {
                    channels: change.channels.get().cloned().unwrap_or_else(both),
                    groups: groups.map(|ids| ids.iter().filter_map(|id| id.parse().ok()).collect()),
                    reason: change.reason.clone(),
                    place: located.provider.clone(),
                });
            }
        }
        calendar
    }

    /// The entries that are announced for the tenant's cloud, by date as Microsoft published it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &'static CalendarEntry> + '_ {
        CALENDAR.iter().filter(move |entry| entry.clouds.contains(&self.cloud))
    }

    /// The entry with this id, if it is announced for the tenant's cloud.
    #[must_use]
    pub(crate) fn entry(&self, id: &str) -> Option<&'static CalendarEntry> {
        self.entries().find(|entry| entry.id == id)
    }

    /// The days after this one on which a method ends, or surely has ended.
    #[must_use]
    pub(crate) fn ends_after(&self, day: Date) -> BTreeSet<Date> {
        let ends = self.entries().filter(|entry| matches!(entry.effect, CalendarEffect::Ends(_)));
        ends.flat_map(|entry| <[Date; 2]>::from(self.dates(entry))).filter(|ends| *ends > day).collect()
    }

    /// What is said about the date of an entry. One without a date of its own moves with the entry that it comes with.
    #[must_use]
    pub(crate) fn moved(&self, entry: &CalendarEntry) -> Option<&MovedDate> {
        let with = (entry.id == SMS_SIGN_IN).then_some(SMS_VOICE);
        self.moved.get(entry.id).or_else(|| self.moved.get(with?))
    }

    /// The first day on which an entry may be in force, and the first on which it surely is.
    #[must_use]
    pub(crate) fn dates(&self, entry: &CalendarEntry) -> (Date, Date) {
        self.moved(entry).map_or((entry.date, entry.certain), |moved| (moved.date, moved.date))
    }

    /// Whether an entry with this id is announced for the tenant's cloud, and may be in force.
    #[must_use]
    pub(crate) fn in_force(&self, id: &str, at: Date) -> Option<&'static CalendarEntry> {
        self.entry(id).filter(|entry| self.dates(entry).0 <= at)
    }

    /// The date of an entry in words, such as `2027-02-01` or `March 2027`; one that was moved says from where.
    #[must_use]
    pub(crate) fn date_words(&self, entry: &CalendarEntry) -> String {
        let words = |(possible, certain): (Date, Date)| {
            let same = possible == certain;
            if same { possible.to_string() } else { possible.strftime("%B %Y").to_string() }
        };
        let now = words(self.dates(entry));
        match self.moved(entry) {
            None => now,
            Some(_) => format!("{now} (moved from {})", words((entry.date, entry.certain))),
        }
    }

    /// The telephony provider at a date. No cloud but the public one has such providers, and none had them before.
    #[must_use]
    pub(crate) fn provider_at(&self, at: Date) -> Option<&TelephonyProvider> {
        self.provider.as_ref().filter(|_| self.in_force(OWN_PROVIDER, at).is_some())
    }

    /// Whom the tenant's own telephony provider serves with a channel at a date.
    #[must_use]
    pub(crate) fn served(&self, channel: TelephonyChannel, at: Date) -> ServedPeople {
        match self.provider_at(at) {
            Some(provider) if provider.channels.contains(&channel) => match provider.groups {
                None => ServedPeople::Everybody,
                Some(_) => ServedPeople::Members,
            },
            Some(_) | None => ServedPeople::Nobody,
        }
    }

    /// Whom the tenant's own telephony provider serves with a method at a date.
    #[must_use]
    pub(crate) fn served_with(&self, method: Method, at: Date) -> ServedPeople {
        let channels = channels(method).iter().map(|channel| self.served(*channel, at));
        channels.max().unwrap_or(ServedPeople::Nobody)
    }

    /// Whether a method works at a date for the people whom `concerns` selects.
    #[must_use]
    pub(crate) fn availability(&self, method: Method, concerns: Population, at: Date) -> MethodAvailability {
        by_provider(self.by_date(method, concerns, at), self.served_with(method, at))
    }

    /// Whether text messages, or calls, come at a date to the people whom `concerns` selects.
    #[must_use]
    pub(crate) fn channel(&self, channel: TelephonyChannel, concerns: Population, at: Date) -> MethodAvailability {
        by_provider(self.by_date(Method::MobilePhone, concerns, at), self.served(channel, at))
    }

    /// Whether a method works by what Microsoft does alone.
    fn by_date(&self, method: Method, concerns: Population, at: Date) -> MethodAvailability {
        let applies = |entry: &&CalendarEntry| {
            let ends = matches!(entry.effect, CalendarEffect::Ends(methods) if methods.contains(&method));
            ends && (entry.population == Population::Everybody || entry.population == concerns)
        };
        let states = self.entries().filter(applies).filter_map(|entry| {
            let (possible, certain) = self.dates(entry);
            match () {
                () if at >= certain => Some(MethodAvailability::Ended(entry)),
                () if at >= possible => Some(MethodAvailability::Unclear(entry)),
                () => None,
            }
        });
        states.min_by_key(|state| !matches!(state, MethodAvailability::Ended(_))).unwrap_or(MethodAvailability::Works)
    }
}

/// The channels through which a method reaches people; either is enough.
fn channels(method: Method) -> &'static [TelephonyChannel] {
    match method {
        Method::MobilePhone => &[TelephonyChannel::Sms, TelephonyChannel::Voice],
        Method::OfficePhone => &[TelephonyChannel::Voice],
        Method::MobileAppNotification | Method::MobileAppCode | Method::Email | Method::SecurityQuestions => &[],
    }
}

/// What holds where a provider serves these people.
fn by_provider(state: MethodAvailability, served: ServedPeople) -> MethodAvailability {
    match (state, served) {
        (MethodAvailability::Works, _) | (_, ServedPeople::Everybody) => MethodAvailability::Works,
        (MethodAvailability::Ended(entry) | MethodAvailability::Unclear(entry), ServedPeople::Members) => {
            MethodAvailability::ForSome(entry)
        }
        (state, _) => state,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(calendar: &TenantCalendar, method: Method, population: Population, on: Date) -> &'static str {
        match calendar.availability(method, population, on) {
            MethodAvailability::Works => "works",
            MethodAvailability::Ended(_) => "ended",
            MethodAvailability::ForSome(_) => "for some",
            MethodAvailability::Unclear(_) => "unclear",
        }
    }

    /// The day before, the day and the day after of each end, for each population.
    #[test]
    fn methods_end_on_their_day() {
        let calendar = TenantCalendar::of(Cloud::Global);
        let (most, late) = (Population::MostPeople, Population::GlobalAdministratorsAndExternals);
        let (phone, questions) = (Method::MobilePhone, Method::SecurityQuestions);
        for (method, population, on, expected) in [
            (phone, most, date(2027, 1, 31), "works"),
            (phone, most, date(2027, 2, 1), "ended"),
            (phone, late, date(2027, 6, 30), "works"),
            (phone, late, date(2027, 7, 1), "ended"),
            (questions, most, date(2027, 2, 28), "works"),
            (questions, most, date(2027, 3, 1), "unclear"),
            (questions, late, date(2027, 3, 31), "unclear"),
            (questions, late, date(2027, 4, 1), "ended"),
            (Method::Email, most, date(2030, 1, 1), "works"),
        ] {
            assert_eq!(at(&calendar, method, population, on), expected, "{method:?} {population:?} {on}");
        }
        let china = TenantCalendar::of(Cloud::China);
        assert_eq!(at(&china, phone, most, date(2027, 8, 1)), "works");
        let moved = MovedDate { date: date(2027, 5, 1), reason: String::new(), place: None };
        let moved = TenantCalendar { moved: BTreeMap::from([(SMS_VOICE, moved)]), ..calendar };
        assert_eq!(at(&moved, phone, most, date(2027, 4, 30)), "works");
        assert_eq!(at(&moved, phone, most, date(2027, 5, 1)), "ended");
        let first_factor = moved.entry(SMS_SIGN_IN).map(|entry| moved.date_words(entry));
        assert_eq!(first_factor.as_deref(), Some("2027-05-01 (moved from 2027-02-01)"));
    }

    #[test]
    fn a_provider_carries_what_it_sends_in_the_public_cloud() {
        let provider = |channels: &[TelephonyChannel], groups| TelephonyProvider {
            channels: channels.iter().copied().collect(),
            groups,
            reason: String::new(),
            place: None,
        };
        let (sms, voice) = (TelephonyChannel::Sms, TelephonyChannel::Voice);
        let (day, most) = (date(2027, 8, 1), Population::MostPeople);
        for (cloud, provider, mobile, office) in [
            (Cloud::Global, provider(&[sms, voice], None), "works", "works"),
            (Cloud::Global, provider(&[sms], None), "works", "ended"),
            (Cloud::Global, provider(&[voice], Some(BTreeSet::new())), "for some", "for some"),
            (Cloud::UsGov, provider(&[sms], None), "works", "works"),
        ] {
            let calendar = TenantCalendar { provider: Some(provider), ..TenantCalendar::of(cloud) };
            assert_eq!(at(&calendar, Method::MobilePhone, most, day), mobile, "{calendar:?}");
            assert_eq!(at(&calendar, Method::OfficePhone, most, day), office, "{calendar:?}");
            assert_eq!(at(&calendar, Method::SecurityQuestions, most, day), "ended");
            assert_eq!(calendar.provider_at(date(2026, 10, 29)), None);
        }
    }
}

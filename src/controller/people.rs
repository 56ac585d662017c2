//! What the controller stores about the people of a tenant: how many can reset, and of which dates people were notified. Pure,
//! and without anything about one person.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::count::counted;
use crate::controller::git::short;
use crate::person::forecast::{ForecastCounts, ForecastRow};
use crate::person::forecast_dates::DateCause;
use crate::person::state::PersonState;

/// How many days before a date it is notified that people lose the reset on it. Of several at once, only the last counts.
const NOTICE_DAYS: [i64; 3] = [7, 30, 60];
/// How many days with a count are stored.
const MOST_DAYS: usize = 30;
/// How long after a count that failed it is tried again.
const RETRY: SignedDuration = SignedDuration::from_hours(1);

/// How many people of a tenant can reset. People are counted only with `--count-people`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeopleStatus {
    /// When it was last tried to count them (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    tried: Option<Timestamp>,
    /// The day that this was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date"))]
    day: Option<Date>,
    /// The numbers; absent where people could not be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) counts: Option<PeopleCounts>,
    /// How many could reset on each of the newest 30 days on which people were counted, administrators among them. A day
    /// without a count is not there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u64>")]
    pub(crate) days: BTreeMap<Date, u64>,
    /// Why people could not be counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The dates on which people lose the reset and that were notified, each with the days of the last notice: 60, 30 or 7.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, i64>")]
    notified: BTreeMap<Date, i64>,
}

/// The numbers of people of a tenant, administrators among them, as `forecast` counts them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PeopleCounts {
    /// When they were counted (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) counted: Timestamp,
    /// The revision with whose policy they were counted; absent where an older version of the program counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// Today, by the tenant as it is.
    today: CountsAtMoment,
    /// Once the policy is applied; the same as today where it changes nothing that decides about a reset.
    after_plan: CountsAtMoment,
    /// On the next date of the calendar, with the policy applied; absent where none lies ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_calendar_date: Option<CountsAtMoment>,
}

/// The numbers of people at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CountsAtMoment {
    /// The date by which people were counted.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(crate) date: Date,
    /// How many are in each state.
    pub(crate) states: BTreeMap<String, u64>,
    /// How many could reset until then and no longer can, as `lose` of `forecast`.
    pub(crate) losing: u64,
}

impl PeopleCounts {
    /// The numbers with the word of the moment in metrics.
    pub(crate) fn moments(&self) -> impl Iterator<Item = (&'static str, &CountsAtMoment)> {
        let Self { counted: _, revision: _, today, after_plan, next_calendar_date } = self;
        let next = next_calendar_date.iter().map(|next| ("next_calendar_date", next));
        [("today", today), ("after_plan", after_plan)].into_iter().chain(next)
    }

    /// Says that they were not counted with the present revision, as far as is known; `None` where they were.
    pub(crate) fn other_revision(&self, present: &str) -> Option<String> {
        match self.revision.as_deref() {
            Some(revision) if revision == present => None,
            Some(revision) => Some(format!("counted with revision {}, not with {}", short(revision), short(present))),
            None => Some("it is not known with which revision they were counted".to_owned()),
        }
    }

    /// What applying the policy and the next date of the calendar do to the number who can reset, as clauses for people.
    /// `number` writes a number.
    pub(crate) fn outlook(counts: &[&Self], number: fn(u64) -> String) -> Vec<String> {
        let today: u64 = counts.iter().map(|counts| counts.today.able()).sum();
        let applied: u64 = counts.iter().map(|counts| counts.after_plan.able()).sum();
        let mut clauses = Vec::new();
        if applied != today {
            clauses.push(format!("{} once the policy is applied", number(applied)));
        }
        let dates = || counts.iter().filter_map(|counts| counts.next_calendar_date.as_ref());
        if let Some(next) = dates().map(|moment| moment.date).min() {
            let at_next = || dates().filter(|moment| moment.date == next);
            let losing: u64 = at_next().map(|moment| moment.losing).sum();
            let lose = if losing == 1 { "loses it" } else { "lose it" };
            let unclear: u64 = at_next().map(|moment| moment.in_state(PersonState::Unclear)).sum();
            let are = if unclear == 1 { "is" } else { "are" };
            let unclear = (unclear > 0).then(|| format!(" and {} {are} unclear", number(unclear)));
            let losing = number(losing);
            clauses.push(format!("on {next}, with the policy applied, {losing} {lose}{}", unclear.unwrap_or_default()));
        }
        clauses
    }

    fn new(forecast: &ForecastCounts, revision: &str, now: Timestamp) -> Option<Self> {
        let rows = &forecast.rows;
        let today = rows.first()?;
        let is_calendar = |cause: &DateCause| matches!(cause, DateCause::Calendar { .. });
        let next = rows.iter().find(|row| row.at > today.at && row.causes.iter().any(is_calendar));
        let applied = rows.get(1).filter(|row| row.at == today.at);
        Some(Self {
            counted: now,
            revision: Some(revision.to_owned()),
            today: CountsAtMoment::new(today),
            after_plan: CountsAtMoment::new(applied.unwrap_or(today)),
            next_calendar_date: next.map(CountsAtMoment::new),
        })
    }
}

/// How many people of the tenants can reset, and how many lose it on the next date, as one line for people; `None` where nobody
/// asked to count them. With each goes the present revision of its tenant.
pub(crate) fn people_line<'a>(statuses: impl Iterator<Item = (&'a PeopleStatus, Option<&'a str>)>) -> Option<String> {
    // A controller that stopped counting people still has the dates of earlier notices; such a status is left out.
    let statuses: Vec<_> = statuses.filter(|(status, _)| status.tried.is_some()).collect();
    let known = statuses.iter().filter_map(|(status, present)| Some((status.counts.as_ref()?, *present)));
    let (known, present): (Vec<_>, Vec<_>) = known.unzip();
    let tenants = |number: usize| counted(number, "tenant", "tenants");
    if known.is_empty() {
        return statuses.iter().find_map(|(status, _)| status.error.as_ref()).map(|why| format!("not counted: {why}"));
    }
    let able: u64 = known.iter().map(|counts| counts.today.able()).sum();
    let mut line = format!("{able} can reset today, administrators among them");
    for clause in PeopleCounts::outlook(&known, |number| number.to_string()) {
        line.push_str(&format!("; {clause}"));
    }
    let missing = statuses.len() - known.len();
    line.push_str(&format!("; counted in {}", tenants(known.len())));
    let old = known
        .iter()
        .zip(present)
        .filter(|(counts, present)| present.and_then(|present| counts.other_revision(present)).is_some());
    let old = old.count();
    if old > 0 {
        line.push_str(&format!(", in {old} of them not with the present revision"));
    }
    if missing > 0 {
        line.push_str(&format!(", not known in {}", tenants(missing)));
    }
    Some(line)
}

impl CountsAtMoment {
    fn new(row: &ForecastRow) -> Self {
        let ForecastRow { people, administrators, .. } = row;
        let count = |state: PersonState| (state.word().to_owned(), people.of(state) + administrators.of(state));
        Self { date: row.at, states: PersonState::ALL.map(count).into(), losing: people.lose + administrators.lose }
    }

    /// How many can reset.
    fn able(&self) -> u64 {
        self.in_state(PersonState::Able)
    }

    fn in_state(&self, state: PersonState) -> u64 {
        self.states.get(state.word()).copied().unwrap_or_default()
    }
}

impl PeopleStatus {
    /// Whether people are to be counted: once a day, and an hour after it failed.
    pub(crate) fn is_due(&self, today: Date, now: Timestamp) -> bool {
        let waited = self.tried.is_none_or(|tried| now.duration_since(tried) >= RETRY);
        self.day != Some(today) || (self.counts.is_none() && waited)
    }

    /// How many people can reset today; `None` where they were not counted.
    pub(crate) fn able(&self) -> Option<u64> {
        Some(self.counts.as_ref()?.today.able())
    }

    /// The day of the newest count before the present one, and how many could reset on it; `None` where there is none.
    pub(crate) fn previous(&self) -> Option<(Date, u64)> {
        let today = self.counts.as_ref()?.today.date;
        self.days.range(..today).next_back().map(|(day, able)| (*day, *able))
    }

    /// Forgets the numbers, and remembers those of days that are over, and which dates were notified.
    pub(crate) fn forget_counts(&mut self) {
        let (notified, days) = (std::mem::take(&mut self.notified), std::mem::take(&mut self.days));
        *self = Self { notified, days, ..Self::default() };
    }

    /// The stored days up to `today`, with the count of today if there is one.
    fn days_with(&mut self, today: Date, able: Option<u64>) -> BTreeMap<Date, u64> {
        let mut days = std::mem::take(&mut self.days);
        // What was counted for a later day, with another date of the run, is not earlier than what is counted now.
        days.retain(|day, _| *day <= today);
        days.extend(able.map(|able| (today, able)));
        while days.len() > MOST_DAYS {
            days.pop_first();
        }
        days
    }

    /// Stores that people could not be counted: nothing is known about them then.
    pub(crate) fn set_failed(&mut self, why: String, today: Date, now: Timestamp) {
        let (notified, days) = (std::mem::take(&mut self.notified), self.days_with(today, None));
        *self = Self { tried: Some(now), day: Some(today), counts: None, days, error: Some(why), notified };
    }

    /// Stores what was counted with a revision, and returns the notices that are due: for each date on which it is certain that
    /// people lose the reset, one for each number of days before it.
    pub(crate) fn set_counted(
        &mut self,
        forecast: &ForecastCounts,
        revision: &str,
        today: Date,
        now: Timestamp,
    ) -> Vec<String> {
        let mut notified = std::mem::take(&mut self.notified);
        notified.retain(|date, _| *date > today);
        let mut notices = Vec::new();
        for row in &forecast.rows {
            let (people, administrators) = (row.people.lose, row.administrators.lose);
            let days = row.at.duration_since(today).as_hours() / 24;
            let Some(reached) = NOTICE_DAYS.into_iter().find(|limit| days <= *limit) else { continue };
            let sent = notified.get(&row.at).is_some_and(|sent| *sent <= reached);
            if days < 1 || people + administrators == 0 || sent {
                continue;
            }
            notified.insert(row.at, reached);
            let days = if days == 1 { "tomorrow".to_owned() } else { format!("in {days} days") };
            let who = [(people, "person", "people"), (administrators, "administrator", "administrators")];
            let who = who.into_iter().filter(|(number, ..)| *number > 0);
            let who: Vec<_> = who.map(|(number, one, many)| counted(number, one, many)).collect();
            let lose = if people + administrators == 1 { "loses" } else { "lose" };
            notices.push(format!(
                "{} {lose} the reset on {}, {days} (`ssprctl forecast` says \
                 why and what they would have to register)",
                who.join(" and "),
                row.at
            ));
        }
        let counts = PeopleCounts::new(forecast, revision, now);
        let days = self.days_with(today, counts.as_ref().map(|counts| counts.today.able()));
        *self = Self { tried: Some(now), day: Some(today), counts, days, error: None, notified };
        notices
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::catalog::calendar::CALENDAR;
    use crate::person::forecast::StateCounts;
    use crate::person::registrations::Registrations;

    const PHONES: Date = date(2027, 2, 1);
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn row(at: Date, lose: u64) -> ForecastRow {
        ForecastRow {
            at,
            planned: false,
            causes: Vec::new(),
            people: StateCounts { lose, ..StateCounts::default() },
            administrators: StateCounts::default(),
            ended: BTreeMap::new(),
            registrations: Registrations::default(),
            able_without_plan: None,
        }
    }

    /// How many notices are due when on one day so many people lose the reset on the date of the phones.
    fn notices(status: &mut PeopleStatus, today: Date, lose: u64) -> usize {
        let rows = vec![row(today, 9), row(PHONES, lose)];
        status.set_counted(&ForecastCounts { rows, ..ForecastCounts::default() }, "a", today, NOW).len()
    }

    #[test]
    fn each_number_of_days_is_notified_once_also_when_its_day_is_skipped_and_after_a_restart() -> serde_json::Result<()>
    {
        let mut status = PeopleStatus::default();
        for (today, lose, expected) in [
            (date(2026, 12, 2), 5, 0),
            // Sixty days before, on the first day on which anybody loses it.
            (date(2026, 12, 3), 0, 0),
            (date(2026, 12, 4), 5, 1),
            (date(2026, 12, 5), 6, 0),
            (date(2027, 1, 1), 5, 0),
            // The day that is thirty before is skipped.
            (date(2027, 1, 3), 5, 1),
            (date(2027, 1, 24), 5, 0),
            (date(2027, 1, 25), 5, 1),
            (date(2027, 1, 31), 5, 0),
            (date(2027, 2, 1), 5, 0),
        ] {
            assert_eq!(notices(&mut status, today, lose), expected, "{today}");
            status = serde_json::from_str(&serde_json::to_string(&status)?)?;
        }
        assert_eq!(notices(&mut PeopleStatus::default(), date(2027, 1, 30), 5), 1, "only the last one that is reached");
        Ok(())
    }

    #[test]
    fn the_next_date_takes_the_reset_from_those_who_gain_it_by_the_plan_too() {
        let today = date(2026, 11, 28);
        let calendar = |entry| DateCause::Calendar { entry, date: String::new(), certain: true };
        let phones = ForecastRow { causes: CALENDAR.iter().take(1).map(calendar).collect(), ..row(PHONES, 16) };
        let rows = vec![row(today, 0), row(today, 2), row(date(2026, 12, 24), 1), phones];
        let counts = PeopleCounts::new(&ForecastCounts { rows, ..ForecastCounts::default() }, "a", NOW);
        let losing = counts.iter().flat_map(PeopleCounts::moments).map(|(at, moment)| (at, moment.losing));
        let expected = [("today", 0), ("after_plan", 2), ("next_calendar_date", 16)];
        assert_eq!(losing.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_day_with_a_count_is_stored_once_and_the_newest_ones_alone() {
        let mut status = PeopleStatus::default();
        let first = date(2026, 8, 1);
        notices(&mut status, first, 0);
        assert_eq!((status.days.len(), status.previous()), (1, None));
        // A day without a count is not there, and a second count of a day replaces the first.
        status.set_failed("no access".to_owned(), date(2026, 8, 2), NOW);
        notices(&mut status, date(2026, 8, 3), 0);
        notices(&mut status, date(2026, 8, 3), 0);
        let days: Vec<_> = status.days.keys().copied().collect();
        assert_eq!((days, status.previous()), (vec![first, date(2026, 8, 3)], Some((first, 0))));
        for day in 1..=28 {
            notices(&mut status, date(2026, 9, day), 0);
        }
        assert_eq!((status.days.len(), status.days.keys().next()), (30, Some(&first)));
        notices(&mut status, date(2026, 9, 29), 0);
        assert_eq!((status.days.len(), status.days.keys().next()), (30, Some(&date(2026, 8, 3))));
        // A run for an earlier day does not look back at later ones.
        notices(&mut status, date(2026, 8, 4), 0);
        assert_eq!(status.days.len(), 2);
        status.forget_counts();
        assert_eq!((status.days.len(), status.able()), (2, None));
    }

    #[test]
    fn what_failed_forgets_numbers_and_remembers_notices() {
        let mut status = PeopleStatus::default();
        let today = date(2026, 12, 10);
        assert!(status.is_due(today, NOW));
        assert_eq!(notices(&mut status, today, 5), 1);
        assert!(status.counts.is_some() && !status.is_due(today, NOW + RETRY));
        status.set_failed("no access".to_owned(), date(2026, 12, 11), NOW);
        assert_eq!((status.counts.is_none(), status.is_due(date(2026, 12, 11), NOW)), (true, false));
        assert!(status.is_due(date(2026, 12, 11), NOW + RETRY) && status.is_due(date(2026, 12, 12), NOW));
        assert_eq!(notices(&mut status, date(2026, 12, 12), 5), 0, "it was notified before");
    }
}

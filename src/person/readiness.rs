//! Remembers how many people a policy lets reset their password by the registration report of each day. It holds numbers
//! alone, and nothing that names a person.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::base::ids::TenantId;
use crate::base::signature::Digest;
use crate::person::forecast::ForecastCounts;
use crate::person::state::PersonState;
use crate::policy::schema;

/// The version of the format; another one is not read.
const FORMAT_VERSION: u32 = 1;
/// How many days are stored for each policy: the newest ones of more than a year.
const MOST_DAYS: usize = 400;
/// How many policies are stored: those that were counted last.
const MOST_POLICIES: usize = 8;

/// The counts of one tenant that `forecast` saves for later runs, in the folder `readiness` of the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl readiness")]
pub(crate) struct ReadinessHistory {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The id of the tenant in Microsoft Entra.
    #[schemars(with = "String", extend("format" = "uuid"))]
    tenant_id: TenantId,
    /// The counts for each policy, by a digest of what it decides about a reset.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, ReadyCounts>>")]
    policies: BTreeMap<String, ReadyDays>,
}

/// Counts by the day on which the newest line of the registration report was refreshed, in UTC.
pub(crate) type ReadyDays = BTreeMap<Date, ReadyCounts>;

/// People without an administrator's role whom a policy permits to reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReadyCounts {
    /// How many of them can reset.
    pub(crate) able: u64,
    /// How many of them have registered too few methods, or none.
    pub(crate) not_able: u64,
    /// Of how many people it is not known.
    pub(crate) unclear: u64,
}

impl ReadyCounts {
    /// The people of a forecast today, with the planned policy.
    #[must_use]
    pub(crate) fn of(forecast: &ForecastCounts) -> Self {
        let today = forecast.rows.first().map(|row| row.at);
        let row = forecast.rows.iter().take_while(|row| today == Some(row.at)).last();
        let of = |state| row.map(|row| row.people.of(state)).unwrap_or_default();
        Self {
            able: of(PersonState::Able),
            not_able: of(PersonState::Short) + of(PersonState::Unregistered),
            unclear: of(PersonState::Unclear),
        }
    }

    /// How many it is known of.
    #[must_use]
    pub(crate) fn known(self) -> u64 {
        self.able.saturating_add(self.not_able)
    }

    /// Whether so many are unclear, more than one of ten, that the share of the others says little about all.
    #[must_use]
    pub(crate) fn is_unclear(self) -> bool {
        self.unclear > self.known().saturating_add(self.unclear) / 10
    }

    /// Those who can reset, in tenths of a percent of those of whom it is known, rounded down; `None` if they are none.
    #[must_use]
    pub(crate) fn tenths(self) -> Option<u64> {
        u64::try_from((u128::from(self.able) * 1_000).checked_div(u128::from(self.known()))?).ok()
    }
}

impl ReadinessHistory {
    /// The history of a tenant of which nothing was counted.
    #[must_use]
    pub(crate) fn new(tenant: TenantId) -> Self {
        Self { format_version: FORMAT_VERSION, tenant_id: tenant, policies: BTreeMap::new() }
    }

    /// Parses the text that an earlier run wrote about `tenant`.
    ///
    /// # Errors
    /// The reason why the text cannot be used: it is damaged, of another version, or of another tenant.
    pub(crate) fn parse(text: &str, tenant: TenantId) -> Result<Self, String> {
        let damaged = |_| "it is damaged".to_owned();
        let found: Json = serde_json::from_str(text).map_err(damaged)?;
        match found.get("formatVersion").and_then(Json::as_u64) {
            Some(version) if version != u64::from(FORMAT_VERSION) => {
                return Err(format!("it has the format {version}, and this program knows {FORMAT_VERSION}"));
            }
            Some(_) | None => {}
        }
        let found: Self = serde_json::from_value(found).map_err(damaged)?;
        if found.tenant_id == tenant { Ok(found) } else { Err(format!("it is of the tenant {}", found.tenant_id)) }
    }

    /// The text that [`ReadinessHistory::parse`] reads.
    ///
    /// # Errors
    /// None occur for values that this program makes: `serde_json` declares them for all types.
    pub(crate) fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| format!("{text}\n"))
    }

    /// Records the counts of a policy by the report of a day, in place of earlier ones by the report of the same day. The
    /// oldest counts make room.
    pub(crate) fn record(&mut self, policy: &Digest, report: Date, counts: ReadyCounts) {
        let days = self.policies.entry(policy.to_string()).or_default();
        days.insert(report, counts);
        while days.len() > MOST_DAYS {
            days.pop_first();
        }
        while self.policies.len() > MOST_POLICIES {
            let others = self.policies.iter().filter(|(other, _)| **other != policy.to_string());
            let oldest = others.min_by_key(|(_, days)| days.keys().next_back().copied());
            let Some(oldest) = oldest.map(|(other, _)| other.clone()) else { break };
            self.policies.remove(&oldest);
        }
    }

    /// The counts of a policy until a day.
    #[must_use]
    pub(crate) fn days(&self, policy: &Digest, until: Date) -> ReadyDays {
        let days = self.policies.get(&policy.to_string());
        days.into_iter().flatten().map(|(at, counts)| (*at, *counts)).filter(|(at, _)| *at <= until).collect()
    }
}

/// The JSON Schema of [`ReadinessHistory`].
#[must_use]
pub(crate) fn readiness_schema() -> Json {
    schema::of::<ReadinessHistory>()
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    const FIRST: Date = date(2026, 1, 1);

    fn counts(able: u64) -> ReadyCounts {
        ReadyCounts { able, not_able: 10, unclear: 1 }
    }

    /// A report that is counted again replaces its counts, days come in any order, and the newest ones remain.
    #[test]
    fn one_count_a_day_and_no_more_days_than_are_needed() {
        let (policy, tenant) = (Digest::of(b"one"), TenantId(Uuid::from_u128(1)));
        let mut history = ReadinessHistory::new(tenant);
        for day in (0..500_i32).rev().chain(490..500) {
            history.record(&policy, FIRST.saturating_add(day.days()), counts(day.unsigned_abs().into()));
        }
        let last = FIRST.saturating_add(499.days());
        let days = history.days(&policy, last);
        assert_eq!((days.len(), days.get(&last)), (MOST_DAYS, Some(&counts(499))));
        assert_eq!(days.keys().next(), Some(&FIRST.saturating_add(100.days())));
        assert_eq!(history.days(&policy, FIRST.saturating_add(101.days())).len(), 2, "nothing of a later day");
        for other in 0..20_u8 {
            history.record(&Digest::of(&[other]), last.saturating_add(i32::from(other).days()), counts(0));
        }
        assert_eq!(history.policies.len(), MOST_POLICIES);
        assert!(history.days(&policy, last).is_empty(), "the policy that was counted first made room");
    }

    #[test]
    fn a_file_of_another_version_or_tenant_is_not_used() -> Result<(), Box<dyn std::error::Error>> {
        let tenant = TenantId(Uuid::from_u128(1));
        let mut history = ReadinessHistory::new(tenant);
        history.record(&Digest::of(b"one"), FIRST, counts(7));
        let text = history.text()?;
        assert_eq!(ReadinessHistory::parse(&text, tenant), Ok(history));
        let why = |text: &str, tenant| ReadinessHistory::parse(text, tenant).err().unwrap_or_default();
        assert_eq!(why("{", tenant), "it is damaged");
        assert_eq!(why(&text.replace("\"able\": 7", "\"able\": -7"), tenant), "it is damaged");
        assert!(why(&text, TenantId(Uuid::from_u128(2))).starts_with("it is of the tenant 00000000-"));
        let newer = r#"{"formatVersion": 2, "countries": {}}"#;
        assert_eq!(why(newer, tenant), "it has the format 2, and this program knows 1");
        Ok(())
    }

    #[test]
    fn a_tenth_may_be_unclear_and_nobody_has_no_share() {
        let of = |able, not_able, unclear| ReadyCounts { able, not_able, unclear };
        assert_eq!([of(45, 45, 10), of(45, 44, 11)].map(ReadyCounts::is_unclear), [false, true]);
        assert_eq!([of(8_999, 1_001, 0), of(0, 0, 5)].map(ReadyCounts::tenths), [Some(899), None]);
        assert_eq!(of(u64::MAX, u64::MAX, u64::MAX).tenths(), Some(1_000), "numbers of a damaged file");
    }
}

//! How many people are ready for a policy, in JSON.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::person::pace::{Pace, TenantReadiness};
use crate::person::readiness::ReadyCounts;

/// How many of the people whom the policy permits to reset can do it, and when a share of them will at the pace of the days
/// until now. Administrators are in no number.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Readiness")]
pub(super) struct ReadinessJson {
    /// The day on which the newest line of the registration report was refreshed, in UTC.
    #[schemars(extend("format" = "date"))]
    report: String,
    /// Those who can reset.
    able: u64,
    /// Those who have registered too few methods, or none.
    not_able: u64,
    /// Those of whom it is not known.
    unclear: u64,
    /// The share that is asked about (`--ready`), in percent of `able` and `notAble`.
    threshold: u32,
    /// `reached`, `about` (a day), `too-far` (more than a year ahead), `not-growing` (for certain), `too-few-days` (that were
    /// counted), or `not-known`: more than a tenth is unclear, or nobody is permitted to reset.
    pace: &'static str,
    /// The change in percentage points a week; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_week: Option<f64>,
    /// The day about which the share is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    about: Option<String>,
    /// The first day of the interval of 90 % around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    earliest: Option<String>,
    /// The last day of that interval; absent where it is more than a year ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    latest: Option<String>,
    /// The counts of each day by whose report this policy was counted, in order, the newest 120.
    days: Vec<ReadyDayJson>,
}

/// The counts of one day.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReadyDay")]
struct ReadyDayJson {
    /// The day on which the newest line of the registration report was refreshed, in UTC.
    #[schemars(extend("format" = "date"))]
    at: String,
    /// Those who could reset.
    able: u64,
    /// Those who had registered too few methods, or none.
    not_able: u64,
    /// Those of whom it was not known.
    unclear: u64,
}

/// How many days a document has.
const MOST_DAYS: usize = 120;

pub(super) fn readiness(readiness: &TenantReadiness) -> ReadinessJson {
    let TenantReadiness { report, counts, threshold, pace, days: counted } = readiness;
    let day = |(at, counts): (&Date, &ReadyCounts)| ReadyDayJson {
        at: at.to_string(),
        able: counts.able,
        not_able: counts.not_able,
        unclear: counts.unclear,
    };
    let (per_week, days) = match *pace {
        Pace::Reached | Pace::NotKnown | Pace::TooFew(_) => (None, None),
        Pace::NotGrowing(week) | Pace::TooFar(week) => (Some(week), None),
        Pace::About { week, at, from, to } => (Some(week), Some((at, from, to))),
    };
    ReadinessJson {
        report: report.to_string(),
        able: counts.able,
        not_able: counts.not_able,
        unclear: counts.unclear,
        threshold: *threshold,
        pace: pace.word(),
        per_week: per_week.map(|week| (week * 100.0).round() / 100.0),
        about: days.map(|(at, ..)| at.to_string()),
        earliest: days.map(|(_, from, _)| from.to_string()),
        latest: days.and_then(|(.., to)| to).map(|to| to.to_string()),
        days: counted.iter().skip(counted.len().saturating_sub(MOST_DAYS)).map(day).collect(),
    }
}

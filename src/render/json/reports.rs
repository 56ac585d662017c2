//! What a tenant's reports say about its password reset.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::result::TenantReports;
use crate::plan::score::{Forecast, MOST};
use crate::render::json::error::{ErrorJson, error};
use crate::tenant::facts::SynchronisedPeople;
use crate::tenant::registration::{RegistrationCounts, RegistrationReport};
use crate::tenant::score::CONTROL;

/// Who registered for password reset. Disabled accounts are not counted, and the report lags by hours.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Registration")]
pub(crate) struct RegistrationJson {
    /// Members of the tenant without an administrator's role; absent when the report could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<RegistrationCountsJson>,
    /// Guests without an administrator's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    guests: Option<RegistrationCountsJson>,
    /// Accounts of another sort without an administrator's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<RegistrationCountsJson>,
    /// Accounts with an administrator's role, which follow a policy of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    administrators: Option<RegistrationCountsJson>,
    /// When the report was refreshed.
    #[serde(flatten)]
    refreshed: ReportTimesJson,
    /// Why the report could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// When the lines of the registration report were refreshed; absent where it is not known.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ReportTimesJson {
    /// When the oldest line of the registration report was refreshed (RFC 3339, UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    oldest: Option<String>,
    /// When the newest line of the registration report was refreshed (RFC 3339, UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    newest: Option<String>,
}

impl From<Option<(Timestamp, Timestamp)>> for ReportTimesJson {
    fn from(refreshed: Option<(Timestamp, Timestamp)>) -> Self {
        let (oldest, newest) = refreshed.unzip();
        Self { oldest: oldest.map(|at| at.to_string()), newest: newest.map(|at| at.to_string()) }
    }
}

/// How many accounts of one sort there are.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Tally")]
struct RegistrationCountsJson {
    /// All users that are counted.
    users: u64,
    /// Those that registered as many methods as a reset takes.
    registered: u64,
    /// Those that the policy lets reset.
    enabled: u64,
    /// Those that can reset: registered and enabled.
    capable: u64,
}

/// The people in scope whose account is synchronised from on premises, where their password is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SynchronisedPeople")]
pub(crate) struct SynchronisedJson {
    /// How many they are.
    people: u64,
    /// How many of them cannot reset, because the new password is not written back.
    cannot_reset: u64,
    /// Of how many of them it is not known whether it would be.
    unclear: u64,
    /// Why those cannot, for people; absent if they can.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

impl From<SynchronisedPeople> for SynchronisedJson {
    fn from(SynchronisedPeople { people, cannot, unclear, why }: SynchronisedPeople) -> Self {
        Self { people, cannot_reset: cannot, unclear, why: Some(why).filter(|why| !why.is_empty()) }
    }
}

/// The control of Microsoft Secure Score that is about password reset.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SecureScore")]
pub(crate) struct ScoreJson {
    /// The name of the control in Secure Score.
    control: String,
    /// The most points that it gives.
    most: f64,
    /// Its points; absent when they are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<f64>,
    /// When they were given (RFC 3339, UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    taken: Option<String>,
    /// What the service says about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Why the score could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
    /// The points expected once a policy is applied; absent when no policy was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastJson>,
}

/// The points expected once a policy is applied.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ScoreForecast")]
struct ForecastJson {
    /// The path of the policy that the forecast is for.
    path: String,
    /// The points; absent when they are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<f64>,
    /// Why they are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(crate) fn registration(evidence: &TenantReports) -> Option<RegistrationJson> {
    let found = evidence.registration.as_ref()?;
    let tally =
        |of: fn(&RegistrationReport) -> &RegistrationCounts| found.as_ref().ok().map(|found| counted(of(found)));
    let refreshed = found.as_ref().ok().and_then(|found| found.refreshed);
    Some(RegistrationJson {
        members: tally(|found| &found.members),
        guests: tally(|found| &found.guests),
        others: tally(|found| &found.others),
        administrators: tally(|found| &found.administrators),
        refreshed: ReportTimesJson::from(refreshed),
        error: found.as_ref().err().map(error),
    })
}

fn counted(tally: &RegistrationCounts) -> RegistrationCountsJson {
    let RegistrationCounts { users, registered, enabled, capable } = *tally;
    RegistrationCountsJson { users, registered, enabled, capable }
}

pub(crate) fn score(evidence: &TenantReports) -> ScoreJson {
    let score = evidence.score.as_ref().ok().and_then(Option::as_ref);
    ScoreJson {
        control: CONTROL.to_owned(),
        most: MOST,
        points: score.map(|score| score.points),
        taken: score.and_then(|score| score.taken).map(|at| at.to_string()),
        status: score.and_then(|score| score.status.clone()),
        error: evidence.score.as_ref().err().map(error),
        forecast: evidence.forecast.as_ref().map(|(path, forecast)| ForecastJson {
            path: path.clone(),
            points: match forecast {
                Forecast::Points(points) => Some(*points),
                Forecast::Unknown(_) => None,
            },
            reason: match forecast {
                Forecast::Points(_) => None,
                Forecast::Unknown(why) => Some((*why).to_owned()),
            },
        }),
    }
}

//! The document of `forecast`.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::source::Source;
use crate::engine::forecast::TenantForecast;
use crate::engine::result::TenantResult;
use crate::person::forecast::{ForecastCounts, ForecastRow, StateCounts};
use crate::person::forecast_dates::DateCause;
use crate::person::registrations::Registrations;
use crate::person::state::PersonState;
use crate::policy::document::Method;
use crate::render::json::effect::{UnreadJson, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::finding::{FindingJson, findings_json};
use crate::render::json::grouped::{GroupedPeopleJson, grouped};
use crate::render::json::head::{PolicyRunHead, RunEnd, TenantHead, document_schema};
use crate::render::json::readiness::{ReadinessJson, readiness};
use crate::render::json::reasons::{LossReasonJson, by_code, loss_reasons};
use crate::render::json::reports::ReportTimesJson;
use crate::render::json::text::ended_text;
use crate::render::text::forecast as words;

/// The result of `ssprctl forecast --format json`: how many people of each tenant can reset, today, once the policy is applied,
/// and on each date that lies ahead. It holds numbers alone, and nothing that names a person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl forecast")]
struct ForecastDocument {
    /// The fields with which documents about policies begin.
    #[serde(flatten)]
    head: PolicyRunHead,
    /// The counts over all tenants.
    summary: ForecastSummary,
    /// One entry for each tenant.
    tenants: Vec<ForecastTenant>,
}

/// The counts over all tenants.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ForecastSummary {
    /// How many tenants were asked.
    tenants: usize,
    /// How many could not be read.
    unreadable: usize,
    /// In how many of them somebody surely falls out.
    losing: usize,
}

/// The forecast of one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ForecastTenant {
    /// The fields with which every tenant begins.
    #[serde(flatten)]
    head: TenantHead,
    /// How many people can reset; absent when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastCountsJson>,
    /// The findings because of which a plan of the policy is refused.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    refused: Vec<FindingJson>,
    /// Whether the rows after that of today count the policy as applied; absent where it is not known how many can reset.
    /// `false` where the policy names something that the tenant does not have, and so cannot be planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts_policy: Option<bool>,
    /// How many are ready for the policy; absent with an `--as-of` that is past, and where the report has no time.
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness: Option<ReadinessJson>,
    /// The same people by what they have in common; absent without `--by`.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<GroupedPeopleJson>,
    /// What could not be read, because of which people are unclear.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
    /// When the report was refreshed.
    #[serde(flatten)]
    refreshed: ReportTimesJson,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// How many people can reset at each of several moments. Those count who are in the registration report, or may be in scope
/// at one of the moments.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Forecast")]
pub(crate) struct ForecastCountsJson {
    /// Today or the day of an `--as-of` that is past, then the same day with the policy applied where that changes who can
    /// reset, then each date, in order.
    rows: Vec<ForecastRowJson>,
    /// How many people were in which state in one row and are in which in the next. Those that are absent are none.
    flows: Vec<FlowJson>,
    /// People without an administrator's role of whom it is not known whether they fall out: they are unclear in a row, and it
    /// is not certain that they fall out. Whoever is unclear today and can reset in each row after it is not one of them.
    unclear: u64,
    /// The same of administrators.
    administrators_unclear: u64,
    /// People whose account is in another tenant, whose policy decides about them; they are in no other number.
    external: u64,
    /// Whether the first row is about a day that had passed when the tenant was read, and not about today: settings and people are
    /// those of the reading, judged by that day. Absent where it is not.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    past: bool,
}

/// The people at one moment of the forecast.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ForecastRow")]
struct ForecastRowJson {
    /// The date by which people are counted.
    #[schemars(extend("format" = "date"))]
    at: String,
    /// The moment in words: `today`, `once applied`, or the date; absent in results of older versions.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    moment: String,
    /// Whether the policy counts as applied, and changes who may reset or with what.
    applied: bool,
    /// What moves the numbers since the row before, and what would have to be registered, in sentences; absent where nothing is
    /// to be said, and in results of older versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    says: Vec<String>,
    /// What happened since the row before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    causes: Vec<CauseJson>,
    /// People without an administrator's role.
    people: StatesJson,
    /// Administrators, by Microsoft's policy for them.
    administrators: StatesJson,
    /// By method, of how many people without an administrator's role it counted in the row before and no longer does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    no_longer_counts: BTreeMap<&'static str, u64>,
    /// What those people without an administrator's role who are `short` or `unregistered` would have to register.
    to_register: ToRegisterJson,
    /// How many people without an administrator's role could reset at this date without the policy; absent in the rows of
    /// today, and where the policy changes nothing that decides about a reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    able_without_plan: Option<u64>,
}

/// Something that happened since the row before: an entry of the calendar has `calendar` and `certain`, an ended waiver
/// has `waiver` and `expired`.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ForecastCause")]
struct CauseJson {
    /// The id of an entry of the calendar that came into force.
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<&'static str>,
    /// Whether it is certain that the entry is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    certain: Option<bool>,
    /// The rule of a waiver of the policy that ended, so that its finding counts again.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<String>,
    /// The last day of that waiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    expired: Option<String>,
    /// What it is, in words.
    says: String,
}

/// People of one row, by state.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PeopleStates")]
struct StatesJson {
    /// Those who can reset.
    able: u64,
    /// Those who may reset and have registered too few methods.
    short: u64,
    /// Those who may reset and have registered no method that counts.
    unregistered: u64,
    /// Those who may not reset, whatever they register: scope, account, licence, or where the password is.
    not_permitted: u64,
    /// Those of whom it is not known.
    unclear: u64,
    /// Those who cannot reset and could when it was last known, in an earlier row.
    lose: u64,
    /// Those who can reset and could not when it was last known, in an earlier row.
    gain: u64,
    /// Those who cannot reset and can today.
    lose_since_today: u64,
    /// Those who can reset and cannot today.
    gain_since_today: u64,
    /// Why those who lose it do.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    reasons: Vec<LossReasonJson>,
    /// Why people are unclear: how many for each reason. Somebody may have several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    unclear_reasons: BTreeMap<&'static str, u64>,
}

/// What people would have to register to be able to reset.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ToRegister")]
struct ToRegisterJson {
    /// How many need one method more.
    one: u64,
    /// How many need two methods more.
    two: u64,
    /// How many cannot reset for certain, whatever two methods they register.
    neither: u64,
    /// How many of those who need one more each method would serve.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    one_of: BTreeMap<&'static str, u64>,
    /// How many of those who need two more each method would serve, with another one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    two_of: BTreeMap<&'static str, u64>,
}

/// People who go from one state to another, or stay in theirs, from one row to the next.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Flow")]
struct FlowJson {
    /// The index in `rows` of the later row; the earlier one is that before it.
    row: usize,
    /// Whether they have an administrator's role.
    administrators: bool,
    /// Their state in the earlier row, a key of `people`.
    before: &'static str,
    /// Their state in the later row, a key of `people`.
    after: &'static str,
    /// How many they are.
    people: u64,
}

/// The document of a run that was made from these policies and ends with `exit`.
#[must_use]
pub(crate) fn forecast(tenants: &[TenantResult<TenantForecast>], policies: &[Arc<Source>], end: RunEnd) -> String {
    let read = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let summary = ForecastSummary {
        tenants: tenants.len(),
        unreadable: tenants.len() - read().count(),
        losing: read().filter(|forecast| forecast.has_losses()).count(),
    };
    let head = PolicyRunHead::new("forecast", policies, end);
    ended_text(&ForecastDocument { head, summary, tenants: tenants.iter().map(tenant).collect() }, end)
}

/// The schema of the document.
#[must_use]
pub(crate) fn forecast_schema() -> Value {
    document_schema::<ForecastDocument>("forecast")
}

fn tenant(tenant: &TenantResult<TenantForecast>) -> ForecastTenant {
    let read = tenant.result.as_ref().ok();
    let refreshed = read.and_then(|forecast| forecast.refreshed);
    ForecastTenant {
        head: TenantHead::read(tenant, read.map(|read| (read.tenant_id, read.cloud, read.taken))),
        forecast: read.map(|read| counts(&read.counts)),
        refused: read.map(|read| findings_json(&read.refused)).unwrap_or_default(),
        counts_policy: read.map(|read| read.counts_policy),
        readiness: read.and_then(|read| read.readiness.as_ref()).map(readiness),
        by: read.and_then(|read| read.grouped.as_ref()).map(grouped),
        unread: read.map(|read| unread(&read.unread)).unwrap_or_default(),
        refreshed: ReportTimesJson::from(refreshed),
        error: tenant.result.as_ref().err().map(error),
    }
}

/// The counts of one tenant.
pub(crate) fn counts(counts: &ForecastCounts) -> ForecastCountsJson {
    let ForecastCounts { rows, end: _, unclear, administrators_unclear, external, past } = counts;
    let flows = rows.iter().enumerate().flat_map(|(index, row)| {
        let of = |administrators, counts: &StateCounts| {
            let flows = counts.flows.iter().map(move |((before, after), people)| FlowJson {
                row: index,
                administrators,
                before: before.word(),
                after: after.word(),
                people: *people,
            });
            flows.collect::<Vec<_>>()
        };
        of(false, &row.people).into_iter().chain(of(true, &row.administrators))
    });
    let said = rows.iter().zip(words::lines_of_rows(counts)).enumerate().map(|(index, (one, says))| {
        let nobody = (index > 0 && !says.is_empty() && one.nobody_moves()).then(|| words::NOBODY_MOVES.to_owned());
        row(counts, one, nobody.into_iter().chain(says).collect())
    });
    ForecastCountsJson {
        flows: flows.collect(),
        rows: said.collect(),
        unclear: *unclear,
        administrators_unclear: *administrators_unclear,
        external: *external,
        past: *past,
    }
}

fn row(counts: &ForecastCounts, row: &ForecastRow, says: Vec<String>) -> ForecastRowJson {
    let ForecastRow { at, planned, causes, people, administrators, ended, registrations, able_without_plan } = row;
    ForecastRowJson {
        at: at.to_string(),
        moment: words::label(counts, row),
        applied: *planned,
        says,
        causes: causes.iter().map(cause).collect(),
        people: states(people),
        administrators: states(administrators),
        no_longer_counts: ended.iter().map(|(method, many)| (method.word(), *many)).collect(),
        to_register: to_register(registrations),
        able_without_plan: *able_without_plan,
    }
}

fn cause(cause: &DateCause) -> CauseJson {
    let says = words::cause(cause);
    match cause {
        DateCause::Calendar { entry, date: _, certain } => {
            CauseJson { calendar: Some(entry.id), certain: Some(*certain), says, ..CauseJson::default() }
        }
        DateCause::Waiver(waiver) => CauseJson {
            waiver: Some(waiver.rule.clone()),
            expired: Some(waiver.expires.to_string()),
            says,
            ..CauseJson::default()
        },
    }
}

fn states(counts: &StateCounts) -> StatesJson {
    let StateCounts { states: _, flows: _, lose, gain, lose_since_today, gain_since_today, losses, reasons } = counts;
    StatesJson {
        able: counts.of(PersonState::Able),
        short: counts.of(PersonState::Short),
        unregistered: counts.of(PersonState::Unregistered),
        not_permitted: counts.of(PersonState::NotPermitted),
        unclear: counts.of(PersonState::Unclear),
        lose: *lose,
        gain: *gain,
        lose_since_today: *lose_since_today,
        gain_since_today: *gain_since_today,
        reasons: loss_reasons(losses),
        unclear_reasons: by_code(reasons),
    }
}

fn to_register(registrations: &Registrations) -> ToRegisterJson {
    let Registrations { one, two, neither, methods } = registrations;
    let of = |served: fn(&(u64, u64)) -> u64| {
        let each = methods.iter().map(|(method, many): (&Method, _)| (method.word(), served(many)));
        each.filter(|(_, many)| *many > 0).collect()
    };
    ToRegisterJson { one: *one, two: *two, neither: *neither, one_of: of(|(one, _)| *one), two_of: of(|(_, two)| *two) }
}

//! The people whom a plan affects.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::render::json::effect::{UnreadJson, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::forecast::{self, ForecastCountsJson};
use crate::render::json::grouped::{self, GroupedPeopleJson};
use crate::render::json::reasons::{LossReasonJson, by_code, loss_reasons};
use crate::render::json::reports::{ReportTimesJson, SynchronisedJson};
use crate::render::text::impact::rows;
use crate::review::impact::{Impact, ImpactResult};
use crate::review::losses::Losses;

/// The people whom a plan affects, by the registration report. `limits.losing` of `ssprctl.yaml` limits how many may lose the
/// reset; nothing else here holds a plan up.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "People")]
pub(crate) struct PeopleJson {
    /// Whether the plan changes who may reset, or with what; absent when it is not known how many people that affects, or the
    /// policy is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    touched: Option<bool>,
    /// How many; absent when nobody is affected, or it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<ImpactJson>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// How many people a plan affects: members of the tenant without an administrator's role, unless stated otherwise.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Impact")]
struct ImpactJson {
    /// What is to be said of them, in sentences; those below another one begin with two spaces. Absent in results of older
    /// versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    says: Vec<String>,
    /// All of them who are in the registration report, or would be in scope and are not in it. A disabled account that
    /// the report still lists is one of them.
    people: u64,
    /// Those who can reset now.
    able_now: u64,
    /// Those who can reset once the plan is applied.
    able_then: u64,
    /// Those who can reset then, and cannot now.
    gain: u64,
    /// Those who can reset now, and cannot then.
    lose: u64,
    /// Those of them who would lose it at the date without the plan, too; absent if there are none, or nothing is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    lose_without_plan: Option<u64>,
    /// Those who may reset then and have registered too few methods.
    short: u64,
    /// Those who may reset then and have registered no method that counts.
    unregistered: u64,
    /// Those of whom it is not known for now or for then; of the other numbers `gain` and `lose` include none of them.
    unclear: u64,
    /// Those of them who can reset now: they may lose it.
    able_now_unclear_then: u64,
    /// Administrators who can reset now, and cannot then.
    administrators_lose: u64,
    /// Administrators who may reset then, and may not now.
    administrators_enabled: u64,
    /// Administrators of whom it is not known.
    administrators_unclear: u64,
    /// People whose account is in another tenant, whose policy decides about them; they are in no other number.
    external: u64,
    /// Why people are unclear: how many for each reason. Somebody may have several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    unclear_reasons: BTreeMap<&'static str, u64>,
    /// Why administrators are unclear: how many for each reason. Somebody may have several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    administrators_unclear_reasons: BTreeMap<&'static str, u64>,
    /// The people in scope after the plan whose password is on premises; absent if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    synchronised: Option<SynchronisedJson>,
    /// What the plan takes from people, administrators included; without what a date alone takes.
    losses: LossesJson,
    /// How many people can reset now, once the plan is applied, and on each date that lies ahead; absent where the plan
    /// changes nothing that decides about a reset and no date lies ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastCountsJson>,
    /// The people of `forecast` by what they have in common; absent without `--by`.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<GroupedPeopleJson>,
    /// What could not be read, because of which people are unclear.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
    /// The date for which the numbers of then hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    at: Option<String>,
    /// The codes of what the policy names and the tenant does not have: it is not counted then, and the numbers are those of the
    /// tenant as it is.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    not_counted: Vec<&'static str>,
    /// When the report was refreshed.
    #[serde(flatten)]
    refreshed: ReportTimesJson,
}

/// What a plan takes from people: what `limits.losing` is compared with.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Losses")]
struct LossesJson {
    /// The people in scope now of whom it is known whether they lose the reset.
    people: u64,
    /// Those of them who lose it.
    lose: u64,
    /// The people without an administrator's role of whom it is not known whether they lose it.
    unclear: u64,
    /// Why those who lose it do.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    reasons: Vec<LossReasonJson>,
}

fn losses(losses: &Losses) -> LossesJson {
    let Losses { sure, able: _, losing, reasons, unclear, now: _, then: _ } = losses;
    LossesJson { people: *sure, lose: *losing, unclear: *unclear, reasons: loss_reasons(reasons) }
}

pub(crate) fn people(people: &ImpactResult) -> PeopleJson {
    match people {
        ImpactResult::Unaffected => PeopleJson { touched: Some(false), counts: None, error: None },
        ImpactResult::Counted(impact) => {
            let touched = impact.not_counted.is_empty().then_some(true);
            PeopleJson { touched, counts: Some(counts(impact)), error: None }
        }
        ImpactResult::Unknown(why) => PeopleJson { touched: None, counts: None, error: Some(error(why)) },
    }
}

fn counts(impact: &Impact) -> ImpactJson {
    let Impact {
        people,
        now,
        then,
        gain,
        lose,
        lost: reset_lost,
        short,
        unregistered,
        unclear,
        at_risk,
        administrators_lose,
        administrators_enabled,
        administrators_unclear,
        administrators_reasons,
        synchronised,
        external,
        refreshed,
        at,
        by_date_alone: _,
        not_counted,
        reasons,
        unread: not_read,
        losses: lost,
        forecast,
        grouped,
    } = impact.clone();
    ImpactJson {
        says: rows(impact),
        people,
        able_now: now,
        able_then: then,
        gain,
        lose,
        lose_without_plan: (reset_lost.without_plan > 0).then_some(reset_lost.without_plan),
        short,
        unregistered,
        unclear,
        able_now_unclear_then: at_risk,
        administrators_lose,
        administrators_enabled,
        administrators_unclear,
        external,
        unclear_reasons: by_code(&reasons),
        administrators_unclear_reasons: by_code(&administrators_reasons),
        synchronised: (synchronised.people > 0).then(|| SynchronisedJson::from(synchronised)),
        losses: losses(&lost),
        forecast: forecast.looks_ahead().then(|| forecast::counts(&forecast)),
        by: grouped.as_ref().filter(|_| forecast.looks_ahead()).map(grouped::grouped),
        unread: unread(&not_read),
        at: at.map(|at| at.to_string()),
        not_counted: not_counted.into_iter().collect(),
        refreshed: ReportTimesJson::from(refreshed),
    }
}

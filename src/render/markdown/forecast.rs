//! How many people can reset over policies and dates.

use crate::engine::forecast::TenantForecast;
use crate::engine::result::TenantResult;
use crate::person::by_value::GroupedPeople;
use crate::person::forecast::ForecastCounts;
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::escape::{prose, text};
use crate::render::markdown::tenants::{body, fold, unreadable};
use crate::render::text::error::error_line;
use crate::render::text::forecast::{
    COLUMNS, TitledLines, details, forecast_line, judged_by, refused, tables, tenants_with_losses,
};
use crate::render::text::grouped::{GROUPED_COLUMNS, GroupedTable, grouped_tables};
use crate::render::text::readiness::ready_line;
use crate::render::text::reports::by_report;
use crate::tenant::facts::UnreadFact;

/// The forecasts of one or more tenants.
#[must_use]
pub(crate) fn forecast(tenants: &[TenantResult<TenantForecast>]) -> String {
    let mut summary = vec![format!("**{}**", forecast_line(tenants))];
    let losing: Vec<_> = tenants_with_losses(tenants).iter().map(|line| format!("- {}", prose(line))).collect();
    summary.extend((!losing.is_empty()).then(|| losing.join("\n")));
    let alone = tenants.len() == 1;
    let part = |tenant: &TenantResult<TenantForecast>| match &tenant.result {
        Ok(forecast) => part(tenant, forecast, alone),
        Err(why) => unreadable(&[tenant], why, alone),
    };
    Comment { command: "forecast", summary, parts: tenants.iter().map(part).collect(), footer: String::new() }.text()
}

fn part(tenant: &TenantResult<TenantForecast>, forecast: &TenantForecast, open: bool) -> CommentPart {
    let TenantForecast {
        tenant_id: _,
        cloud: _,
        taken: _,
        counts,
        refused: _,
        counts_policy: _,
        unread,
        refreshed,
        readiness,
        grouped,
    } = forecast;
    let refused = refused(forecast).iter().map(|line| format!("- {}", prose(line))).collect::<Vec<_>>().join("\n");
    let unread = unread.iter().map(|UnreadFact { what, why }| format!("- not read: {what}: {}", error_line(why)));
    let unread = unread.map(|line| prose(&line)).collect::<Vec<_>>().join("\n");
    let title = format!("Who can reset, by the {}{}:", prose(&by_report(*refreshed)), judged_by(counts));
    let adds_up_to = match (forecast.has_losses(), forecast.is_incomplete()) {
        (true, _) => "people fall out",
        (false, false) => "nobody falls out",
        (false, true) => "nobody is known to fall out",
    };
    let grouped = grouped_blocks(counts, grouped.as_ref());
    let ready = readiness.as_ref().and_then(ready_line).map(|line| prose(&line)).unwrap_or_default();
    let parts = [title, refused, block(counts, details(counts))].into_iter().chain(grouped).chain([ready, unread]);
    fold(&[&tenant.tenant], adds_up_to, &body(parts.collect()), open)
}

/// The tables of people by what they have in common, where they were asked for.
pub(super) fn grouped_blocks(counts: &ForecastCounts, grouped: Option<&GroupedPeople>) -> Vec<String> {
    grouped.into_iter().flat_map(|grouped| grouped_tables(counts, grouped)).map(grouped_block).collect()
}

fn grouped_block(table: GroupedTable) -> String {
    let GroupedTable { title, rows, left_out } = table;
    let line = |name: &str, cells: [&str; 7]| format!("| {} | {} |", text(name), cells.join(" | "));
    let head = [line(&title, GROUPED_COLUMNS), format!("|---|{}", "--:|".repeat(GROUPED_COLUMNS.len()))];
    let rows = rows.iter().map(|(name, cells)| line(name, cells.each_ref().map(String::as_str)));
    let left_out = (left_out > 0).then(|| format!("\n{left_out} more are in JSON."));
    head.into_iter().chain(rows).chain(left_out).collect::<Vec<_>>().join("\n")
}

/// The tables of a forecast, and what is to be said of its rows.
pub(super) fn block(counts: &ForecastCounts, details: Vec<TitledLines>) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let table = |(title, rows): (&str, Vec<[String; 8]>)| {
        let [_, columns @ ..] = COLUMNS;
        let head: Vec<String> = [title].into_iter().chain(columns).map(str::to_owned).collect();
        let lines = [line(&head), format!("|---|{}", "--:|".repeat(columns.len()))].into_iter();
        lines.chain(rows.iter().map(|row| line(row))).collect::<Vec<_>>().join("\n")
    };
    let detail = |TitledLines { title, lines }: TitledLines| {
        let below: String = lines.iter().map(|line| format!("\n  - {}", prose(line))).collect();
        format!("- {}{below}", prose(&title))
    };
    let details: Vec<_> = details.into_iter().map(detail).collect();
    body(tables(counts).into_iter().map(table).chain([details.join("\n")]).collect())
}

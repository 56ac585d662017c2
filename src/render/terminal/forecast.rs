//! How many people can reset over policies and dates.

use crate::engine::forecast::TenantForecast;
use crate::engine::result::TenantResult;
use crate::person::by_value::GroupedPeople;
use crate::person::forecast::ForecastCounts;
use crate::render::terminal::rows::{block, join};
use crate::render::text::error::error_line;
use crate::render::text::forecast::{
    COLUMNS, TitledLines, details, forecast_line, judged_by, refused, tables, tenants_with_losses,
};
use crate::render::text::group::group;
use crate::render::text::grouped::{GROUPED_COLUMNS, GroupedTable, grouped_tables};
use crate::render::text::readiness::ready_line;
use crate::render::text::reports::by_report;
use crate::render::text::safe::safe;
use crate::render::text::style::{HEADING, MUTED, directed_count, paint};
use crate::tenant::facts::UnreadFact;

/// The width of the first column, in characters.
const LABEL_WIDTH: usize = 16;
/// The most that the column of departments, groups and the like takes, in characters.
const NAME_MAX_WIDTH: usize = 30;
/// What a table of them takes of a terminal, without the spaces before it, in characters.
const GROUPED_WIDTH: usize = 76;
/// The space between the columns of such a table, in characters.
const GAP: usize = 2;
/// The width of the other columns, in characters: a million people fit.
const NUMBER_WIDTH: usize = 8;

/// The forecasts of one or more tenants.
#[must_use]
pub(crate) fn forecast(tenants: &[TenantResult<TenantForecast>]) -> String {
    let groups = group(tenants, |_| false, |_| None);
    let mut blocks: Vec<_> = groups
        .into_iter()
        .map(|group| block(group, |members| members.first().map(|(_, one)| body(one)).unwrap_or_default()))
        .collect();
    let losing = tenants_with_losses(tenants);
    if !losing.is_empty() {
        blocks.push(losing.iter().map(|line| format!("  {}", safe(line))).collect::<Vec<_>>().join("\n"));
    }
    blocks.push(paint(HEADING, &forecast_line(tenants)));
    join(&blocks)
}

fn body(forecast: &TenantForecast) -> String {
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
    let refused = refused(forecast).into_iter().map(|line| safe(&format!("    {line}")).into_owned());
    let title = format!("who can reset, by the {}{}", by_report(*refreshed), judged_by(counts));
    let title = format!("  {}", paint(MUTED, &title));
    let unread = unread.iter().map(|UnreadFact { what, why }| format!("    not read: {what}: {}", error_line(why)));
    let unread = unread.map(|line| safe(&line).into_owned());
    let grouped = grouped_lines(counts, grouped.as_ref());
    let ready = readiness.as_ref().and_then(ready_line).map(|line| format!("    {line}"));
    let lines = [title].into_iter().chain(refused).chain(lines(counts, details(counts)));
    let lines = lines.chain(grouped).chain(ready).chain(unread);
    lines.collect::<Vec<_>>().join("\n")
}

/// The tables of people by what they have in common, where they were asked for.
pub(super) fn grouped_lines(counts: &ForecastCounts, grouped: Option<&GroupedPeople>) -> Vec<String> {
    grouped.into_iter().flat_map(|grouped| grouped_tables(counts, grouped)).flat_map(grouped_table).collect()
}

fn grouped_table(table: GroupedTable) -> Vec<String> {
    let GroupedTable { title, rows, left_out } = table;
    let mut widths = GROUPED_COLUMNS.map(str::len);
    for (_, cells) in &rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.len().max(*width);
        }
    }
    let left = GROUPED_WIDTH.saturating_sub(widths.iter().map(|width| width + GAP).sum());
    let name_width = left.min(NAME_MAX_WIDTH);
    let row = |name: &str, cells: [&str; 7]| {
        let name: String = match name.chars().count() <= name_width {
            true => name.to_owned(),
            false => name.chars().take(name_width.saturating_sub(1)).chain(['…']).collect(),
        };
        format!("    {name:name_width$}{}", numbers(cells, GROUPED_COLUMNS, widths.map(|width| width + GAP)))
    };
    let head = match title.chars().count() <= name_width {
        true => paint(MUTED, &row(&title, GROUPED_COLUMNS)),
        false => format!("    {}\n{}", paint(MUTED, &title), paint(MUTED, &row("", GROUPED_COLUMNS))),
    };
    let rows = rows.iter().map(|(name, cells)| row(&safe(name), cells.each_ref().map(String::as_str)));
    let left_out = (left_out > 0).then(|| format!("    {left_out} more are in JSON"));
    [head].into_iter().chain(rows).chain(left_out).collect()
}

/// The tables of a forecast, and what is to be said of its rows.
pub(super) fn lines(counts: &ForecastCounts, details: Vec<TitledLines>) -> Vec<String> {
    let mut lines = Vec::new();
    for (title, rows) in tables(counts) {
        let [_, columns @ ..] = COLUMNS;
        lines.push(paint(MUTED, &row(title, columns)));
        lines.extend(rows.iter().map(|[label, cells @ ..]| row(label, cells.each_ref().map(String::as_str))));
    }
    for TitledLines { title, lines: below } in details {
        lines.push(format!("    {}", paint(MUTED, &title)));
        lines.extend(below.iter().map(|line| format!("      {}", safe(line))));
    }
    lines
}

fn row(label: &str, cells: [&str; 7]) -> String {
    let [_, columns @ ..] = COLUMNS;
    format!("    {label:LABEL_WIDTH$}{}", numbers(cells, columns, [NUMBER_WIDTH; 7]))
}

/// The cells of a row; those of the head are the names of the columns.
fn numbers(cells: [&str; 7], columns: [&str; 7], widths: [usize; 7]) -> String {
    let cell = |((cell, column), width): ((&str, &str), usize)| {
        let padded = format!("{cell:>width$}");
        if cell == column { padded } else { directed_count(column, cell, padded) }
    };
    cells.into_iter().zip(columns).zip(widths).map(cell).collect()
}

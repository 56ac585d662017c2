//! Plans for a person at a terminal.

use crate::engine::result::{PlanScope, TenantResult};
use crate::plan::change::{Change, Plan};
use crate::render::terminal::forecast;
use crate::render::terminal::rows::{block, body, join, rows};
use crate::render::text::forecast::details_of_plan;
use crate::render::text::group::{GroupedTenants, group, group_key, has_no_output};
use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, HEADING, MUTED, paint};
use crate::render::text::summary_lines::{TenantCounts, plan_line};
use crate::render::text::value::GroupNames;
use crate::render::text::{effects, exceptions, hold, impact, notes, rings, value};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::impact::ImpactResult;

/// Plans of one or more tenants. Tenants with the same changes share a block; tenants without changes are only counted. The
/// first lines name the scope; the exceptions are those that the plans were reviewed with.
#[must_use]
pub fn plan(tenants: &[TenantResult<Review>], scope: PlanScope<'_>, exceptions: &[Exception]) -> String {
    let shown = |members: &GroupedTenants<'_, Review>| members.first().map(|(_, one)| planned(one)).unwrap_or_default();
    let groups = group(tenants, has_no_output, group_key);
    let mut blocks: Vec<_> = groups.into_iter().map(|group| block(group, shown)).collect();
    blocks.extend(Some(exceptions::block(exceptions)).filter(|block| !block.is_empty()));
    let rings = rings::lines(tenants, scope.rings, |name| safe(name).into_owned());
    let numbered = rings.iter().zip(1..).map(|(line, number)| format!("  {number}. {line}"));
    blocks
        .extend((!rings.is_empty()).then(|| format!("{}\n{}", rings::TITLE, numbered.collect::<Vec<_>>().join("\n"))));
    blocks.extend(TenantCounts::of(tenants).line("to change"));
    blocks.push(paint(HEADING, &plan_line(tenants)));
    let PlanScope { against, since, skipped: _, rings: _ } = scope;
    let against = against.map(|against| paint(DOUBT, &notes::against(against)));
    let since = since.map(notes::since).unwrap_or_default().into_iter().map(|line| safe(&line).into_owned());
    let first: String = against.into_iter().chain(since).map(|line| line + "\n\n").collect();
    first + &join(&blocks)
}

/// The changes, from the value of the tenant to the value of the policy.
pub(super) fn planned(review: &Review) -> String {
    let show = |change: &Change, names: &GroupNames| value::change(&change.before, &change.after, names);
    let more = [held(review), in_effect(&review.plan), touched(review)].into_iter().filter(|part| !part.is_empty());
    body(review, show, |_| Vec::new(), more.collect::<Vec<_>>().join("\n\n"))
}

/// What waits until enough people are ready.
pub(super) fn held(review: &Review) -> String {
    let show = |change: &Change, names: &GroupNames| value::change(&change.before, &change.after, names);
    let changes: Vec<_> = review.held.iter().map(|held| held.change.clone()).collect();
    let reason = |change: &Change| {
        let held = review.held.iter().find(|held| held.change == *change);
        held.filter(|held| held.is_last(&review.held)).map(hold::lines)
    };
    let under = |change: &Change| {
        reason(change).unwrap_or_default().iter().map(|line| safe(line).into_owned()).collect::<Vec<_>>()
    };
    let rows = rows(&changes, &review.plan, show, under);
    if rows.is_empty() { rows } else { format!("  {}\n{rows}", paint(MUTED, hold::TITLE)) }
}

/// The people whom the plan affects.
fn touched(review: &Review) -> String {
    let Some((title, rows)) = impact::lines(review.impact.as_ref()) else { return String::new() };
    let title = [format!("  {}", paint(MUTED, &title))];
    let rows = rows.iter().map(|row| format!("    {}", safe(row)));
    let forecast = review.impact.as_ref().and_then(ImpactResult::forecast).map(|(counts, grouped)| {
        let lines = forecast::lines(counts, details_of_plan(counts)).into_iter();
        lines.chain(forecast::grouped_lines(counts, grouped)).collect()
    });
    let forecast: Vec<_> = forecast.unwrap_or_default();
    title.into_iter().chain(rows).chain(forecast).collect::<Vec<_>>().join("\n")
}

/// The settings in effect after the plan.
fn in_effect(plan: &Plan) -> String {
    let rows = effects::rows(plan);
    if rows.is_empty() {
        return String::new();
    }
    let lines = rows.iter().map(|effects::EffectRow { name, says }| format!("    {}: {}", safe(name), safe(says)));
    let title = [format!("  {}", paint(MUTED, "in effect once applied"))];
    title.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

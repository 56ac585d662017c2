//! Plans for a person at a terminal.

use crate::engine::result::{FleetView, PlanScope, TenantResult};
use crate::plan::change::{Change, Plan};
use crate::render::terminal::fleet::{self, FleetText};
use crate::render::terminal::forecast;
use crate::render::terminal::rows::{block, body, join, rows};
use crate::render::text::fleet::{Direction, review_row, shared, texts};
use crate::render::text::forecast::{losses_ahead, of_plan};
use crate::render::text::group::{GroupedTenants, group, group_key, has_no_output};
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, DOUBT, HEADING, MUTED, paint};
use crate::render::text::summary_lines::{TenantCounts, plan_line};
use crate::render::text::value::GroupNames;
use crate::render::text::{effects, exceptions, hold, impact, notes, rings, value};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::impact::ImpactResult;

/// The plans of one or more tenants. The exceptions are those that the plans were reviewed with.
#[must_use]
pub fn plan(tenants: &[TenantResult<Review>], scope: PlanScope<'_>, exceptions: &[Exception]) -> String {
    let mut blocks = if tenants.len() > 1 { several(tenants, scope.fleet) } else { alone(tenants) };
    blocks.extend(Some(exceptions::block(exceptions)).filter(|block| !block.is_empty()));
    let rings = rings::lines(tenants, scope.fleet.rings, |name| safe(name).into_owned());
    let numbered = rings.iter().zip(1..).map(|(line, number)| format!("  {number}. {line}"));
    blocks
        .extend((!rings.is_empty()).then(|| format!("{}\n{}", rings::TITLE, numbered.collect::<Vec<_>>().join("\n"))));
    blocks.extend(TenantCounts::of(tenants).line("to change"));
    blocks.push(paint(HEADING, &plan_line(tenants)));
    let PlanScope { against, since, policies: _, fleet: _ } = scope;
    let against = against.map(|against| paint(DOUBT, &notes::against(against)));
    let since = since.map(notes::since).unwrap_or_default().into_iter().map(|line| safe(&line).into_owned());
    let first: String = against.into_iter().chain(since).map(|line| line + "\n\n").collect();
    first + &join(&blocks)
}

/// The parts of plans: the table, what could not be read, the changes, what is held, what acts, people, and findings.
fn several(tenants: &[TenantResult<Review>], view: FleetView<'_>) -> Vec<String> {
    let text = FleetText { tenants, view };
    let way = Direction::ToPolicy;
    let mut parts: Vec<_> =
        fleet::table_of(tenants, view, |tenant| review_row(tenant, way, |_| 0)).into_iter().collect();
    parts.extend(text.failed());
    parts.extend(text.changes(|review| review.plan.changes(), way, |_, _| Vec::new()));
    let held = shared(tenants, |review| texts(Some(held_rows(review)).filter(|rows| !rows.is_empty())), |_, _| ());
    parts.extend(text.section(hold::TITLE, held));
    let acts = |review: &Review| {
        let rows = if has_no_output(review) { Vec::new() } else { effects::rows(&review.plan) };
        texts(rows.into_iter().map(|effects::EffectRow { name, says }| format!("  {}: {}", safe(&name), safe(&says))))
    };
    parts.extend(text.section("in effect once applied", shared(tenants, acts, |_, _| ())));
    let people =
        shared(tenants, |review| texts(Some(people(review, impact::lines)).filter(|text| !text.is_empty())), |_, _| ());
    let sum = impact::sum(tenants).map(|line| format!("  {}", safe(&line)));
    parts.extend(text.section_after("people", sum, people));
    parts.extend(text.unknown(|_| Vec::new()));
    parts.extend(text.findings());
    parts
}

/// The plan of the only tenant.
fn alone(tenants: &[TenantResult<Review>]) -> Vec<String> {
    let shown = |members: &GroupedTenants<'_, Review>| members.first().map(|(_, one)| planned(one)).unwrap_or_default();
    group(tenants, has_no_output, group_key).into_iter().map(|group| block(group, shown)).collect()
}

/// The changes, from the value of the tenant to the value of the policy.
pub(super) fn planned(review: &Review) -> String {
    let show = |change: &Change, names: &GroupNames| value::change(&change.before, &change.after, names);
    let more = [held(review), in_effect(&review.plan), people(review, impact::lines_of_one)]
        .into_iter()
        .filter(|part| !part.is_empty());
    body(review, show, |_| Vec::new(), more.collect::<Vec<_>>().join("\n\n"))
}

/// What waits until enough people are ready, under its title.
pub(super) fn held(review: &Review) -> String {
    let rows = held_rows(review);
    if rows.is_empty() { rows } else { format!("  {}\n{rows}", paint(MUTED, hold::TITLE)) }
}

/// What waits until enough people are ready.
pub(super) fn held_rows(review: &Review) -> String {
    let show = |change: &Change, names: &GroupNames| value::change(&change.before, &change.after, names);
    let changes: Vec<_> = review.held.iter().map(|held| held.change.clone()).collect();
    let reason = |change: &Change| {
        let held = review.held.iter().find(|held| held.change == *change);
        held.filter(|held| held.is_last(&review.held)).map(hold::lines)
    };
    let under = |change: &Change| {
        reason(change).unwrap_or_default().iter().map(|line| safe(line).into_owned()).collect::<Vec<_>>()
    };
    rows(&changes, &review.plan, show, under)
}

/// The people whom the plan affects.
fn people(review: &Review, lines: impl Fn(&Review) -> Option<(String, Vec<String>)>) -> String {
    let Some((title, rows)) = lines(review) else { return String::new() };
    let title = [format!("  {}", paint(MUTED, &title))];
    let counts = review.impact.as_ref().and_then(ImpactResult::forecast);
    let ahead = counts.map(|(counts, _)| losses_ahead(counts)).unwrap_or_default();
    let rows = rows.iter().map(|row| match ahead.contains(row) {
        true => format!("    {}", paint(BAD, &safe(row))),
        false => format!("    {}", safe(row)),
    });
    let forecast = counts.map(|(counts, grouped)| {
        let (shown, details) = of_plan(counts);
        let lines = forecast::lines(&shown, details).into_iter();
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

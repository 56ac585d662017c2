//! Plans.

use crate::engine::result::{PlanScope, TenantResult};
use crate::plan::change::Change;
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::escape::{code, prose};
use crate::render::markdown::fleet::{self, FleetParts};
use crate::render::markdown::tenants::{body, reviews};
use crate::render::markdown::{exceptions, forecast, lists};
use crate::render::text::fleet::{Direction, review_row, shared, texts};
use crate::render::text::forecast::of_plan;
use crate::render::text::group::{GroupedTenants, has_no_output};
use crate::render::text::summary_lines::{TenantCounts, plan_line};
use crate::render::text::value::words;
use crate::render::text::{effects, hold, impact, notes, rings};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::hold::HeldChange;
use crate::review::impact::ImpactResult;
use crate::tenant::error::TenantError;

/// What would change in each tenant. The first lines name the scope; `refused` says why the run may not be applied as a whole;
/// the exceptions are those that the plans were reviewed with.
#[must_use]
pub fn plan(
    tenants: &[TenantResult<Review>],
    scope: PlanScope<'_>,
    refused: Option<&TenantError>,
    excepted: &[Exception],
) -> String {
    let read: Vec<_> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let line = plan_line(tenants);
    let PlanScope { against, since, policies: _, fleet: view } = scope;
    let since = since.map(notes::since).unwrap_or_default();
    let said = against
        .map(notes::against)
        .into_iter()
        .chain(since)
        .chain(notes::skipped(read.iter().copied()))
        .map(|line| prose(&line));
    let mut summary: Vec<String> = said.chain([format!("**{line}**")]).collect();
    summary.extend(TenantCounts::of(tenants).line("to change"));
    summary.extend(fleet::people(tenants));
    let rings: Vec<_> = rings::lines(tenants, view.rings, code).into_iter().zip(1..).collect();
    let numbered = rings.iter().map(|(line, number)| format!("{number}. {line}"));
    summary.extend(
        (!rings.is_empty()).then(|| format!("{}\n\n{}", rings::TITLE, numbered.collect::<Vec<_>>().join("\n"))),
    );
    summary.extend(fleet::table(tenants, view, |tenant| review_row(tenant, Direction::ToPolicy, |_| 0)));
    summary.extend(refused.map(lists::error));
    summary.extend(exceptions::summary(excepted));
    let reviewed =
        if tenants.len() > 1 { shared_parts(tenants) } else { reviews(tenants, Direction::ToPolicy, consequences) };
    Comment {
        command: "plan",
        summary,
        parts: exceptions::part(excepted).into_iter().chain(reviewed).collect(),
        footer: if against.is_some() { String::new() } else { footer(tenants, &read) },
    }
    .text()
}

/// What several tenants share, each thing once.
fn shared_parts(tenants: &[TenantResult<Review>]) -> Vec<CommentPart> {
    let fleet = FleetParts(tenants);
    let text = |of: fn(&Review) -> String| {
        shared(tenants, |review| texts(Some(of(review)).filter(|text| !text.is_empty())), |_, _| ())
    };
    let changes = |review: &Review| review.plan.changes();
    let changes = fleet.changes(changes, (Direction::ToPolicy, "to change"), |_, _| String::new());
    let held = fleet.folds(hold::TITLE, text(held));
    let people = fleet.folds("people", text(|review| people(review, impact::lines)));
    let effects = fleet.folds("in effect once applied", text(effects));
    fleet.parts(changes, held.into_iter().chain(people).chain(effects).collect())
}

/// What is held, the settings in effect after the plan, and the people it affects, of the only tenant.
fn consequences(members: &GroupedTenants<'_, Review>) -> String {
    let Some((_, review)) = members.first() else { return String::new() };
    let effects = effects(review);
    let effects = if effects.is_empty() { effects } else { format!("In effect once applied:\n\n{effects}") };
    body(vec![titled_held(review), effects, people(review, impact::lines_of_one)])
}

/// The people whom the plan affects.
fn people(review: &Review, lines: impl Fn(&Review) -> Option<(String, Vec<String>)>) -> String {
    let touched = lines(review).map(|(title, rows)| {
        let item = |row: &String| match row.strip_prefix("  ") {
            Some(reason) => format!("  - {}", prose(reason)),
            None => format!("- {}", prose(row)),
        };
        let rows: Vec<_> = rows.iter().map(item).collect();
        format!("{}:\n\n{}", prose(&title.replacen('p', "P", 1)), rows.join("\n"))
    });
    let counts = review.impact.as_ref().and_then(ImpactResult::forecast);
    let forecast = counts.map(|(counts, grouped)| {
        let (shown, details) = of_plan(counts);
        let blocks = [forecast::block(&shown, details)].into_iter();
        body(blocks.chain(forecast::grouped_blocks(counts, grouped)).collect())
    });
    body(vec![touched.unwrap_or_default(), forecast.unwrap_or_default()])
}

/// What waits until enough people are ready, under its title; empty where nothing does.
pub(super) fn titled_held(review: &Review) -> String {
    let held = held(review);
    if held.is_empty() { held } else { format!("{}:\n\n{held}", hold::TITLE.replacen('h', "H", 1)) }
}

/// What waits until enough people are ready, as a list; empty where nothing does.
fn held(review: &Review) -> String {
    let line = |held: &HeldChange| {
        let Change { setting, before, after, place: _ } = &held.change;
        let [before, after] = [before, after].map(|value| words(value, &review.plan.group_names));
        let reason = Some(hold::lines(held)).filter(|_| held.is_last(&review.held));
        let reason = reason.map(|lines| format!(": {}", prose(&lines.join("; ")))).unwrap_or_default();
        format!("- {}: {} → {}{reason}", code(setting.name), prose(&before), prose(&after))
    };
    review.held.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The settings in effect after the plan, as a list.
fn effects(review: &Review) -> String {
    if has_no_output(review) {
        return String::new();
    }
    let rows = effects::rows(&review.plan).into_iter();
    let line = |effects::EffectRow { name, says }| format!("- {}: {}", code(&name), prose(&says));
    rows.map(line).collect::<Vec<_>>().join("\n")
}

/// What a reviewer agrees to.
const REVIEWED: &str = "What is approved here is what is applied. A tenant that is no longer as shown here by then is not \
                        changed, and has to be planned and reviewed again.";

fn footer(tenants: &[TenantResult<Review>], read: &[&Review]) -> String {
    let blocked = read.len() < tenants.len() || read.iter().any(|review| review.refusal().is_some());
    let ready = read.iter().any(|review| review.refusal().is_none() && !review.plan.steps.is_empty());
    let mut parts = Vec::new();
    parts.extend(
        blocked.then(|| "A tenant with errors or unknown settings is not changed until they are fixed.".into()),
    );
    parts.extend(ready.then(|| REVIEWED.to_owned()));
    parts.join("\n\n")
}

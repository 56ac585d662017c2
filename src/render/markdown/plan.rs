//! Plans.

use crate::engine::result::{PlanScope, TenantResult};
use crate::plan::change::Change;
use crate::render::markdown::comment::Comment;
use crate::render::markdown::escape::{code, prose};
use crate::render::markdown::tenants::{Direction, body, reviews};
use crate::render::markdown::{exceptions, forecast, lists};
use crate::render::text::forecast::details_of_plan;
use crate::render::text::group::GroupedTenants;
use crate::render::text::summary_lines::{TenantCounts, plan_line};
use crate::render::text::value::words;
use crate::render::text::{effects, hold, impact, notes, rings};
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::hold::HeldChange;
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
    let PlanScope { against, since, skipped, rings } = scope;
    let since = since.map(notes::since).unwrap_or_default();
    let said =
        against.map(notes::against).into_iter().chain(since).chain(notes::skipped(skipped)).map(|line| prose(&line));
    let mut summary: Vec<String> = said.chain([format!("**{line}**")]).collect();
    summary.extend(TenantCounts::of(tenants).line("to change"));
    let rings: Vec<_> = rings::lines(tenants, rings, code).into_iter().zip(1..).collect();
    let numbered = rings.iter().map(|(line, number)| format!("{number}. {line}"));
    summary.extend(
        (!rings.is_empty()).then(|| format!("{}\n\n{}", rings::TITLE, numbered.collect::<Vec<_>>().join("\n"))),
    );
    summary.extend(refused.map(lists::error));
    summary.extend(exceptions::summary(excepted));
    let parts = exceptions::part(excepted).into_iter();
    Comment {
        command: "plan",
        summary,
        parts: parts.chain(reviews(tenants, Direction::ToPolicy, consequences)).collect(),
        footer: if against.is_some() { String::new() } else { footer(tenants, &read) },
    }
    .text()
}

/// The settings in effect after the plan and the people it affects, the same for every tenant of the group.
fn consequences(members: &GroupedTenants<'_, Review>) -> String {
    let touched = members.first().and_then(|(_, review)| impact::lines(review.impact.as_ref()));
    let touched = touched.map(|(title, rows)| {
        let rows: Vec<_> = rows.iter().map(|row| format!("- {}", prose(row))).collect();
        format!("{}:\n\n{}", prose(&title.replacen('p', "P", 1)), rows.join("\n"))
    });
    let counts = members.first().and_then(|(_, review)| review.impact.as_ref()?.forecast());
    let forecast = counts.map(|(counts, grouped)| {
        let blocks = [forecast::block(counts, details_of_plan(counts))].into_iter();
        body(blocks.chain(forecast::grouped_blocks(counts, grouped)).collect())
    });
    let held = members.first().map(|(_, review)| held(review)).unwrap_or_default();
    body(vec![held, in_effect(members), touched.unwrap_or_default(), forecast.unwrap_or_default()])
}

/// What waits until enough people are ready, as a list; empty where nothing does.
pub(super) fn held(review: &Review) -> String {
    let line = |held: &HeldChange| {
        let Change { setting, before, after, place: _ } = &held.change;
        let [before, after] = [before, after].map(|value| words(value, &review.plan.group_names));
        let reason = Some(hold::lines(held)).filter(|_| held.is_last(&review.held));
        let reason = reason.map(|lines| format!(": {}", prose(&lines.join("; ")))).unwrap_or_default();
        format!("- {}: {} → {}{reason}", code(setting.name), prose(&before), prose(&after))
    };
    let lines: Vec<_> = review.held.iter().map(line).collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("{}:\n\n{}", hold::TITLE.replacen('h', "H", 1), lines.join("\n"))
    }
}

fn in_effect(members: &GroupedTenants<'_, Review>) -> String {
    let rows = members.first().map(|(_, review)| effects::rows(&review.plan)).unwrap_or_default();
    let lines: Vec<_> =
        rows.iter().map(|effects::EffectRow { name, says }| format!("- {}: {}", code(name), prose(says))).collect();
    if lines.is_empty() { String::new() } else { format!("In effect once applied:\n\n{}", lines.join("\n")) }
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

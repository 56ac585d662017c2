//! Plans, applies and drift for a person at a terminal.

pub mod accept;
pub mod doctor;
pub mod explain;
pub mod history;
pub mod import;
pub mod show;
pub mod validate;

use crate::apply::outcome::StepOutcome;
use crate::base::finding::Finding;
use crate::plan::change::{Change, Plan, merge_by_setting};
use crate::plan::public_snapshot::read::PublicSnapshot;
use crate::render::report::{ApplyEnding, ApplyResult, DriftResult, TenantResult};
use crate::render::text::attribution::Escaping;
use crate::render::text::error::{
    acts_within, by_reason, closed, error_line, not_begun, refusal, step_result, trouble, undone as undone_in_words,
};
use crate::render::text::group::{TenantGroup, answered, applied_alike, group, group_key, has_no_output};
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, CHANGE, DOUBT, GOOD, HEADING, MUTED, paint};
use crate::render::text::summary_lines::{PlanCounts, TenantCounts, applied_line, drift_line};
use crate::render::text::value::GroupNames;
use crate::render::text::{attribution, effects, findings, impact, notes, value};
use crate::review::approve::Review;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;

/// Tenants of which the same is to be told; the first speaks for all.
type Members<'a, T> = [(&'a TenantResult<T>, &'a T)];

/// Columns: names of settings, then what happens to them, then where the policy says so.
const NAME_WIDTH: usize = 32;
const CHANGE_LEAST: usize = 24;
const CHANGE_MOST: usize = 44;
const HEADER_WIDTH: usize = 62;

/// Plans of one or more tenants. Only those that change are told in full; tenants that change alike are told once.
#[must_use]
pub fn plan(tenants: &[TenantResult<Review>]) -> String {
    let mut blocks = told_once(tenants, |members| members.first().map(|(_, one)| planned(one)).unwrap_or_default());
    blocks.extend(TenantCounts::of(tenants).line("to change"));
    let reviews: Vec<_> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let counts = PlanCounts::of(reviews.iter().map(|review| &review.plan));
    blocks.push(paint(HEADING, &counts.plan_line(answered(tenants))));
    join(&blocks)
}

/// The same against a snapshot, which is said first.
#[must_use]
pub fn plan_against(tenants: &[TenantResult<Review>], against: Option<&PublicSnapshot>) -> String {
    let said = against.map(|against| format!("{}\n\n", paint(DOUBT, &notes::against(against))));
    format!("{}{}", said.unwrap_or_default(), plan(tenants))
}

/// Where tenants are not as their policies say; tenants that drifted alike are told once.
#[must_use]
pub fn drift(tenants: &[TenantResult<DriftResult>]) -> String {
    let mut blocks = told_once(tenants, drifted);
    blocks.extend(TenantCounts::of(tenants).line("drifted"));
    let moved = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.review.plan.changes().len()));
    let moved: Vec<_> = moved.filter(|settings| *settings > 0).collect();
    blocks.push(paint(HEADING, &drift_line(moved.iter().sum(), moved.len(), tenants.len())));
    join(&blocks)
}

/// A block for each set of tenants of which the same is to be told.
fn told_once<T: AsRef<Review>>(tenants: &[TenantResult<T>], body: fn(&Members<'_, T>) -> String) -> Vec<String> {
    group(tenants, has_no_output, group_key).into_iter().map(|told| block(told, body)).collect()
}

fn block<T>(told: TenantGroup<'_, T>, body: impl Fn(&Members<'_, T>) -> String) -> String {
    let (tenants, told): (Vec<_>, _) = match told {
        TenantGroup::Failed(tenants, why) => (tenants, trouble(why)),
        TenantGroup::Alike(members) => (members.iter().map(|(tenant, _)| *tenant).collect(), body(&members)),
    };
    let headers: Vec<_> = tenants.into_iter().map(header).collect();
    format!("{}\n\n{told}", headers.join("\n"))
}

/// What an apply did; tenants in which it did the same are told once, and of several those that matched are only counted.
#[must_use]
pub fn apply(tenants: &[TenantResult<ApplyResult>]) -> String {
    let (mut changed, mut verified, mut requests) = (0, 0, 0);
    for applied in tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()) {
        if let ApplyEnding::Executed(outcome) = &applied.ending {
            changed += outcome.changed();
            verified += outcome.verified();
            requests += outcome.requests();
        }
    }
    let several = tenants.len() > 1;
    let told = group(tenants, |applied| several && applied.ending == ApplyEnding::InSync, applied_alike);
    let end =
        |members: &Members<'_, ApplyResult>| members.first().map(|(_, applied)| ending(applied)).unwrap_or_default();
    let mut blocks: Vec<_> = told.into_iter().map(|told| block(told, end)).collect();
    blocks.extend(TenantCounts::of_applied(tenants).line("changed"));
    let matched =
        |tenant: &TenantResult<ApplyResult>| tenant.result.as_ref().is_ok_and(|a| a.ending == ApplyEnding::InSync);
    blocks.push(if !tenants.is_empty() && tenants.iter().all(matched) {
        paint(HEADING, &PlanCounts::default().plan_line(true))
    } else {
        paint(HEADING, &applied_line(changed, verified, requests))
    });
    join(&blocks)
}

fn join(blocks: &[String]) -> String {
    format!("{}\n", blocks.join("\n\n"))
}

fn header<T>(tenant: &TenantResult<T>) -> String {
    let name = safe(&tenant.tenant);
    let padding = HEADER_WIDTH.saturating_sub(name.chars().count()).max(2);
    format!("{}{:padding$}{}", paint(HEADING, &name), "", paint(MUTED, &safe(&tenant.path)))
}

/// From what the tenant has to what the policy wants.
fn planned(review: &Review) -> String {
    let show =
        |change: &Change, names: &GroupNames| value::change(change.setting, &change.before, &change.after, names);
    let more = [in_effect(&review.plan), touched(review)].into_iter().filter(|part| !part.is_empty());
    body(review, show, |_| Vec::new(), more.collect::<Vec<_>>().join("\n\n"))
}

/// The people it touches.
fn touched(review: &Review) -> String {
    let Some((title, rows)) = impact::told(review.impact.as_ref()) else { return String::new() };
    let title = [format!("  {}", paint(MUTED, &title))];
    let rows = rows.iter().map(|row| format!("    {}", safe(row)));
    title.into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// What the plan comes to.
fn in_effect(plan: &Plan) -> String {
    let rows = effects::rows(plan);
    if rows.is_empty() {
        return String::new();
    }
    let told = rows.iter().map(|effects::EffectRow { name, says }| format!("    {}: {}", safe(name), safe(says)));
    let title = [format!("  {}", paint(MUTED, "in effect once applied"))];
    title.into_iter().chain(told).collect::<Vec<_>>().join("\n")
}

/// From what the policy says to what the tenant has, and who changed it.
fn drifted(members: &Members<'_, DriftResult>) -> String {
    const QUOTE: Escaping = Escaping { name: |text| safe(text).into_owned(), prose: |text| safe(text).into_owned() };
    let Some((_, drifting)) = members.first() else { return String::new() };
    let show =
        |change: &Change, names: &GroupNames| value::change(change.setting, &change.after, &change.before, names);
    let under = |change: &Change| attribution::told(members, change.setting.name, &QUOTE);
    let unread = members.iter().find_map(|(_, drifting)| attribution::unread(drifting));
    body(&drifting.review, show, under, unread.map(|why| doubt("the audit log", why)).unwrap_or_default())
}

/// `under` are lines below a change, `more` is told below the changes.
fn body(
    review: &Review,
    show: impl Fn(&Change, &GroupNames) -> Vec<String>,
    under: impl Fn(&Change) -> Vec<String>,
    more: String,
) -> String {
    let plan = &review.plan;
    let mut parts =
        vec![rows(&plan.changes(), plan, show, under), more, unknown(plan), unread(plan), told(&review.findings)];
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The changes, one to a line, with more lines for sets.
fn rows(
    changes: &[Change],
    plan: &Plan,
    show: impl Fn(&Change, &GroupNames) -> Vec<String>,
    under: impl Fn(&Change) -> Vec<String>,
) -> String {
    let shown: Vec<_> = changes.iter().map(|change| (change, show(change, &plan.group_names))).collect();
    let firsts = shown.iter().filter_map(|(_, words)| words.first()).map(|words| words.chars().count());
    let width = firsts.filter(|width| *width <= CHANGE_MOST).max().unwrap_or_default().max(CHANGE_LEAST);
    let names = changes.iter().map(|change| change.setting.name.len() + 1).max().unwrap_or_default().max(NAME_WIDTH);
    let lines = shown.iter().flat_map(|(change, words)| {
        let more = words.iter().skip(1).map(|words| format!("{:indent$}{words}", "", indent = names + 4));
        let first = words.iter().take(1).map(|words| first_row(change, words, (names, width), plan));
        let under = under(change).into_iter().map(|line| format!("    {}", paint(MUTED, &line)));
        first.chain(more).chain(under).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn first_row(change: &Change, words: &str, (names, width): (usize, usize), plan: &Plan) -> String {
    let (line, column) = change.place.line_column();
    let elsewhere = change.place.source != plan.source;
    let file = if elsewhere { format!("{}:", safe(&change.place.source.path)) } else { String::new() };
    // A rollback wants what was there before, which no file says.
    if change.place.source.text.is_empty() {
        return format!("  {} {:NAME_WIDTH$}{words}", paint(CHANGE, "~"), change.setting.name);
    }
    let place = paint(MUTED, &format!("{file}{line}:{column}"));
    let padding = width.saturating_sub(words.chars().count()) + 2;
    format!("  {} {:names$}{words}{:padding$}{place}", paint(CHANGE, "~"), change.setting.name, "")
}

fn unknown(plan: &Plan) -> String {
    let mark = paint(DOUBT, "?");
    let blocks = by_reason(&plan.unknown).into_iter().map(|(why, settings)| {
        if let [one] = settings.as_slice() {
            return doubt(one.setting.name, why);
        }
        let what = format!("unknown: {}", safe(&error_line(why)));
        let hint = why.hint.as_ref().map(|hint| format!("\n      hint: {}", safe(hint))).unwrap_or_default();
        let names: Vec<_> = settings.iter().map(|unknown| format!("  {mark} {}", unknown.setting.name)).collect();
        format!("{}\n      {what}{hint}", names.join("\n"))
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// What else could not be read.
fn unread(plan: &Plan) -> String {
    plan.unread.iter().map(|UnreadFact { what, why }| doubt(what, why)).collect::<Vec<_>>().join("\n")
}

/// Something that could not be read.
fn doubt(what: &str, why: &TenantError) -> String {
    let hint = why.hint.as_ref().map(|hint| format!("\n      hint: {}", safe(hint))).unwrap_or_default();
    let width = NAME_WIDTH.max(what.len() + 1);
    format!("  {} {what:width$}unknown: {}{hint}", paint(DOUBT, "?"), safe(&error_line(why)))
}

fn told(list: &[Finding]) -> String {
    if list.is_empty() { String::new() } else { findings::findings(list, true).trim_end().to_owned() }
}

fn ending(applied: &ApplyResult) -> String {
    let failed =
        |message: &str, hint: &str| format!("{} {}\n  hint: {}", paint(BAD, "error:"), safe(message), safe(hint));
    match &applied.ending {
        ApplyEnding::InSync => "  the tenant matches the policy; nothing was sent".to_owned(),
        ApplyEnding::Declined => "  not approved; nothing was sent".to_owned(),
        ApplyEnding::RingNotStarted { ring, after } => {
            let (message, hint) = not_begun(ring, after);
            format!("  {}\n  hint: {}", safe(&message), safe(&hint))
        }
        ApplyEnding::Refused(why) => {
            let (message, hint) = refusal(*why);
            format!("{}\n\n{}", planned(&applied.review), failed(message, hint))
        }
        ApplyEnding::PreconditionFailed(why) => {
            let (message, hint) = closed(why);
            failed(&message, &hint)
        }
        ApplyEnding::Executed(outcome) => {
            let steps = outcome.steps.iter().map(|done| {
                let plan = &applied.review.plan;
                let show = |change: &Change, names: &GroupNames| {
                    value::change(change.setting, &change.before, &change.after, names)
                };
                let shown = rows(&merge_by_setting(&done.step.changes), plan, show, |_| Vec::new());
                match step_result(done.step.surface, &done.result) {
                    None => {
                        let verified = paint(GOOD, &format!("✓ {} verified", done.step.surface.name()));
                        format!("{shown}\n  {verified}{}", pending(done))
                    }
                    Some((message, hint)) => {
                        let mark = paint(BAD, &format!("✗ {}", done.step.surface.name()));
                        format!("{shown}\n  {mark} {}{}\n    hint: {}", safe(&message), pending(done), safe(&hint))
                    }
                }
            });
            let undone = outcome.rollback.as_ref().map(|undone| match undone_in_words(undone) {
                (message, None) => format!("  {}", paint(DOUBT, &message)),
                (message, Some(hint)) => failed(&message, &hint),
            });
            steps.chain(undone).collect::<Vec<_>>().join("\n\n")
        }
    }
}

/// What was sent and does not act at once.
fn pending(done: &StepOutcome) -> String {
    done.acts_within_minutes().map(|minutes| format!("; {}", acts_within(minutes))).unwrap_or_default()
}

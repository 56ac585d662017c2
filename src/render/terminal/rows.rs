//! The parts that plan, apply and drift share at a terminal: a block for each group of tenants, with a row for each change.

use crate::base::finding::Finding;
use crate::engine::result::TenantResult;
use crate::plan::change::{Change, Plan, UnknownSetting};
use crate::render::text::error::{by_reason, error_block, error_line};
use crate::render::text::findings;
use crate::render::text::group::{GroupedTenants, TenantGroup};
use crate::render::text::link;
use crate::render::text::safe::safe;
use crate::render::text::style::{CHANGE, DOUBT, HEADING, MUTED, directed, paint};
use crate::render::text::value::GroupNames;
use crate::review::approve::Review;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;

/// The least width of the column with a setting's name, in characters.
const NAME_WIDTH: usize = 32;
/// The least width of the column with the values of a change, in characters.
const CHANGE_MIN_WIDTH: usize = 24;
/// The widest that the values of a change make their column, in characters; longer values push their place to the right.
const CHANGE_MAX_WIDTH: usize = 44;
/// The column at which the policy's path begins in a tenant's header, in characters.
const HEADER_WIDTH: usize = 62;

pub(super) fn block<T>(group: TenantGroup<'_, T>, body: impl Fn(&GroupedTenants<'_, T>) -> String) -> String {
    let (tenants, text): (Vec<_>, _) = match group {
        TenantGroup::Failed(tenants, why) => (tenants, error_block(why)),
        TenantGroup::Alike(members) => (members.iter().map(|(tenant, _)| *tenant).collect(), body(&members)),
    };
    let headers: Vec<_> = tenants.into_iter().map(head).collect();
    format!("{}\n\n{text}", headers.join("\n"))
}

pub(super) fn join(blocks: &[String]) -> String {
    format!("{}\n", blocks.join("\n\n"))
}

/// The heading of one tenant, with the path of its policy.
pub(super) fn head<T>(tenant: &TenantResult<T>) -> String {
    let name = safe(&tenant.tenant);
    let padding = HEADER_WIDTH.saturating_sub(name.chars().count()).max(2);
    format!(
        "{}{:padding$}{}",
        paint(HEADING, &name),
        "",
        paint(MUTED, &link::to_file(&tenant.path, &safe(&tenant.path)))
    )
}

/// The changes, then `more`, then what could not be read and the findings. `under` gives the lines below a change.
pub(super) fn body(
    review: &Review,
    show: impl Fn(&Change, &GroupNames) -> Vec<String>,
    under: impl Fn(&Change) -> Vec<String>,
    more: String,
) -> String {
    let plan = &review.plan;
    let mut parts = vec![
        rows(&plan.changes(), plan, show, under),
        more,
        unknown(plan),
        unread(plan),
        finding_block(&review.findings),
    ];
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The changes, one to a line, with more lines for sets.
pub(super) fn rows(
    changes: &[Change],
    plan: &Plan,
    show: impl Fn(&Change, &GroupNames) -> Vec<String>,
    under: impl Fn(&Change) -> Vec<String>,
) -> String {
    let shown: Vec<_> = changes.iter().map(|change| (change, show(change, &plan.group_names))).collect();
    let firsts = shown.iter().filter_map(|(_, words)| words.first()).map(|words| words.chars().count());
    let width = firsts.filter(|width| *width <= CHANGE_MAX_WIDTH).max().unwrap_or_default().max(CHANGE_MIN_WIDTH);
    let names = changes.iter().map(|change| change.setting.name.len() + 1).max().unwrap_or_default().max(NAME_WIDTH);
    let lines = shown.iter().flat_map(|(change, words)| {
        let more = words.iter().skip(1).map(|words| format!("{:indent$}{}", "", directed(words), indent = names + 4));
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
        return format!("  {} {:NAME_WIDTH$}{}", paint(CHANGE, "~"), change.setting.name, directed(words));
    }
    let place = link::to_file(&change.place.source.path, &format!("{file}{line}:{column}"));
    let place = paint(MUTED, &place);
    let padding = width.saturating_sub(words.chars().count()) + 2;
    format!("  {} {:names$}{}{:padding$}{place}", paint(CHANGE, "~"), change.setting.name, directed(words), "")
}

fn unknown(plan: &Plan) -> String {
    let blocks = by_reason(&plan.unknown).into_iter();
    blocks.map(|(why, settings)| unknown_block(&setting_names(&settings), why)).collect::<Vec<_>>().join("\n")
}

pub(super) fn setting_names(unknown: &[&UnknownSetting]) -> Vec<&'static str> {
    unknown.iter().map(|unknown| unknown.setting.name).collect()
}

/// Settings that could not be compared for the same reason.
pub(super) fn unknown_block(names: &[&str], why: &TenantError) -> String {
    if let [one] = names {
        return doubt(one, why);
    }
    let mark = paint(DOUBT, "?");
    let what = format!("unknown: {}", safe(&error_line(why)));
    let hint = why.hint.as_ref().map(|hint| format!("\n      hint: {}", safe(hint))).unwrap_or_default();
    let lines: Vec<_> = names.iter().map(|name| format!("  {mark} {name}")).collect();
    format!("{}\n      {what}{hint}", lines.join("\n"))
}

/// What else could not be read.
pub(super) fn unread(plan: &Plan) -> String {
    plan.unread.iter().map(|UnreadFact { what, why }| doubt(what, why)).collect::<Vec<_>>().join("\n")
}

/// Something that could not be read.
pub(super) fn doubt(what: &str, why: &TenantError) -> String {
    let hint = why.hint.as_ref().map(|hint| format!("\n      hint: {}", safe(hint))).unwrap_or_default();
    let width = NAME_WIDTH.max(what.len() + 1);
    format!("  {} {what:width$}unknown: {}{hint}", paint(DOUBT, "?"), safe(&error_line(why)))
}

fn finding_block(list: &[Finding]) -> String {
    if list.is_empty() { String::new() } else { findings::findings(list, true).trim_end().to_owned() }
}

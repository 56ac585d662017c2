//! The policies that a tenant is advised to choose from.

use crate::engine::advise::TenantAdvice;
use crate::engine::result::TenantResult;
use crate::render::terminal::rows::{block, join};
use crate::render::text::advice::{
    ASSUMED, AdviceRow, LEGEND, administrators, advice_line, commit, simulated, step, table, tried, yaml,
};
use crate::render::text::error::error_line;
use crate::render::text::group::group;
use crate::render::text::reports::by_report;
use crate::render::text::safe::safe;
use crate::render::text::style::{HEADING, MUTED, paint};
use crate::review::advice::steps::StepKind;
use crate::review::advice::{Advice, AdvisedPolicy};
use crate::tenant::facts::UnreadFact;

/// The width of the column of labels, in characters.
const LABEL_WIDTH: usize = 8;

/// The advice for one or more tenants. `whole` says whether the policy of each step is shown.
#[must_use]
pub(crate) fn advice(tenants: &[TenantResult<TenantAdvice>], whole: bool) -> String {
    let groups = group(tenants, |_| false, |_| None);
    let blocks = groups
        .into_iter()
        .map(|group| block(group, |members| members.first().map(|(_, one)| body(one, whole)).unwrap_or_default()));
    join(&blocks.chain([paint(HEADING, &advice_line(tenants))]).collect::<Vec<_>>())
}

fn body(read: &TenantAdvice, whole: bool) -> String {
    let TenantAdvice { tenant_id: _, cloud: _, taken: _, advice, unread, refreshed } = read;
    let mut lines = vec![line(2, &format!("who can reset, by the {}", by_report(*refreshed)))];
    lines.push(line(2, LEGEND));
    lines.push(String::new());
    let (columns, rows) = table(advice);
    lines.push(paint(MUTED, &row("", &columns, &columns)));
    for AdviceRow { label, cells, says } in &rows {
        lines.push(row(label, cells, &columns));
        lines.extend(says.iter().map(|says| paint(MUTED, &line(4 + LABEL_WIDTH, says))));
    }
    for option in &advice.options {
        lines.push(String::new());
        lines.extend(of_option(advice, option, whole));
    }
    lines.push(String::new());
    let unread = unread.iter().map(|UnreadFact { what, why }| format!("not read: {what}: {}", error_line(why)));
    let notes =
        tried(advice).into_iter().chain([administrators(advice)]).chain(ASSUMED.map(str::to_owned)).chain(unread);
    lines.extend(notes.map(|note| line(2, &note)));
    lines.join("\n")
}

fn of_option(advice: &Advice, option: &AdvisedPolicy, whole: bool) -> Vec<String> {
    let mut lines = vec![format!("  {}", paint(HEADING, &format!("option {}", option.number)))];
    if !whole {
        lines.extend(yaml(StepKind::Remove, &option.policy).iter().map(|line| format!("      {line}")));
    }
    for (index, one) in option.order.steps.iter().enumerate() {
        let subject = commit(one.kind, &one.policy.choice);
        lines.push(line(4, &format!("{} {}: commit \"{subject}\"", index + 1, one.kind.word())));
        lines.extend(step(advice, option, index).iter().map(|words| line(8, words)));
        if whole {
            lines.extend(yaml(one.kind, &one.policy).iter().map(|line| format!("          {line}")));
        }
    }
    lines.push(line(4, &simulated(option)));
    lines
}

/// A row of the table; each column is as wide as its name, and wide enough for a million people.
fn row(label: &str, cells: &[String], columns: &[String]) -> String {
    let cells = cells.iter().zip(columns);
    let cells: String = cells.map(|(cell, name)| format!("{cell:>width$}", width = name.len().max(7) + 1)).collect();
    format!("    {label:LABEL_WIDTH$}{cells}")
}

/// A sentence in a line of its own.
fn line(indent: usize, text: &str) -> String {
    format!("{:indent$}{}", "", safe(text))
}

//! Findings as frames of code, those that are accepted, and what is excepted from the rules.

use serde_json::{Value as Json, json};

use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, list, place, text};

/// Adds the findings of a document or of its tenants. One that several tenants share is there once.
pub(super) fn add_findings<'a>(
    view: &mut DocumentView,
    title: &str,
    owners: impl IntoIterator<Item = (&'a str, &'a [Json])>,
) {
    let mut found: Vec<(&Json, Vec<&str>)> = Vec::new();
    for (tenant, findings) in owners {
        for finding in findings {
            match found.iter_mut().find(|(other, _)| *other == finding) {
                Some((_, tenants)) => tenants.push(tenant),
                None => found.push((finding, vec![tenant])),
            }
        }
    }
    if !found.is_empty() {
        let findings: Vec<_> = found.iter().map(|(finding, tenants)| finding_values(finding, tenants)).collect();
        view.section(title, "findings", json!({ "findings": findings }));
    }
}

fn finding_values(finding: &Json, tenants: &[&str]) -> Json {
    let (sign, tone) = if text(finding, "severity") == "error" { ("✖", "bad") } else { ("▲", "warn") };
    let also =
        list(finding, "also").iter().map(|also| json!({ "place": place(also), "message": text(also, "message") }));
    json!({
        "sign": sign,
        "tone": tone,
        "severity": text(finding, "severity"),
        "code": text(finding, "code"),
        "message": text(finding, "message"),
        "hint": text(finding, "hint"),
        "place": place(finding),
        "frame": frame(finding),
        "also": also.collect::<Vec<_>>(),
        "tenants": if tenants.len() > 1 { folded(tenants) } else { String::new() },
    })
}

/// The line of a file with the place of a finding marked; `None` where no file holds it.
fn frame(finding: &Json) -> Option<Json> {
    let line: Vec<char> = text(finding, "lineText").chars().collect();
    let (from, to) =
        (count(finding, "column").saturating_sub(1) as usize, count(finding, "endColumn").saturating_sub(1) as usize);
    let is_one_line = count(finding, "line") == count(finding, "endLine");
    let to = if is_one_line { to.min(line.len()) } else { line.len() };
    let part = |from: usize, to: usize| line.get(from.min(to)..to).unwrap_or_default().iter().collect::<String>();
    (!line.is_empty()).then(|| {
        json!({
            "place": place(finding),
            "line": count(finding, "line"),
            "before": part(0, from.min(line.len())),
            "marked": part(from, to),
            "after": part(to.max(from), line.len()),
        })
    })
}

/// The names of tenants, those beyond the eighth as their number.
pub(super) fn folded(tenants: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown = tenants.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match tenants.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

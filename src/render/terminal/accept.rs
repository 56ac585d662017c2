//! What `accept` did to the policies.

use similar::TextDiff;

use crate::engine::result::{AcceptResult, AcceptedDrift, EditedFile, TenantResult};
use crate::plan::accept::AcceptedSetting;
use crate::plan::import::SkippedSetting;
use crate::render::text::error::error_block;
use crate::render::text::findings;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, CHANGE, DOUBT, GOOD, HEADING, MUTED, paint};
use crate::render::text::summary_lines::{UNREAD, and_tenants, count};

/// Each tenant that drifted with the new values of its policy, then what `validate` warns of only with them, then a line that
/// sums them up. A dry run shows the edit of each
/// file as well, and says that nothing was written.
#[must_use]
pub(crate) fn accepted(AcceptedDrift { tenants, new }: &AcceptedDrift, dry_run: bool) -> String {
    let shown = tenants.iter().filter(|tenant| {
        tenant.result.as_ref().map_or(true, |one| !one.accepted.is_empty() || !one.skipped.is_empty())
    });
    let mut blocks: Vec<_> = shown.map(|tenant| block(tenant, dry_run)).collect();
    let done = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.accepted.len()));
    let done: Vec<_> = done.filter(|settings| *settings > 0).collect();
    let unread = tenants.iter().filter(|tenant| tenant.result.is_err()).count();
    let skipped = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.skipped.len())).sum();
    let skipped = if skipped > 0 { format!("; {} not changed", count(skipped, "setting")) } else { String::new() };
    let not_named = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.not_named)).sum();
    let not_named = match not_named {
        0 => String::new(),
        some => format!("; {} drifted and not named", count(some, "other setting")),
    };
    // A plan also shows those of the rules that look at the tenant.
    let warnings = match new.len() {
        0 => String::new(),
        many => format!("; {} of the policy alone", count(many, "new warning")),
    };
    blocks.extend(new.iter().map(|finding| findings::one(finding, true).trim_end().to_owned()));
    let (settings, of) = (count(done.iter().sum(), "setting"), count(tenants.len(), "tenant"));
    let (begin, end) =
        if dry_run { ("Would accept", "; nothing was written, because of --dry-run") } else { ("Accepted", "") };
    let unread = and_tenants([(unread, UNREAD)]);
    let line = format!("{begin}: {settings} in {} of {of}{skipped}{not_named}{warnings}{unread}{end}.", done.len());
    blocks.push(paint(HEADING, &line));
    format!("{}\n", blocks.join("\n\n"))
}

fn block(tenant: &TenantResult<AcceptResult>, dry_run: bool) -> String {
    let head = format!("{}  {}", paint(HEADING, &safe(&tenant.tenant)), paint(MUTED, &safe(&tenant.path)));
    match &tenant.result {
        Err(why) => format!("{head}\n\n{}", error_block(why)),
        Ok(AcceptResult { accepted, skipped, not_named: _, file }) => {
            let done = accepted.iter().map(|AcceptedSetting { setting, value, place: _ }| {
                let says = value.as_ref().map_or_else(|| "removed".to_owned(), ToString::to_string);
                format!("  {} {:32}{}", paint(CHANGE, "~"), setting.name, safe(&says))
            });
            let left = skipped.iter().map(|SkippedSetting { setting, reason }| {
                format!("  {} {setting:32}not changed: {}", paint(DOUBT, "!"), safe(reason))
            });
            let link = file.iter().filter_map(|file| Some((&file.path, file.link_to.as_ref()?)));
            let verb = if dry_run { "would be" } else { "was" };
            let link = link.map(|(path, real)| {
                let (path, real) = (safe(path), safe(real));
                format!("  {} {path} leads through a symbolic link; {real} {verb} edited", paint(DOUBT, "note:"))
            });
            let lines: Vec<_> = done.chain(left).chain(link).collect();
            let diff = file.as_ref().filter(|_| dry_run).map(|file| format!("\n\n{}", diff(file))).unwrap_or_default();
            format!("{head}\n\n{}{diff}", lines.join("\n"))
        }
    }
}

/// The edit of a file as a unified diff, without the line break at its end.
fn diff(EditedFile { path, link_to, before, after }: &EditedFile) -> String {
    let path = link_to.as_deref().unwrap_or(path);
    let diff = TextDiff::from_lines(before, after);
    let text = diff.unified_diff().header(&format!("a/{path}"), &format!("b/{path}")).to_string();
    let line = |line: &str| {
        let line = safe(line.trim_end_matches('\r'));
        match line.chars().next() {
            _ if line.starts_with("+++ ") || line.starts_with("--- ") => paint(HEADING, &line),
            Some('+') => paint(GOOD, &line),
            Some('-') => paint(BAD, &line),
            Some('@') => paint(MUTED, &line),
            _ => line.into_owned(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

//! What `accept` did to the policies.

use crate::engine::result::{AcceptResult, TenantResult};
use crate::plan::accept::AcceptedSetting;
use crate::plan::import::SkippedSetting;
use crate::render::text::error::error_block;
use crate::render::text::safe::safe;
use crate::render::text::style::{CHANGE, DOUBT, HEADING, MUTED, paint};
use crate::render::text::summary_lines::{UNREAD, and_tenants, count};

/// Each tenant that drifted with the new values of its policy, then a line that sums them up.
#[must_use]
pub(crate) fn accepted(tenants: &[TenantResult<AcceptResult>]) -> String {
    let shown =
        tenants.iter().filter(|tenant| tenant.result.as_ref().map_or(true, |one| *one != AcceptResult::default()));
    let mut blocks: Vec<_> = shown.map(block).collect();
    let done = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.accepted.len()));
    let done: Vec<_> = done.filter(|settings| *settings > 0).collect();
    let unread = tenants.iter().filter(|tenant| tenant.result.is_err()).count();
    let skipped = tenants.iter().filter_map(|tenant| Some(tenant.result.as_ref().ok()?.skipped.len())).sum();
    let skipped = if skipped > 0 { format!("; {} not changed", count(skipped, "setting")) } else { String::new() };
    let (settings, of) = (count(done.iter().sum(), "setting"), count(tenants.len(), "tenant"));
    let line = format!("Accepted: {settings} in {} of {of}{skipped}{}.", done.len(), and_tenants([(unread, UNREAD)]));
    blocks.push(paint(HEADING, &line));
    format!("{}\n", blocks.join("\n\n"))
}

fn block(tenant: &TenantResult<AcceptResult>) -> String {
    let head = format!("{}  {}", paint(HEADING, &safe(&tenant.tenant)), paint(MUTED, &safe(&tenant.path)));
    match &tenant.result {
        Err(why) => format!("{head}\n\n{}", error_block(why)),
        Ok(AcceptResult { accepted, skipped }) => {
            let done = accepted.iter().map(|AcceptedSetting { setting, value, place: _ }| {
                let says = value.as_ref().map_or_else(|| "removed".to_owned(), ToString::to_string);
                format!("  {} {:32}{}", paint(CHANGE, "~"), setting.name, safe(&says))
            });
            let left = skipped.iter().map(|SkippedSetting { setting, reason }| {
                format!("  {} {setting:32}not changed: {}", paint(DOUBT, "!"), safe(reason))
            });
            format!("{head}\n\n{}", done.chain(left).collect::<Vec<_>>().join("\n"))
        }
    }
}

//! What `doctor` found.

use crate::doctor::check::Check;
use crate::engine::result::TenantResult;
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::escape::{code, prose};
use crate::render::terminal::doctor::{summary, word};
use crate::render::text::error::error_line;

/// Every line of every tenant.
#[must_use]
pub(crate) fn doctor(tenants: &[TenantResult<Vec<Check>>]) -> String {
    let part = |TenantResult { tenant, path, result }: &TenantResult<Vec<Check>>| {
        let head = format!("#### {} {}", code(tenant), code(path));
        let body = match result {
            Err(why) => format!("failed: {}", prose(&error_line(why))),
            Ok(checks) => checks.iter().map(line).collect::<Vec<_>>().join("\n"),
        };
        CommentPart { full: format!("{head}\n\n{body}"), short: code(tenant) }
    };
    let parts = tenants.iter().map(part).collect();
    Comment { command: "doctor", summary: vec![summary(tenants)], parts, footer: String::new() }.text()
}

fn line(check: &Check) -> String {
    let Check { about, name, state, says, fix } = check;
    let fix = fix.as_ref().map(|fix| format!(" – {}", prose(fix))).unwrap_or_default();
    format!("- **{}** {about}, {name}: {}{fix}", word(*state), prose(says))
}

//! Drift.

use crate::render::counts::drift_line;
use crate::render::markdown::comment::Comment;
use crate::render::markdown::escape::code;
use crate::render::markdown::tenants::{Way, reviews};
use crate::render::report::PerTenant;
use crate::review::approve::Review;

/// Where tenants are not as their policies say.
#[must_use]
pub fn drift(tenants: &[PerTenant<Review>]) -> String {
    let read = || tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok());
    let moved: Vec<_> = read().map(|review| review.plan.changes().len()).filter(|many| *many > 0).collect();
    let unread = tenants.len() - read().count();
    let mut summary = vec![format!("**{}**", drift_line(moved.iter().sum(), moved.len(), tenants.len()))];
    summary.extend((unread > 0).then(|| format!("{unread} of {} tenants could not be read.", tenants.len())));
    let footer = if moved.is_empty() { String::new() } else { footer() };
    Comment { command: "drift", summary, parts: reviews(tenants, Way::FromPolicy), footer }.text()
}

fn footer() -> String {
    format!(
        "`-` is what the policy says, `+` is what the tenant has. To put the policy back in force: {}. To keep what the \
         tenant has: write it into the policy; {} shows how.",
        code("ssprctl apply"),
        code("ssprctl import")
    )
}

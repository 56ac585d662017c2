//! Plans.

use crate::render::counts::Counts;
use crate::render::effects;
use crate::render::group::{answered, silent};
use crate::render::markdown::comment::Comment;
use crate::render::markdown::escape::{code, prose, word};
use crate::render::markdown::tenants::{Members, Way, reviews};
use crate::render::report::PerTenant;
use crate::review::approve::Review;

/// What would change in each tenant.
#[must_use]
pub fn plan(tenants: &[PerTenant<Review>]) -> String {
    let read: Vec<_> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let line = Counts::of(read.iter().map(|review| &review.plan)).plan_line(answered(tenants));
    let mut summary = vec![format!("**{line}**")];
    summary.extend(several(tenants, &read));
    Comment {
        command: "plan",
        summary,
        parts: reviews(tenants, Way::ToPolicy, in_effect),
        footer: footer(tenants, &read),
    }
    .text()
}

/// What the plan comes to, as it is told for all of some tenants.
fn in_effect(members: &Members<'_, Review>) -> String {
    let rows = members.first().map(|(_, review)| effects::rows(&review.plan)).unwrap_or_default();
    let told: Vec<_> =
        rows.iter().map(|effects::Row { name, says }| format!("- {}: {}", code(name), prose(says))).collect();
    if told.is_empty() { String::new() } else { format!("In effect once applied:\n\n{}", told.join("\n")) }
}

/// What becomes of how many tenants.
fn several(tenants: &[PerTenant<Review>], read: &[&Review]) -> Option<String> {
    let how_many = |which: &dyn Fn(&Review) -> bool| read.iter().filter(|review| which(review)).count();
    let (all, unread) = (tenants.len(), tenants.len() - read.len());
    let mut words = vec![format!("{} to change", how_many(&|review| !review.plan.steps.is_empty()))];
    words.push(format!("{} as wanted", how_many(&silent)));
    words.extend((unread > 0).then(|| format!("{unread} could not be read")));
    (all > 1).then(|| format!("{all} tenants: {}.", words.join(", ")))
}

fn footer(tenants: &[PerTenant<Review>], read: &[&Review]) -> String {
    let trouble = read.len() < tenants.len() || read.iter().any(|review| review.refusal().is_some());
    let ready = read.iter().any(|review| review.refusal().is_none() && !review.plan.steps.is_empty());
    let command = |verb: &str| match tenants {
        [one] => code(&format!("ssprctl {verb} {}", word(&one.path))),
        _ => format!("{} with the same paths", code(&format!("ssprctl {verb}"))),
    };
    let mut told = Vec::new();
    told.extend(
        trouble.then(|| "A tenant with errors or unknown settings is left as it is until they are mended.".into()),
    );
    told.extend(ready.then(|| format!("To apply this: {}.", command("apply"))));
    told.extend((trouble || ready).then(|| format!("To plan again: {}.", command("plan"))));
    told.join("\n\n")
}

//! The rings of a plan, in the order in which an apply goes through them.

use crate::base::ids::TenantName;
use crate::engine::result::TenantResult;
use crate::render::text::summary_lines::TenantCounts;
use crate::review::approve::Review;
use crate::review::rings::Rings;

/// The title of the list.
pub(crate) const TITLE: &str = "Rings, in this order:";
/// The most tenants of a ring that are named.
const NAMED: usize = 3;

/// One line for each ring that has tenants, in order: its name, its tenants and what happens to them; none without rings. `name`
/// escapes a foreign name.
pub(crate) fn lines(
    tenants: &[TenantResult<Review>],
    rings: Option<&Rings>,
    name: impl Fn(&str) -> String,
) -> Vec<String> {
    let Some(rings) = rings else { return Vec::new() };
    let lines = rings.names().into_iter().enumerate().filter_map(|(index, ring)| {
        let is_member = |one: &&TenantResult<Review>| rings.of(&TenantName::parse(&one.tenant)) == index;
        let members: Vec<_> = tenants.iter().filter(is_member).cloned().collect();
        let named: Vec<_> = members.iter().take(NAMED).map(|one| name(&one.tenant)).collect();
        let more = members.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let counts = TenantCounts::of(&members).words("to change");
        (!members.is_empty()).then(|| format!("{ring}: {}{more}: {counts}", named.join(", ")))
    });
    lines.collect()
}

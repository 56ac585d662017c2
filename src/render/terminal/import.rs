//! What `import` says about the file it makes.

use crate::plan::import::SkippedSetting;
use crate::plan::references;
use crate::render::text::safe::safe;
use crate::tenant::snapshot::Snapshot;

/// The comment lines at the top of an imported policy.
#[must_use]
pub(crate) fn comments(snapshot: &Snapshot, left_out: &[SkippedSetting]) -> Vec<String> {
    let mut lines = vec![format!("Tenant {} as it was at {:.0}.", snapshot.tenant, snapshot.taken)];
    lines.extend(references::names(snapshot).iter().map(|(id, name)| format!("Group {id} is {}.", safe(name))));
    lines.extend(left_out.iter().map(|left| format!("Left out: {}: {}.", left.setting, safe(&left.reason))));
    lines
}

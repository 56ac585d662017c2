//! What the policies still ask for after a rollback, and the two ways to let them follow it.

use std::collections::BTreeSet;

use crate::engine::rollback::StillDesired;
use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, paint};

/// The note about it, with the command line that accepts it; `None` where the policies have nothing that was rolled back.
#[must_use]
pub(crate) fn note(still: &[StillDesired]) -> Option<String> {
    let settings: BTreeSet<_> = still.iter().flat_map(|one| &one.settings).map(|(setting, _)| *setting).collect();
    let places = still.iter().flat_map(|one| &one.settings).map(|(_, place)| place);
    let files: BTreeSet<_> = places.map(|place| safe(&place.source.path).into_owned()).collect();
    if settings.is_empty() {
        return None;
    }
    let lines = still.iter().map(|StillDesired { tenant, settings }| {
        let settings = settings.iter().map(|(setting, place)| format!("{setting} ({})", safe(&place.to_string())));
        format!("\n  {}: {}", safe(tenant), settings.collect::<Vec<_>>().join(", "))
    });
    let files = files.into_iter().collect::<Vec<_>>().join(" ");
    let settings = settings.into_iter().collect::<Vec<_>>().join(",");
    Some(format!(
        "{} the policy still has what was rolled back, so the next `ssprctl apply` applies it again:{}\n  hint: revert the \
         commit that asked for it (`git log -- {files}` lists them, `git revert COMMIT` reverts one), or write what the tenant \
         has into the policy: `ssprctl accept --setting {settings}`",
        paint(DOUBT, "note:"),
        lines.collect::<String>()
    ))
}

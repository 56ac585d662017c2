//! Notes next to a result: keys of documents that this version does not know, and the snapshot that was planned against.

use std::collections::BTreeMap;

use crate::base::clock::age;
use crate::plan::public_snapshot::read::PublicSnapshot;
use crate::render::text::safe::safe;
use crate::render::text::style::{MUTED, paint};
use crate::tenant::wire_schema::UnknownKey;

/// How many keys are named. A document has at most a few that are new.
const MOST_KEYS: usize = 50;

/// A line for each key, up to [`MOST_KEYS`], with how many tenants have it where there are several; for a terminal. Names and types alone.
#[must_use]
pub(crate) fn new_keys<'a>(keys: impl IntoIterator<Item = &'a UnknownKey>) -> Vec<String> {
    let mut many: BTreeMap<&UnknownKey, usize> = BTreeMap::new();
    for key in keys {
        *many.entry(key).or_default() += 1;
    }
    let rest = many.len().saturating_sub(MOST_KEYS);
    let rest = (rest > 0).then(|| {
        paint(MUTED, &format!("note: {rest} more keys are not known to this version either; they are left unchanged"))
    });
    let lines = many.into_iter().take(MOST_KEYS).map(|(UnknownKey { surface, key, found }, many)| {
        let of = if many > 1 { format!(" in {many} tenants") } else { String::new() };
        let (surface, found) = (surface.name(), found.name());
        let note = format!(
            "note: {surface} has the key `{}` ({found}){of}, which this version does not know; it is left unchanged",
            safe(key)
        );
        paint(MUTED, &note)
    });
    lines.chain(rest).collect()
}

/// The note that a plan was made against a snapshot and cannot be applied; raw text.
#[must_use]
pub(crate) fn against(against: &PublicSnapshot) -> String {
    let signed = if against.checked { "" } else { ", signature not checked" };
    let taken = against.taken.strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "Against the snapshot of {taken}, {} old{signed}: no tenant was asked, and this cannot be applied.",
        age(against.age)
    )
}

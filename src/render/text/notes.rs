//! Notes next to a result: keys of documents that this version does not know, the snapshot that was planned against, and the
//! change that touches the tenants.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::clock::age;
use crate::engine::changed_since::ChangedSince;
use crate::plan::public_snapshot::read::PublicSnapshot;
use crate::render::text::safe::safe;
use crate::render::text::style::{MUTED, paint};
use crate::review::approve::Review;
use crate::tenant::wire_schema::UnknownKey;

/// How many keys are named. A document has at most a few that are new.
const MOST_KEYS: usize = 50;

/// A line for each key, up to [`MOST_KEYS`], with the tenant that has it, or how many have it, where there are several; for a
/// terminal. Names and types alone.
#[must_use]
pub(crate) fn new_keys(keys: &[(Option<String>, UnknownKey)]) -> Vec<String> {
    let mut many: BTreeMap<&UnknownKey, Vec<Option<&str>>> = BTreeMap::new();
    for (tenant, key) in keys {
        many.entry(key).or_default().push(tenant.as_deref());
    }
    let rest = many.len().saturating_sub(MOST_KEYS);
    let rest = (rest > 0).then(|| {
        paint(MUTED, &format!("note: {rest} more keys are not known to this version either; they are left unchanged"))
    });
    let lines = many.into_iter().take(MOST_KEYS).map(|(UnknownKey { surface, key, found }, tenants)| {
        let of = match tenants.as_slice() {
            [] | [None] => String::new(),
            [Some(tenant)] => format!(" in {}", safe(tenant)),
            several => format!(" in {} tenants", several.len()),
        };
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

/// A commit by the first seven digits of its id, with the branch or tag that names it. A name such as `HEAD^1` means
/// nothing to somebody who reads the result elsewhere, and is left out.
fn commit_of(name: &str, id: &str) -> String {
    let short: String = id.chars().take(7).collect();
    let is_relative = name == "HEAD" || name.contains(['^', '~', '@']);
    if is_relative || id.starts_with(name) { format!("commit {short}") } else { format!("commit {short} of {name}") }
}

/// The managed settings that a run leaves out; `None` without any; raw text.
#[must_use]
pub(crate) fn skipped<'a>(reviews: impl IntoIterator<Item = &'a Review>) -> Option<String> {
    let settings: BTreeSet<_> =
        reviews.into_iter().flat_map(|review| &review.plan.skipped).map(|setting| setting.name).collect();
    let settings = settings.into_iter().collect::<Vec<_>>().join(", ");
    (!settings.is_empty()).then(|| format!("Not looked at, because of --surfaces: {settings}."))
}

/// Which tenants a change touches, and which have no policy any more; raw text.
#[must_use]
pub(crate) fn since(since: &ChangedSince) -> Vec<String> {
    let ChangedSince { since, commit, touched, of, left } = since;
    let commit = commit_of(since, commit);
    let touches = match touched {
        0 => format!("No tenant is touched by what changed since {commit}: 0 of {of}."),
        touched => format!("Only tenants that are touched by what changed since {commit}: {touched} of {of}."),
    };
    let names: Vec<_> = left.iter().map(ToString::to_string).collect();
    let gone =
        (!left.is_empty()).then(|| format!("Without a policy since then, and left as they are: {}.", names.join(", ")));
    std::iter::once(touches).chain(gone).collect()
}

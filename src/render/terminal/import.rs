//! What `import` says about the file it makes.

use crate::base::count::counted;
use crate::plan::import::SkippedSetting;
use crate::plan::references;
use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, MUTED, paint};
use crate::tenant::error::{MissingAccess, TenantErrorKind};
use crate::tenant::snapshot::Snapshot;

/// The comment lines at the top of an imported policy.
#[must_use]
pub fn comments(snapshot: &Snapshot, left_out: &[SkippedSetting]) -> Vec<String> {
    let first = format!("Tenant {} as it was at {:.0}.", snapshot.tenant, snapshot.taken);
    lines(vec![first], snapshot, left_out)
}

/// The comment lines at the top of a policy that was made from files of other tools: which files, the group whose name they do
/// not have, if there is one, and what they do not say.
#[must_use]
pub(crate) fn comments_of_files(
    sources: &[String],
    unnamed: Option<&str>,
    snapshot: &Snapshot,
    left_out: &[SkippedSetting],
) -> Vec<String> {
    let (day, sources) = (snapshot.taken.strftime("%Y-%m-%d"), sources.join(", "));
    let first = format!("Made on {day} without reading the tenant, from {}.", safe(&sources));
    lines(std::iter::once(first).chain(unnamed.map(unnamed_group)).collect(), snapshot, left_out)
}

/// That the name of a group is not known.
#[must_use]
pub(crate) fn unnamed_group(id: &str) -> String {
    format!("The files do not have the name of group {id}, and it is looked up in the tenant alone.")
}

fn lines(mut lines: Vec<String>, snapshot: &Snapshot, left_out: &[SkippedSetting]) -> Vec<String> {
    lines.extend(references::names(snapshot).iter().map(|(id, name)| format!("Group {id} is {}.", safe(name))));
    lines.extend(
        left_out.iter().map(|left| format!("Left out: {}: {}.", left.setting, safe(left.reason.trim_end_matches('.')))),
    );
    lines
}

/// A note for each reason to leave settings out, with all of these settings: the policy is written and valid without them. It
/// is a warning where a document could not be read although the tenant may have it, because then the policy says less than it
/// could. Such a document adds the hint and the request of its error.
#[must_use]
pub(crate) fn left_out_notes(snapshot: &Snapshot, left_out: &[SkippedSetting]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for SkippedSetting { setting, reason } in left_out {
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, settings)) => settings.push(setting),
            None => reasons.push((reason, vec![setting])),
        }
    }
    let unread: Vec<_> = snapshot.documents.values().filter_map(|read| read.as_ref().err()).collect();
    let note = |(reason, settings): (&str, Vec<&str>)| {
        let unread = unread.iter().find(|error| error.message == reason);
        let is_warning = unread.is_some_and(|error| error.kind != TenantErrorKind::NoAccess(MissingAccess::Licence));
        let word = if is_warning { paint(DOUBT, "warning:") } else { "note:".to_owned() };
        let mut text = format!("{word} left out {}: {}", settings.join(", "), safe(reason));
        if let Some(hint) = unread.and_then(|error| error.hint.as_deref()) {
            text.push_str(&format!("\n  hint: {}", safe(hint)));
        }
        if let Some(id) = unread.and_then(|error| error.request_id) {
            text.push_str(&format!("\n{}", paint(MUTED, &format!("  request: {id}"))));
        }
        text
    };
    reasons.into_iter().map(note).collect()
}

/// What stays of a policy that an import edits, and the settings that its baselines say although the tenant does not have them.
/// `invalid_waivers` is whether its waivers are not valid, before and after.
#[must_use]
pub(crate) fn edited(inherited: usize, foreign: &[(&'static str, String)], invalid_waivers: bool) -> Vec<String> {
    let inherited = counted(inherited as u64, "setting is", "settings are");
    let first =
        format!("edited in place: what it extends, its waivers and comments stay; {inherited} left to baselines");
    let foreign = foreign.iter().map(|(setting, path)| {
        let warning = paint(DOUBT, "warning:");
        format!("{warning} {} says {setting}, which was not imported, so a plan may change it", safe(path))
    });
    let invalid = invalid_waivers.then(|| {
        format!("{} its waivers are as they were, and not valid: `ssprctl validate` says why", paint(DOUBT, "warning:"))
    });
    std::iter::once(first).chain(foreign).chain(invalid).collect()
}

#[cfg(test)]
mod tests {
    use super::edited;

    #[test]
    fn one_setting_is_left_and_several_are() {
        let says = |inherited| edited(inherited, &[], false).concat();
        assert!(says(1).ends_with("; 1 setting is left to baselines"), "{}", says(1));
        assert!(says(0).ends_with("; 0 settings are left to baselines"), "{}", says(0));
    }
}

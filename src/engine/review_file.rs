//! Saved reviews: written by `plan --out`, read, checked and compared with the current plans by `apply --plan`.

use std::path::Path;

use crate::base::exit::Exit;
use crate::base::file::{read_bounded, text, write_private};
use crate::base::signature::{Digest, SharedKey};
use crate::base::source::portable;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::policies;
use crate::engine::result::{PlannedTenant, TenantResult};
use crate::policy::gate::check_target;
use crate::policy::read::MAX_BYTES as MAX_POLICY_BYTES;
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::file::compare::{ReviewMismatch, is_done, mismatches};
use crate::review::file::format::{ReviewedTenant, SavedRefusal, SavedReview};
use crate::review::file::read::ReviewFileError;
use crate::review::file::saved_exception::SavedException;
use crate::review::file::{read, write};

/// The largest review that is read, in bytes: thousands of tenants fit.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What a saved review of a run holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SavedCounts {
    /// How many tenants the run had.
    pub(crate) tenants: usize,
    /// How many of them are not in the file, because they could not be read.
    pub(crate) missing: usize,
    /// How many of those in the file may not be applied as they are.
    pub(crate) refused: usize,
}

/// Saves the reviews of a run, signed where there is a key. Tenants that could not be read are not in the file; `None`, and no
/// file, when no tenant could be read. A run for which there is no tenant has a file without tenants, which shows that it was
/// planned and that there is nothing to apply. `fleet` is how many tenants have a policy.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn save(
    context: &RunContext,
    tenants: &[TenantResult<Review>],
    exceptions: &[Exception],
    fleet: usize,
    out: &Path,
    key: Option<&SharedKey>,
) -> Result<Option<SavedCounts>, RunError> {
    let reviews: Vec<&Review> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    if reviews.is_empty() && !tenants.is_empty() {
        return Ok(None);
    }
    let missing = tenants.len() - reviews.len();
    let refused = reviews.iter().filter(|review| review.refusal().is_some()).count();
    let reviewed = write::reviewed(reviews, exceptions, context.clock.now());
    let text = write::text(SavedReview { fleet: Some(fleet), ..reviewed }, key)
        .map_err(|error| RunError::failed(format!("the review cannot be written: {error}")))?;
    let failed = |error| RunError::failed(format!("{} cannot be written: {error}", out.display()));
    check_target(out).map_err(failed)?;
    check_replaced(out)?;
    write_private(out, text.as_bytes()).map_err(failed)?;
    Ok(Some(SavedCounts { tenants: tenants.len(), missing, refused }))
}

/// Checks that a file that a review would replace is a review, too, and not a policy or a file of git.
fn check_replaced(out: &Path) -> Result<(), RunError> {
    // What is no regular file is refused when it is written.
    if !out.symlink_metadata().is_ok_and(|there| there.is_file()) {
        return Ok(());
    }
    let there = read_bounded(out, MAX_BYTES).and_then(text).unwrap_or_else(|_| "not text".to_owned());
    match read::read(&there, None) {
        // An empty file was made to be written to.
        _ if there.is_empty() => Ok(()),
        Err(ReviewFileError::Damaged(_) | ReviewFileError::Foreign(_)) => {
            let message = format!("{} is there already, and is no saved review; nothing was written", out.display());
            Err(RunError::failed(message).hint("name another file, or remove that one"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Reads a saved review, as far as it is about the tenants that the run selects.
///
/// # Errors
/// When it cannot be read, was changed since it was written, was refused, or a policy has changed since.
pub(crate) fn load(context: &RunContext, path: &Path, key: Option<&SharedKey>) -> Result<SavedReview, RunError> {
    let (name, only) = (path.display(), context.selection.tenant.as_ref());
    let text = policies::read_named(context, path, MAX_BYTES)
        .map_err(|error| RunError::failed(format!("{name} cannot be read: {error}")))?;
    let mut review = read::read(&text, key).map_err(|why| {
        let refused = RunError { exit: Exit::Stale, ..RunError::refused(format!("{name} is not applied: {why}")) };
        let outdated = "plan again with --out, and have that reviewed";
        refused.hint(if why.is_outdated() {
            outdated
        } else {
            "take the file from where it was made, or plan again with --out"
        })
    })?;
    let had_any = !review.tenants.is_empty();
    review.tenants.retain(|tenant| only.is_none_or(|only| only.matches(&tenant.tenant)));
    if let Some(only) = only.filter(|_| had_any && review.tenants.is_empty()) {
        return Err(RunError::no_tenant(only));
    }
    check_not_refused(&review.tenants)?;
    check_policies(&review.tenants)?;
    Ok(review)
}

/// A review that was refused when it was made stays refused.
fn check_not_refused(tenants: &[ReviewedTenant]) -> Result<(), RunError> {
    let Some((tenant, why)) = tenants.iter().find_map(|tenant| Some((&tenant.tenant, tenant.refused?))) else {
        return Ok(());
    };
    let why = match why {
        SavedRefusal::Errors => "its findings have errors",
        SavedRefusal::Unknown => "some of its managed settings were unknown",
    };
    Err(RunError::refused(format!("the review of {tenant} was refused when it was made: {why}; nothing was sent"))
        .hint("fix that and plan again with --out, or name the other tenants with --tenant"))
}

/// Compares the text of every policy before anything in it is parsed.
fn check_policies(tenants: &[ReviewedTenant]) -> Result<(), RunError> {
    let mut changed: Vec<&str> = Vec::new();
    for (path, digest) in tenants.iter().flat_map(|tenant| &tenant.files) {
        if !is_reviewed(Path::new(path), digest) && !changed.contains(&path.as_str()) {
            changed.push(path);
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let changed = changed.join(", ");
    let refused =
        RunError::refused(format!("the policies are not those that were reviewed: {changed}; nothing was sent"));
    Err(RunError { exit: Exit::Stale, ..refused }
        .hint("start in the folder and at the commit that were reviewed, or plan again with --out"))
}

/// Whether a policy is there with the text that was reviewed; line ends and a byte order mark do not count. A file that is
/// larger than a policy may be is not, and neither is one that is no text.
fn is_reviewed(path: &Path, digest: &Digest) -> bool {
    let text = read_bounded(path, MAX_POLICY_BYTES).and_then(text);
    text.is_ok_and(|text| Digest::of(portable(&text).as_bytes()) == *digest)
}

/// Refuses a run in which exceptions are in force that the saved review does not have. Fewer are no harm: what they excused
/// is then a finding that was not reviewed.
///
/// # Errors
/// The exceptions, each with its place.
pub(crate) fn check_exceptions(saved: &SavedReview, exceptions: &[Exception]) -> Result<(), RunError> {
    let reviewed = |exception: &&Exception| saved.exceptions.contains(&SavedException::from(*exception));
    let mut others = exceptions.iter().filter(|exception| !reviewed(exception)).map(|exception| {
        let place = exception.place.as_ref().map(|place| {
            let (line, column) = place.line_column();
            format!(" ({}:{line}:{column})", place.source.path)
        });
        format!("{}{}", exception.name, place.unwrap_or_default())
    });
    let Some(first) = others.next() else { return Ok(()) };
    let others: Vec<_> = std::iter::once(first).chain(others).collect();
    let refused = RunError::refused(format!(
        "exceptions are in force that were not reviewed: {}; nothing was sent",
        others.join(", ")
    ));
    Err(RunError { exit: Exit::Stale, ..refused }
        .hint("start at the commit and with the options that were reviewed, or plan again with --out"))
}

/// How the plan of one tenant differs from the saved review.
#[derive(Clone, Debug)]
pub(crate) struct OutdatedTenant {
    /// What differs; empty where the tenant itself is as it was reviewed.
    pub(crate) mismatches: Vec<ReviewMismatch>,
    /// Whether the tenant already is as the review wanted it.
    pub(crate) is_done: bool,
}

/// Compares the current plans with a saved review; `None` when they are the same in every tenant, so that they may be applied.
/// Otherwise nothing may be sent to any tenant.
#[must_use]
pub(crate) fn compare(saved: &SavedReview, planned: &[PlannedTenant]) -> Option<Vec<OutdatedTenant>> {
    let known = |name: &str| saved.tenants.iter().find(|tenant| tenant.tenant == name);
    let compared: Vec<_> =
        planned.iter().map(|tenant| (tenant.result.is_ok(), of_tenant(known(&tenant.tenant), tenant))).collect();
    let same = compared.iter().all(|(is_read, tenant)| *is_read && tenant.mismatches.is_empty());
    if same && compared.len() == saved.tenants.len() {
        return None;
    }
    Some(compared.into_iter().map(|(_, tenant)| tenant).collect())
}

fn of_tenant(saved: Option<&ReviewedTenant>, planned: &PlannedTenant) -> OutdatedTenant {
    match (&planned.result, saved) {
        (Err(_), _) => OutdatedTenant { mismatches: Vec::new(), is_done: false },
        (Ok(_), None) => OutdatedTenant { mismatches: vec![ReviewMismatch::Tenant], is_done: false },
        (Ok((_, review)), Some(saved)) => {
            OutdatedTenant { mismatches: mismatches(saved, review), is_done: is_done(saved, review) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A review names its policies itself, so what it names may be any file.
    #[test]
    fn a_policy_is_compared_up_to_the_largest_that_is_read() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("policy.yaml");
        let mut bytes = vec![b'#'; usize::try_from(MAX_POLICY_BYTES)?];
        std::fs::write(&path, &bytes)?;
        assert!(is_reviewed(&path, &Digest::of(&bytes)));
        assert!(!is_reviewed(&path, &Digest::of(b"other")));
        bytes.push(b'#');
        std::fs::write(&path, &bytes)?;
        assert!(!is_reviewed(&path, &Digest::of(&bytes)));
        assert!(!is_reviewed(folder.path(), &Digest::of(b"")));
        Ok(())
    }
}

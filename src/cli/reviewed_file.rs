//! The file of `apply --plan`: read, checked, and compared with the policies that are there now.

use std::path::Path;

use glob::Pattern;

use crate::base::exit::Exit;
use crate::base::file;
use crate::base::signature::Digest;
use crate::cli::failure::RunError;
use crate::cli::saved;
use crate::policy;
use crate::render::text::safe::safe;
use crate::review::file::format::{ReviewedTenant, SavedRefusal, SavedReview};
use crate::review::file::read;

/// The most bytes of a review that are read: thousands of tenants fit.
const MOST: u64 = 256 * 1024 * 1024;

/// Reads a saved review, as far as it is about the tenants that `--tenant` names.
///
/// # Errors
/// When it cannot be read, is not what it was when it was written, was refused, or a policy has moved since.
pub fn load(path: &Path, only: Option<&Pattern>) -> Result<SavedReview, RunError> {
    let name = path.display();
    let text = file::read_bounded_input(path, MOST).and_then(file::text);
    let text = text.map_err(|error| RunError::failed(format!("{name} cannot be read: {error}")))?;
    let mut review = read::read(&text, saved::key()?.as_ref()).map_err(|why| {
        let told = RunError { exit: Exit::Stale, ..RunError::refused(format!("{name} is not applied: {why}")) };
        let outdated = "plan again with --out, and have that reviewed";
        told.hint(if why.is_outdated() {
            outdated
        } else {
            "take the file from where it was made, or plan again with --out"
        })
    })?;
    review.tenants.retain(|tenant| only.is_none_or(|only| only.matches(&tenant.tenant)));
    if let Some(only) = only.filter(|_| review.tenants.is_empty()) {
        return Err(RunError::no_tenant(only));
    }
    may_be_applied(&review.tenants)?;
    policies_are_the_same(&review.tenants)?;
    Ok(review)
}

/// A review that was refused when it was made stays refused.
fn may_be_applied(tenants: &[ReviewedTenant]) -> Result<(), RunError> {
    let Some((tenant, why)) = tenants.iter().find_map(|tenant| Some((&tenant.tenant, tenant.refused?))) else {
        return Ok(());
    };
    let why = match why {
        SavedRefusal::Errors => "its findings have errors",
        SavedRefusal::Unknown => "some of its managed settings were unknown",
    };
    Err(RunError::refused(format!("the review of {tenant} was refused when it was made: {why}; nothing was sent"))
        .hint("mend that and plan again with --out, or name the other tenants with --tenant"))
}

/// Looks at the bytes of every policy before anything in it is read.
fn policies_are_the_same(tenants: &[ReviewedTenant]) -> Result<(), RunError> {
    let mut moved: Vec<&str> = Vec::new();
    for (path, digest) in tenants.iter().flat_map(|tenant| &tenant.files) {
        let same = file::read_bounded(Path::new(path), policy::read::MAX_BYTES)
            .is_ok_and(|bytes| Digest::of(&bytes) == *digest);
        if !same && !moved.contains(&path.as_str()) {
            moved.push(path);
        }
    }
    if moved.is_empty() {
        return Ok(());
    }
    let moved = moved.iter().map(|path| safe(path)).collect::<Vec<_>>().join(", ");
    let told = RunError::refused(format!("the policies are not those that were reviewed: {moved}; nothing was sent"));
    Err(RunError { exit: Exit::Stale, ..told }
        .hint("start in the folder and at the commit that were reviewed, or plan again with --out"))
}

//! Saved reviews: written by `plan --out`, read, checked and compared with the current plans by `apply --plan`.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use crate::base::exit::Exit;
use crate::base::file::{read_bounded, text, write_private};
use crate::base::ids::TenantName;
use crate::base::signature::{Digest, SharedKey};
use crate::base::source::{Source, portable};
use crate::catalog::setting::Setting;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::policies;
use crate::engine::result::{PlannedTenant, TenantResult};
use crate::engine::selection::Selection;
use crate::plan::change::Plan;
use crate::policy::gate::check_target;
use crate::policy::read::MAX_BYTES as MAX_POLICY_BYTES;
use crate::policy::repository::config::FILE as CONFIG;
use crate::review::approve::Review;
use crate::review::exceptions::Exception;
use crate::review::file::compare::{ReviewMismatch, is_done, mismatches};
use crate::review::file::format::{ReviewedTenant, SavedRefusal, SavedReview};
use crate::review::file::read::ReviewFileError;
use crate::review::file::saved_exception::SavedException;
use crate::review::file::write::ReviewBasis;
use crate::review::file::{read, write};
use crate::tenant::error::TenantError;

/// The largest review that is read, in bytes: thousands of tenants fit.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What all reviews of a run were made by.
pub(crate) type RunBasis<'a> = ReviewBasis<'a>;

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
    basis: RunBasis<'_>,
    out: &Path,
    key: Option<&SharedKey>,
) -> Result<Option<SavedCounts>, RunError> {
    let reviews: Vec<&Review> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    if reviews.is_empty() && !tenants.is_empty() {
        return Ok(None);
    }
    let missing = tenants.len() - reviews.len();
    let refused = reviews.iter().filter(|review| review.refusal().is_some()).count();
    let text = write::text(write::reviewed(reviews, basis, context.clock.now()), key)
        .map_err(|error| RunError::failed(format!("the review cannot be written: {error}")))?;
    let failed = |error| RunError::unwritten(out, &error);
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

/// What a run does where a tenant is not as it was reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnStale {
    /// It holds back that tenant and goes on with the others.
    Skip,
    /// It sends nothing to any tenant.
    Stop,
}

/// A saved review, as far as it is about the tenants that the run selects.
pub(crate) struct LoadedReview {
    /// What was reviewed, of the tenants that may go on.
    pub(crate) review: SavedReview,
    /// The tenants that are held back without being read, because their policies are others or their reviews were refused,
    /// each with the reason.
    pub(crate) held_back: Vec<(ReviewedTenant, ReviewMismatch)>,
    /// Whether the file has tenants, and none of them is in the shard and the ring of the run.
    pub(crate) is_elsewhere: bool,
}

/// Reads a saved review, as far as it is about the tenants that the run selects.
///
/// # Errors
/// When it cannot be read or was changed since it was written. When it was refused or a policy has changed since, with
/// [`OnStale::Skip`] for every tenant, else for one.
pub(crate) fn load(
    context: &RunContext,
    path: &Path,
    key: Option<&SharedKey>,
    on_stale: OnStale,
) -> Result<LoadedReview, RunError> {
    let name = path.display();
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
    check_tenants(&review, name, context.sandbox)?;
    let had_any = !review.tenants.is_empty();
    select(context, &mut review)?;
    let is_elsewhere = had_any && review.tenants.is_empty();
    let (mut going_on, mut held_back) = (Vec::new(), Vec::new());
    for tenant in std::mem::take(&mut review.tenants) {
        match reason_to_hold_back(&tenant) {
            None => going_on.push(tenant),
            Some(reason) => held_back.push((tenant, reason)),
        }
    }
    if going_on.is_empty() || on_stale == OnStale::Stop {
        check_not_refused(&held_back)?;
        check_policies(&held_back)?;
    }
    review.tenants = going_on;
    Ok(LoadedReview { review, held_back, is_elsewhere })
}

/// A review of embedded tenants is not applied to real ones of the same name, and not the reverse.
fn check_tenants(review: &SavedReview, name: impl Display, sandbox: bool) -> Result<(), RunError> {
    if review.sandbox == sandbox {
        return Ok(());
    }
    let (made, hint) = if review.sandbox {
        ("embedded tenants, and this run is for real ones", "add --sandbox; for real tenants plan again without it")
    } else {
        (
            "real tenants, and this run is for embedded ones",
            "leave --sandbox and SSPRCTL_SANDBOX out; for embedded tenants plan again with --sandbox",
        )
    };
    let refused = RunError::refused(format!("{name} is a review of {made}; nothing was sent"));
    Err(RunError { exit: Exit::Stale, ..refused }.hint(hint))
}

/// Leaves those tenants of a review that the run selects by name, shard and ring.
fn select(context: &RunContext, review: &mut SavedReview) -> Result<(), RunError> {
    let Selection { tenant: only, shard, ring, services: _ } = &context.selection;
    let had_any = !review.tenants.is_empty();
    review.tenants.retain(|tenant| only.as_ref().is_none_or(|only| only.matches(&tenant.tenant)));
    if let Some(only) = only.as_ref().filter(|_| had_any && review.tenants.is_empty()) {
        return Err(RunError::no_tenant(only));
    }
    review.tenants.retain(|one| shard.is_none_or(|shard| shard.contains(&TenantName::parse(&one.tenant))));
    let Some(ring) = ring else { return Ok(()) };
    let (config, _) = policies::repository_config(context)?;
    // A ring that the file does not have is reported by whoever loads the policies.
    if let Some(index) = config.rings().names().iter().position(|known| known == ring) {
        review.tenants.retain(|one| config.rings().of(&TenantName::parse(&one.tenant)) == index);
    }
    Ok(())
}

/// Why a tenant is held back before anything in its policies is parsed.
fn reason_to_hold_back(tenant: &ReviewedTenant) -> Option<ReviewMismatch> {
    let changed = tenant.files.iter().filter(|(path, digest)| !is_reviewed(Path::new(path), digest));
    let changed: Vec<String> = changed.map(|(path, _)| path.clone()).collect();
    let policies = (!changed.is_empty()).then_some(ReviewMismatch::Policies(changed));
    tenant.refused.map(ReviewMismatch::Refused).or(policies)
}

/// A review that was refused when it was made stays refused.
fn check_not_refused(held_back: &[(ReviewedTenant, ReviewMismatch)]) -> Result<(), RunError> {
    let Some((tenant, why)) = held_back.iter().find_map(|(tenant, _)| Some((&tenant.tenant, tenant.refused?))) else {
        return Ok(());
    };
    let why = match why {
        SavedRefusal::Errors => "its findings have errors",
        SavedRefusal::Unknown => "some of its managed settings were unknown",
    };
    Err(RunError::refused(format!("the review of {tenant} was refused when it was made: {why}; nothing was sent"))
        .hint("fix that and plan again with --out, or name the other tenants with --tenant"))
}

/// The policies of a review must be those that were reviewed.
fn check_policies(held_back: &[(ReviewedTenant, ReviewMismatch)]) -> Result<(), RunError> {
    let mut changed: Vec<&str> = Vec::new();
    for (_, reason) in held_back {
        let ReviewMismatch::Policies(files) = reason else { continue };
        for path in files {
            if !changed.contains(&path.as_str()) {
                changed.push(path);
            }
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

/// Refuses a run whose `ssprctl.yaml` has other rules, limits, rings or dates than were reviewed: they decide over all tenants.
///
/// # Errors
/// When they are others, new or gone.
pub(crate) fn check_config(saved: &SavedReview, config: Option<&Digest>) -> Result<(), RunError> {
    if saved.config.as_ref() == config {
        return Ok(());
    }
    let refused = RunError::refused(format!(
        "the rules, limits, rings or dates of {CONFIG} are not those that were reviewed; nothing was sent"
    ));
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
        let place = exception.place.as_ref().map(|place| format!(" ({place})"));
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

/// How a tenant differs from its saved review.
#[derive(Clone, Debug)]
pub(crate) struct OutdatedTenant {
    /// The tenant with its new review.
    pub(crate) tenant: TenantResult<Review>,
    pub(crate) mismatches: Vec<ReviewMismatch>,
    /// Whether the tenant already is as the review wanted it.
    pub(crate) is_done: bool,
}

/// Separates the current plans from those that differ from the saved review. A tenant that could not be read goes on, which
/// sends nothing. So does one that has everything already that the review was to bring about, because an earlier apply of the
/// same review did it, unless all tenants of the review have.
#[must_use]
pub(crate) fn compare(
    saved: &SavedReview,
    planned: Vec<PlannedTenant>,
    others_held_back: bool,
    on_stale: OnStale,
) -> (Vec<PlannedTenant>, Vec<OutdatedTenant>) {
    let known = |name: &str| saved.tenants.iter().find(|tenant| tenant.tenant == name);
    let compared: Vec<_> = planned.into_iter().map(|one| (differences(known(&one.tenant), &one), one)).collect();
    let all_done = !others_held_back && compared.iter().all(|((_, is_done), _)| *is_done);
    let (mut going_on, mut outdated) = (Vec::new(), Vec::new());
    for ((mismatches, is_done), one) in compared {
        let was_applied = is_done && !all_done && on_stale == OnStale::Skip;
        let TenantResult { tenant, path, result } = one;
        match result {
            Ok((_, review)) if !mismatches.is_empty() && !was_applied => {
                let tenant = TenantResult { tenant, path, result: Ok(review) };
                outdated.push(OutdatedTenant { tenant, mismatches, is_done });
            }
            result => going_on.push(TenantResult { tenant, path, result }),
        }
    }
    (going_on, outdated)
}

/// The differences of a plan from its saved review, and whether the tenant has everything that the review was to bring about.
fn differences(saved: Option<&ReviewedTenant>, planned: &PlannedTenant) -> (Vec<ReviewMismatch>, bool) {
    match (&planned.result, saved) {
        (Err(_), _) => (Vec::new(), false),
        (Ok(_), None) => (vec![ReviewMismatch::Tenant], false),
        (Ok((_, review)), Some(saved)) => (mismatches(saved, review), is_done(saved, review)),
    }
}

/// Why something that was read for the saved review, such as a document or a group, could not be read again, where that can
/// explain everything that differs: then it is not known whether the tenant has changed. The tenant is held back in any case;
/// this decides only which reason is shown.
#[must_use]
pub(crate) fn read_error<'a>(mismatches: &[ReviewMismatch], review: &'a Review) -> Option<&'a TenantError> {
    let plan = &review.plan;
    let is_unknown = |setting: &Setting| plan.unknown.iter().any(|unknown| unknown.setting.name == setting.name);
    let explained = |mismatch: &ReviewMismatch| match mismatch {
        ReviewMismatch::Document(surface) => !plan.seen.contains_key(surface),
        ReviewMismatch::Setting { setting, was: _, is: None }
        | ReviewMismatch::DesiredSetting { setting, was: _, is: None } => is_unknown(setting),
        // A document that cannot be read makes its settings unknown, so requests are missing, and rules about those settings
        // have other findings. A finding names no document, so one with another cause counts as explained as well: once
        // everything can be read, the next comparison names it.
        ReviewMismatch::Requests | ReviewMismatch::Finding(_) => true,
        ReviewMismatch::Tenant
        | ReviewMismatch::Setting { .. }
        | ReviewMismatch::Key { .. }
        | ReviewMismatch::DesiredSetting { .. }
        | ReviewMismatch::Held(_)
        | ReviewMismatch::Policies(_)
        | ReviewMismatch::Refused(_) => false,
    };
    review.errors_by_weight().into_iter().next().filter(|_| mismatches.iter().all(explained))
}

/// A tenant of a saved review that is not read, with an empty plan.
#[must_use]
pub(crate) fn not_read(saved: ReviewedTenant, reason: ReviewMismatch) -> OutdatedTenant {
    let ReviewedTenant { tenant, tenant_id, cloud, policy, read_at, .. } = saved;
    let source = Source::new(policy.as_str(), "");
    let plan = Plan::empty(TenantName::parse(&tenant), tenant_id, cloud, &Arc::new(source), read_at);
    let review = Review::new(plan, Vec::new());
    let tenant = TenantResult { tenant, path: policy, result: Ok(review) };
    OutdatedTenant { tenant, mismatches: vec![reason], is_done: false }
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

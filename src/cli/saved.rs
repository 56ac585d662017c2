//! `plan --out`: reviews become a file.

use std::path::Path;

use crate::base::signature::SharedKey;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::output::write_atomic;
use crate::render::report::TenantResult;
use crate::review::approve::Review;
use crate::review::file::write;

/// The key that signs reviews.
const KEY: &str = "SSPRCTL_REVIEW_KEY";

/// Saves what was reviewed. Tenants that could not be read are not in it.
///
/// # Errors
/// When there is nothing to save, the key will not do, or the file cannot be written.
pub fn save(setup: &Context, tenants: &[TenantResult<Review>], out: &Path) -> Result<(), RunError> {
    let reviews: Vec<&Review> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let name = out.display();
    if reviews.is_empty() {
        setup.output.note(&format!("{name} is not written: no tenant could be read"));
        return Ok(());
    }
    let missing = tenants.len() - reviews.len();
    let refused = reviews.iter().filter(|review| review.refusal().is_some()).count();
    let text = write::text(write::reviewed(reviews, setup.clock.now()), key()?.as_ref())
        .map_err(|error| RunError::failed(format!("the review cannot be written: {error}")))?;
    write_atomic(out, text.as_bytes())
        .map_err(|error| RunError::failed(format!("{name} cannot be written: {error}")))?;
    let mut told = format!("wrote {name}; `ssprctl apply --plan {name}` applies this or nothing");
    if missing > 0 {
        told.push_str(&format!("\n  {missing} of {} tenants are not in it: they could not be read", tenants.len()));
    }
    if refused > 0 {
        told.push_str(&format!("\n  {refused} of {} tenants may not be applied as they are", tenants.len()));
    }
    setup.output.note(&told);
    Ok(())
}

/// The key that signs reviews, where there is one.
///
/// # Errors
/// When it will not do.
pub fn key() -> Result<Option<SharedKey>, RunError> {
    let text = std::env::var(KEY).ok().filter(|text| !text.is_empty());
    text.map(|text| text.parse()).transpose().map_err(|why| {
        RunError::failed(format!("{KEY} will not do: {why}")).hint("make one with `openssl rand -hex 32`")
    })
}

//! What `show` adds from the tenant's reports.

use std::path::Path;

use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::options::ShowArgs;
use crate::cli::policies;
use crate::client::TenantReader;
use crate::review::config::ReviewConfig;
use crate::tenant::error::TenantError;
use crate::tenant::registration::{ReadRegistration, RegistrationReport};

/// Counts who registered, where that is asked for: it takes a request for every thousand users.
pub(crate) async fn registration(
    setup: &Context,
    reader: &TenantReader,
    args: &ShowArgs,
) -> Option<Result<RegistrationReport, TenantError>> {
    if !args.registration {
        return None;
    }
    let counted = reader.registration(&|users| setup.output.progress(&format!("{users} users counted"))).await;
    setup.output.progress("");
    Some(counted)
}

/// What the policy of `--policy` wants of the tenant.
pub(crate) fn wish(setup: &Context, policy: &Path) -> Result<(Desired, ReviewConfig), RunError> {
    let gathered = policies::load(&[policy.to_owned()], &setup.options);
    if gathered.is_invalid() {
        return Err(RunError::invalid(policy));
    }
    let (mut wanted, standards) = gathered.require_any(setup.options.tenant.as_ref())?;
    match wanted.pop() {
        Some(wish) if wanted.is_empty() => Ok((wish, standards)),
        _ => Err(RunError::failed(format!("{} is more than one policy", policy.display())).hint("name one file")),
    }
}

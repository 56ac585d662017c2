//! What `show` adds from the tenant's reports.

use std::path::Path;

use crate::catalog::desired::Desired;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::ShowArgs;
use crate::cli::policies;
use crate::client::Reader;
use crate::review::standards::Standards;
use crate::tenant::registration::{ReadRegistration, Registration};
use crate::tenant::trouble::Trouble;

/// Counts who registered, where that is asked for: it takes a request for every thousand users.
pub(crate) async fn registration(
    setup: &Setup,
    reader: &Reader,
    args: &ShowArgs,
) -> Option<Result<Registration, Trouble>> {
    if !args.registration {
        return None;
    }
    let counted = reader.registration(&|users| setup.output.progress(&format!("{users} users counted"))).await;
    setup.output.progress("");
    Some(counted)
}

/// What the policy of `--policy` wants of the tenant.
pub(crate) fn wish(setup: &Setup, policy: &Path) -> Result<(Desired, Standards), Failure> {
    let gathered = policies::gather(&[policy.to_owned()], &setup.options);
    if gathered.is_invalid() {
        return Err(Failure::invalid(policy));
    }
    let (mut wanted, standards) = gathered.some(setup.options.tenant.as_ref())?;
    match wanted.pop() {
        Some(wish) if wanted.is_empty() => Ok((wish, standards)),
        _ => Err(Failure::failed(format!("{} is more than one policy", policy.display())).hint("name one file")),
    }
}

//! What `show` adds from the tenant's reports.

use std::path::Path;

use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::gather;
use crate::cli::options::ShowArgs;
use crate::client::Reader;
use crate::plan::score::{self, Forecast};
use crate::tenant::registration::{ReadRegistration, Registration};
use crate::tenant::score::Score;
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

/// What the Secure Score comes to with a policy in force, with the path of that policy.
pub(crate) async fn forecast(
    setup: &Setup,
    reader: &Reader,
    policy: &Path,
    now: Option<&Score>,
) -> Result<(String, Forecast), Failure> {
    let gathered = gather::gather(&[policy.to_owned()], setup.options.tenant.as_ref());
    if gathered.is_invalid() {
        return Err(Failure::invalid(policy));
    }
    let wanted = gathered.some(setup.options.tenant.as_ref())?;
    let [desired] = wanted.as_slice() else {
        return Err(Failure::failed(format!("{} is more than one policy", policy.display())).hint("name one file"));
    };
    let review = gather::review(setup, reader, desired).await?;
    Ok((desired.source.path.clone(), score::forecast(now, &review.plan)))
}

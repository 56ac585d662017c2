//! `show`: the settings that a tenant has.

use crate::base::cloud::Cloud;
use crate::base::exit::Exit;
use crate::base::ids::TenantName;
use crate::cli::compose::Setup;
use crate::cli::ending;
use crate::cli::failure::Failure;
use crate::cli::options::{Format, ShowArgs};
use crate::render::{json, markdown, shown};
use crate::tenant::circumstances::Asked;
use crate::tenant::snapshot::{self, Snapshot, Wanted};
use crate::tenant::surface::Surface;

/// Prints every setting of a tenant with where it is kept.
///
/// # Errors
/// When no tenant is named, or it cannot be read at all.
pub async fn run(setup: &Setup, arguments: &ShowArgs) -> Result<Exit, Failure> {
    let (name, snapshot) = everything(setup, arguments.cloud).await?;
    let shown = shown::shown(&name, &snapshot);
    let exit = ending::worst(shown.settings.iter().filter_map(|s| s.value.as_ref().err()).map(ending::of_trouble));
    setup.output.data(&match setup.options.format {
        Format::Terminal => shown::terminal(&shown),
        Format::Markdown => markdown::show(&shown),
        Format::Json => json::show(&shown, exit),
    })?;
    Ok(exit)
}

/// Reads everything there is to read of the one tenant that `--tenant` names.
///
/// # Errors
/// When no tenant is named, or it cannot be read at all.
pub async fn everything(setup: &Setup, cloud: Cloud) -> Result<(TenantName, Snapshot), Failure> {
    let Some(pattern) = &setup.options.tenant else {
        return Err(Failure::failed("no tenant is named").hint("pass --tenant with a verified domain or the tenant id"));
    };
    if pattern.as_str().contains(['*', '?', '[']) {
        return Err(Failure::failed(format!("`{pattern}` is a pattern, and this takes one tenant"))
            .hint("pass --tenant with a verified domain or the tenant id"));
    }
    let name = TenantName::parse(pattern.as_str());
    let reader = setup.reader(&name, cloud)?;
    let wanted =
        Wanted { surfaces: Surface::ALL.to_vec(), groups: Vec::new(), asked: Asked { licence: true, hybrid: true } };
    let snapshot = snapshot::take(&reader, &name, &wanted, &setup.clock).await?;
    Ok((name, snapshot))
}

//! `plan`: what would change.

use crate::base::exit::Exit;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{Format, PlanArgs};
use crate::cli::{ending, gather, validate};
use crate::render::{json, markdown, terminal};

/// Plans every policy and prints what would change.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &PlanArgs) -> Result<Exit, Failure> {
    let gathered = gather::gather(&arguments.paths.paths, setup.options.tenant.as_ref());
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let tenants = gather::each(setup, gathered.some(setup.options.tenant.as_ref())?, async |reader, desired| {
        gather::review(setup, &reader, &desired).await
    })
    .await;
    let changes = if arguments.detailed_exitcode { Exit::Changes } else { Exit::Done };
    let exit = ending::of_reviews(&tenants, changes);
    setup.output.data(&match setup.options.format {
        Format::Terminal => terminal::plan(&tenants),
        Format::Markdown => markdown::plan(&tenants),
        Format::Json => json::plan(&tenants, exit),
    })?;
    Ok(exit)
}

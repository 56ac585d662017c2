//! `drift`: where tenants are no longer as their policies say.

use crate::base::exit::Exit;
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::cli::options::{Format, Paths};
use crate::cli::{ending, gather, validate};
use crate::render::{json, markdown, terminal};

/// Compares every tenant with its policy; exits with [`Exit::Changes`] when one differs.
///
/// # Errors
/// When the result cannot be written.
pub async fn run(setup: &Setup, arguments: &Paths) -> Result<Exit, Failure> {
    let gathered = gather::gather(&arguments.paths, setup.options.tenant.as_ref());
    if gathered.is_invalid() {
        return validate::report(&setup.output, setup.options.format, &gathered);
    }
    let tenants = gather::each(setup, gathered.some(setup.options.tenant.as_ref())?, async |reader, desired| {
        gather::review(setup, &reader, &desired).await
    })
    .await;
    let exit = ending::of_reviews(&tenants, Exit::Changes);
    setup.output.data(&match setup.options.format {
        Format::Terminal => terminal::drift(&tenants),
        Format::Markdown => markdown::drift(&tenants),
        Format::Json => json::drift(&tenants, exit),
    })?;
    Ok(exit)
}

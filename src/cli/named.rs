//! The one tenant that `--tenant` names, for commands that take one.

use glob::Pattern;

use crate::base::ids::TenantName;
use crate::cli::failure::RunError;

/// The tenant of that name.
///
/// # Errors
/// When it is a pattern for several.
pub fn single_tenant(named: &Pattern) -> Result<TenantName, RunError> {
    if named.as_str().contains(['*', '?', '[']) {
        return Err(RunError::failed(format!("`{named}` is a pattern, and this takes one tenant"))
            .hint("pass --tenant with a verified domain or the tenant id"));
    }
    Ok(TenantName::parse(named.as_str()))
}

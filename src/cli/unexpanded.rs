//! Variables that a pipeline did not expand. Azure Pipelines leaves `$(name)` as it is where no variable has that name, and
//! hands no secret variable to a step that does not map it by `env:`.

use crate::engine::error::RunError;

/// How the names of the variables begin that are checked: those of this program, and those of the Azure SDKs.
const PREFIXES: [&str; 2] = ["SSPRCTL_", "AZURE_"];

/// Checks the variables of the environment.
///
/// # Errors
/// When one of them holds a reference that was not expanded. The message names the variable and the reference.
pub(crate) fn check(variables: impl Iterator<Item = (String, String)>) -> Result<(), RunError> {
    let ours = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let mut found: Vec<_> = variables
        .filter(|(name, _)| ours(name))
        .filter_map(|(name, value)| reference(&value).map(|reference| format!("{name} holds {reference}")))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    found.sort();
    let message = format!("the pipeline did not expand a variable: {}", found.join(", "));
    Err(RunError::failed(message).hint(
        "define a pipeline variable of that name, or link the variable group that has it; a secret one reaches a step only by \
         `env:` of that step",
    ))
}

/// The first `$(name)` in a value.
fn reference(value: &str) -> Option<&str> {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    value.match_indices("$(").find_map(|(at, _)| {
        let length = value.get(at + 2..)?.find(|c| !name(c))?;
        let whole = value.get(at..at + 2 + length + 1)?;
        (length > 0 && whole.ends_with(')')).then_some(whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_nothing_else() {
        for (value, found) in [
            ("$(clientSecret)", Some("$(clientSecret)")),
            ("https://$(host.name)/x", Some("$(host.name)")),
            ("$()$(a b)$(c-d)", Some("$(c-d)")),
            ("$(open", None),
            ("s3cr$et(x)~", None),
            ("${name} $name", None),
            ("$(ä)", None),
        ] {
            assert_eq!(reference(value), found, "{value}");
        }
    }

    #[test]
    fn each_variable_is_named_and_others_are_not_read() {
        let all = [("AZURE_CLIENT_ID", "$(id)"), ("OTHER", "$(x)"), ("SSPRCTL_CACHE_KEY", "$(key)"), ("AZURE_X", "y")];
        let variables = all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let message = check(variables).err().map(|error| error.error.message).unwrap_or_default();
        assert!(message.ends_with("AZURE_CLIENT_ID holds $(id), SSPRCTL_CACHE_KEY holds $(key)"), "{message}");
        assert!(check(std::iter::empty()).is_ok());
    }
}

//! What the values of options are read as.

use std::time::Duration;

use jiff::SignedDuration;

use crate::base::cloud::Cloud;

/// A cloud, by its word in policies.
///
/// # Errors
/// When no cloud is called so.
pub fn cloud(text: &str) -> Result<Cloud, String> {
    Cloud::named(text).ok_or_else(|| format!("one of {}", Cloud::ALL.map(Cloud::name).join(", ")))
}

/// A span of time, such as `90s`, `5m` or `1h30m`.
///
/// # Errors
/// When it is none, or negative.
pub fn duration(text: &str) -> Result<Duration, String> {
    let read = text.parse::<SignedDuration>().ok().and_then(|read| Duration::try_from(read).ok());
    read.ok_or_else(|| "write a number and its unit, for example 90s, 5m or 1h30m".to_owned())
}

/// A setting and its value.
///
/// # Errors
/// When there is no `=`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, for example methods.required=1")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A repository and one of its commits, as in `contoso/ssprctl@` and forty hexadecimal digits.
///
/// # Errors
/// What to write instead.
pub fn action(text: &str) -> Result<(String, String), String> {
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let is_commit = |at: &str| at.len() == 40 && at.chars().all(|c| c.is_ascii_hexdigit());
    match text.split_once('@') {
        Some((name, at)) if plain(name) && name.split('/').count() == 2 && is_commit(at) => {
            Ok((name.into(), at.into()))
        }
        _ => Err("write OWNER/NAME@COMMIT with the whole commit id: a tag can be moved".to_owned()),
    }
}

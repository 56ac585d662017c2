//! The challenge of Azure Arc's agent: whoever may read a file in a folder of the agent gets a token.
//!
//! The agent answers the first request with the path of a file, and the second one, which shows the content of the file, with
//! a token. The path comes from whoever listens at the address, so the file is read only where the agent makes such files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::file::{self, read_bounded};

/// The most bytes of a key file, by the agent's own rule.
const MOST: u64 = 4096;

/// The folder where the agent makes its key files.
pub(crate) fn keys_folder(get: &impl Fn(&str) -> Option<String>) -> PathBuf {
    if cfg!(windows) {
        let data = get("ProgramData").unwrap_or_else(|| r"C:\ProgramData".to_owned());
        Path::new(&data).join("AzureConnectedMachineAgent").join("Tokens")
    } else {
        PathBuf::from("/var/opt/azcmagent/tokens")
    }
}

/// Reads the key that a challenge names.
///
/// # Errors
/// Why the challenge is not answered, as it follows "the challenge of the Azure Arc agent".
pub(crate) fn key(challenge: Option<&str>, folder: &Path) -> Result<String, String> {
    let path = challenge.and_then(realm).ok_or("is missing, or names no file")?;
    let path = Path::new(path);
    if path.parent() != Some(folder) || path.extension().is_none_or(|extension| extension != "key") {
        return Err(format!("names a file that is no .key file in {}", folder.display()));
    }
    // A link could lead to any file of the machine.
    let regular = fs::symlink_metadata(path).map(|metadata| metadata.is_file());
    match regular {
        Ok(true) => {}
        Ok(false) => return Err("names something that is no regular file".to_owned()),
        Err(error) => return Err(format!("names a file that cannot be read: {error}")),
    }
    let text = read_bounded(path, MOST).and_then(file::text);
    let text = text.map_err(|error| format!("names a file that cannot be read: {error}"))?;
    Ok(text.trim().to_owned())
}

/// The realm of a `Basic` challenge.
fn realm(challenge: &str) -> Option<&str> {
    let (scheme, parameters) = challenge.trim().split_once(' ')?;
    let (name, value) = parameters.trim().split_once('=')?;
    let matches = scheme.eq_ignore_ascii_case("basic") && name.trim().eq_ignore_ascii_case("realm");
    matches.then(|| value.trim().trim_matches('"')).filter(|value| !value.is_empty())
}

//! `snapshot keygen`: the two halves of a key that signs snapshots.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::base::exit::Exit;
use crate::base::signature;
use crate::cli::failure::RunError;
use crate::cli::output::{Output, write_atomic};

/// Where the half that signs is given to `snapshot`.
pub const KEY: &str = "SSPRCTL_SNAPSHOT_KEY";

/// Makes a pair of keys.
///
/// # Errors
/// When a file is there already or cannot be written.
pub fn keygen(output: &Output, file: &Path) -> Result<Exit, RunError> {
    let public = file.with_file_name(format!("{}.pub", file.file_name().unwrap_or_default().to_string_lossy()));
    if let Some(there) = [file, &public].into_iter().find(|path| path.exists()) {
        return Err(RunError::failed(format!("{} is there already", there.display())).hint("name another file"));
    }
    let (private, checks) =
        signature::new_keys().map_err(|_| RunError::failed("the system has no randomness to give"))?;
    let wrong = |error| RunError::failed(format!("the keys cannot be written: {error}"));
    write_secret(file, private.as_bytes()).map_err(wrong)?;
    write_atomic(&public, checks.as_bytes()).map_err(wrong)?;
    output.note(&format!(
        "wrote {} and {}: the first is a secret and goes into {KEY}, the second goes into the repository",
        file.display(),
        public.display()
    ));
    Ok(Exit::Done)
}

/// Writes a new file that only its owner may read.
fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

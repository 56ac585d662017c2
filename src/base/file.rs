//! Files that are replaced whole.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file as a whole or not at all: a run that is cut off leaves the old one. Makes its folder where there is none.
/// What is there and is no ordinary file, such as `/dev/stdout`, is written to, never replaced.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    // Through a symbolic link, the file it leads to is meant.
    let target = &if there.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // The name of the file on its way there is nobody's business: only the kind of the error is told.
    let mut file = new_file().tempfile_in(folder).map_err(|error| error.kind())?;
    file.write_all(bytes)?;
    if let Some(there) = there {
        file.as_file().set_permissions(there.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(target)?;
    Ok(())
}

/// A file that may be read by whoever the system lets read new files: results are no secrets.
fn new_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder
}

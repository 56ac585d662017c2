//! Files of state: journals, locks, sign-ins, observations. Their folders are made for their owner alone, and neither a
//! symbolic link nor anything but a regular file is opened in their place.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::base::file::{LinkRule, restrict};

/// Creates a folder, and those above it, that only its owner may enter. One that is there stays as it is.
///
/// # Errors
/// When it cannot be created, or a file has its name.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// Checks that every folder below `root`, down to `folder`, is a folder itself and no symbolic link. A folder that does not
/// exist yet passes the check.
///
/// # Errors
/// When one is something else; the error names it.
pub(crate) fn check_folders(root: &Path, folder: &Path) -> io::Result<()> {
    let mut path = root.to_owned();
    for part in folder.strip_prefix(root).unwrap_or(Path::new("")).components() {
        path.push(part);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                let why = format!("{} is a symbolic link or a file, and has to be a folder", path.display());
                return Err(io::Error::new(ErrorKind::NotADirectory, why));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        }
    }
    Ok(())
}

/// Opens a file of state as the options say; a file that is made is for its owner alone.
///
/// # Errors
/// When it cannot be opened, or is anything but a regular file.
pub(crate) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let regular = |metadata: fs::Metadata| match metadata.is_file() {
        true => Ok(()),
        false => Err(io::Error::new(ErrorKind::InvalidInput, "it is not a regular file")),
    };
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        there => regular(there?)?,
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = restrict(options, LinkRule::Refuse).open(path)?;
    regular(file.metadata()?)?;
    Ok(file)
}

/// Replaces a file of state, completely or not at all, and creates its folder if there is none. A symbolic link in its place
/// is replaced and not followed.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    // A temporary file is for its owner alone. Its name would confuse, so only the kind of the error is reported.
    let mut fresh = tempfile::NamedTempFile::new_in(folder).map_err(|error| error.kind())?;
    fresh.write_all(bytes)?;
    fresh.as_file().sync_all()?;
    fresh.persist(path)?;
    sync_folder(folder)
}

/// Writes the names of the files in a folder to disk, where the system needs that.
///
/// # Errors
/// When the folder cannot be opened or written.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::base::file::{ReadError, read_state};

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(path.symlink_metadata()?.permissions().mode() & 0o777)
    }

    #[test]
    fn folders_and_files_are_for_their_owner_alone() -> Tested {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("a/b/file");
        write(&file, b"first")?;
        write(&file, b"second")?;
        assert_eq!(read_state(&file, 10)?, b"second");
        let other = folder.path().join("a/b/other");
        open(&other, OpenOptions::new().create(true).append(true))?;
        assert_eq!([mode(&file)?, mode(&other)?, mode(&folder.path().join("a/b"))?], [0o600, 0o600, 0o700]);
        assert_eq!(mode(&folder.path().join("a"))?, 0o700);
        Ok(())
    }

    #[test]
    fn a_link_is_neither_read_nor_written_through() -> Tested {
        let folder = tempfile::tempdir()?;
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "outside")?;
        symlink(&target, &link)?;
        assert!(matches!(read_state(&link, 10), Err(ReadError::NotAFile)));
        assert!(open(&link, OpenOptions::new().append(true)).is_err());
        assert!(
            restrict(OpenOptions::new().append(true), LinkRule::Refuse).open(&link).is_err(),
            "by the system itself"
        );
        write(&link, b"own")?;
        assert_eq!((read_state(&target, 10)?, read_state(&link, 10)?), (b"outside".to_vec(), b"own".to_vec()));

        symlink(folder.path().join("nowhere"), folder.path().join("dangling"))?;
        assert!(open(&folder.path().join("dangling"), OpenOptions::new().create(true).append(true)).is_err());
        assert!(!folder.path().join("nowhere").exists());
        Ok(())
    }

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() -> Tested {
        let folder = tempfile::tempdir()?;
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)?;
        assert!(matches!(read_state(&pipe, 10), Err(ReadError::NotAFile)));
        assert!(open(&pipe, OpenOptions::new().append(true)).is_err());
        assert!(open(folder.path(), OpenOptions::new().read(true)).is_err(), "a folder");
        Ok(())
    }

    #[test]
    fn no_folder_below_the_root_is_a_link() -> Tested {
        let root = tempfile::tempdir()?;
        let folder = root.path().join("a/b/c");
        assert!(check_folders(root.path(), &folder).is_ok());
        create_folder(&folder)?;
        assert!(check_folders(root.path(), &folder).is_ok());
        symlink(root.path().join("a/b"), root.path().join("linked"))?;
        let refused = check_folders(root.path(), &root.path().join("linked/c")).err().ok_or("a link was followed")?;
        assert!(refused.to_string().contains("linked is a symbolic link"), "{refused}");
        let linked = tempfile::tempdir()?.path().with_extension("link");
        symlink(root.path(), &linked)?;
        assert!(check_folders(&linked, &linked.join("a/b")).is_ok(), "the root itself is chosen by its owner");
        fs::remove_file(linked)?;
        Ok(())
    }
}

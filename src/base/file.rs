//! Reads files up to a maximal size, and replaces files atomically.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::path::Path;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// There is no file of that name.
    #[error("it does not exist")]
    NotFound,
    /// It is a folder, a device, a pipe, or made by the system while it is read.
    #[error("it is not a regular file")]
    NotAFile,
    /// It is larger than such a file may be.
    #[error("it is larger than {}", size(*max))]
    TooLarge {
        /// The maximal size in bytes.
        max: u64,
    },
    /// The system cannot read it, or a text in it is not UTF-8.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            ReadError::NotFound => Self::new(ErrorKind::NotFound, error),
            ReadError::NotAFile => Self::new(ErrorKind::InvalidInput, error),
            ReadError::TooLarge { .. } => Self::new(ErrorKind::FileTooLarge, error),
        }
    }
}

/// Whether the last part of a path may be a symbolic link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkRule {
    /// The file that it leads to is opened.
    Follow,
    /// It is not opened.
    Refuse,
}

/// Reads a regular file of at most `max` bytes. Reads one byte more instead of trusting the length that the system gives,
/// because a file may grow meanwhile.
///
/// # Errors
/// When it cannot be read, is larger, or is not a regular file. No part of such a file is returned.
pub(crate) fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, ReadError> {
    read(&open_regular(path, max, LinkRule::Follow)?, max)
}

/// Like [`read_bounded`], for files of state: a symbolic link is not read either.
///
/// # Errors
/// Those of [`read_bounded`], and when the path is a symbolic link.
pub(crate) fn read_state(path: &Path, max: u64) -> Result<Vec<u8>, ReadError> {
    read(&open_regular(path, max, LinkRule::Refuse)?, max)
}

fn read(file: &File, max: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    // The system makes the content of files such as those of /proc while they are read, and gives them no length.
    if !bytes.is_empty() && file.metadata().map_err(failed)?.len() == 0 {
        return Err(ReadError::NotAFile);
    }
    if bytes.len() as u64 > max { Err(ReadError::TooLarge { max }) } else { Ok(bytes) }
}

/// Opens a regular file of at most `max` bytes to read it. Waits for nobody: a pipe is not opened.
fn open_regular(path: &Path, max: u64, links: LinkRule) -> Result<File, ReadError> {
    let check = |metadata: Metadata| match metadata.is_file() {
        false => Err(ReadError::NotAFile),
        true if metadata.len() > max => Err(ReadError::TooLarge { max }),
        true => Ok(()),
    };
    // Opening a device may act on it, so the kind of the file is checked before it is opened, and again after that,
    // because the path may lead to another file by then.
    let named = match links {
        LinkRule::Follow => path.metadata(),
        LinkRule::Refuse => path.symlink_metadata(),
    };
    check(named.map_err(failed)?)?;
    let file = restrict(OpenOptions::new().read(true), links).open(path).map_err(failed)?;
    check(file.metadata().map_err(failed)?)?;
    Ok(file)
}

/// Options with which opening a pipe returns at once, and a symbolic link is opened only if the rule says so.
pub(crate) fn restrict(options: &mut OpenOptions, links: LinkRule) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = match links {
            LinkRule::Follow => OFlags::NONBLOCK,
            LinkRule::Refuse => OFlags::NONBLOCK | OFlags::NOFOLLOW,
        };
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits().cast_signed());
    }
    #[cfg(windows)]
    if links == LinkRule::Refuse {
        // FILE_FLAG_OPEN_REPARSE_POINT opens the link itself, which is no regular file.
        std::os::windows::fs::OpenOptionsExt::custom_flags(options, 0x0020_0000);
    }
    options
}

/// Reads a file of state of at most `max` bytes line by line, and gives each line to `visit` with its line break, which the
/// last one may lack. Only one line at a time is in memory.
///
/// # Errors
/// As of [`read_state`], and the error that `visit` returns, which ends the reading. Some lines of a file may have been
/// visited when it turns out to be too large, because it has grown meanwhile.
pub(crate) fn visit_lines_bounded(
    path: &Path,
    max: u64,
    mut visit: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    const BUFFER_BYTES: usize = 128 * 1024;
    let file = open_regular(path, max, LinkRule::Refuse)?;
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, file.take(max.saturating_add(1)));
    // The beginning of a line that goes on in the next part of the file.
    let mut begun = Vec::new();
    let mut bytes = 0;
    loop {
        let part = reader.fill_buf()?;
        let read = part.len();
        bytes += read as u64;
        if bytes > max {
            return Err(ReadError::TooLarge { max }.into());
        }
        if read == 0 {
            return if begun.is_empty() { Ok(()) } else { visit(&begun) };
        }
        let mut rest = part;
        while let Some((line, after)) = memchr::memchr(b'\n', rest).and_then(|end| rest.split_at_checked(end + 1)) {
            if begun.is_empty() {
                visit(line)?;
            } else {
                begun.extend_from_slice(line);
                visit(&begun)?;
                begun.clear();
            }
            rest = after;
        }
        begun.extend_from_slice(rest);
        reader.consume(read);
    }
}

/// Decodes bytes as UTF-8.
///
/// # Errors
/// When they are not UTF-8.
pub(crate) fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        ReadError::Io(io::Error::new(ErrorKind::InvalidData, format!("it is not UTF-8 at byte {at}")))
    })
}

fn failed(error: io::Error) -> ReadError {
    match error.kind() {
        ErrorKind::NotFound => ReadError::NotFound,
        _ => ReadError::Io(error),
    }
}

/// A number of bytes in the largest unit in which it is an integer.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = KIB * KIB;
    match bytes {
        bytes if bytes >= MIB && bytes % MIB == 0 => format!("{} MiB", bytes / MIB),
        bytes if bytes >= KIB && bytes % KIB == 0 => format!("{} KiB", bytes / KIB),
        bytes => format!("{bytes} bytes"),
    }
}

/// Writes a file completely or not at all: an interrupted run leaves the old one. Creates its folder if there is none.
/// Anything but a regular file, such as `/dev/stdout`, is written to and never replaced.
///
/// # Errors
/// When the folder or the file cannot be written.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    // A symbolic link is followed, so that the file it leads to is replaced.
    let target = &if there.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
    replace(target, |file| file.write_all(bytes), &new_file(), there.map(|there| there.permissions()))
}

/// Like [`write_atomic`], for a file that has documents of a tenant: it is for its owner alone, also where it replaces one
/// that is not, and it takes the place of nothing but a regular file. A symbolic link is not followed.
///
/// # Errors
/// When the folder or the file cannot be written, or something else than a regular file has its name.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_private(path)?;
    // Temporary files are for their owner alone unless the builder says otherwise.
    replace(path, |file| file.write_all(bytes), &tempfile::Builder::new(), None)
}

/// Gives a file that has no name this one, as [`write_private`] would write it. On Linux nothing is copied.
///
/// # Errors
/// Those of [`write_private`], and when the file cannot be read.
pub(crate) fn publish_private(mut file: File, path: &Path) -> io::Result<()> {
    check_private(path)?;
    file.sync_all()?;
    #[cfg(target_os = "linux")]
    if link(&file, path).is_ok() {
        return Ok(());
    }
    // Not every file system has files without a name that can get one.
    file.rewind()?;
    replace(path, |named| io::copy(&mut file, named).map(drop), &tempfile::Builder::new(), None)
}

/// Gives a file that has no name this one, in the place of another file or of none.
#[cfg(target_os = "linux")]
fn link(file: &File, target: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let open = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
    let give = |path: &Path| linkat(CWD, &open, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from);
    tempfile::Builder::new().make_in(folder_of(target), give)?.persist(target)?;
    Ok(())
}

/// The folder of a file, by its path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Checks whether [`write_private`] may take this place.
///
/// # Errors
/// When something else than a regular file has the name.
pub(crate) fn check_private(path: &Path) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(there) if !there.is_file() => Err(ReadError::NotAFile.into()),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Puts a new file in the place of another one, or of none.
fn replace(
    target: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
    fresh: &tempfile::Builder<'_, '_>,
    permissions: Option<fs::Permissions>,
) -> io::Result<()> {
    let folder = folder_of(target);
    fs::create_dir_all(folder)?;
    // The name of the temporary file would confuse, so only the kind of the error is reported.
    let mut file = fresh.tempfile_in(folder).map_err(|error| error.kind())?;
    write(file.as_file_mut())?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(target)?;
    Ok(())
}

/// A temporary file with the system's default permissions, because results are no secrets.
fn new_file() -> tempfile::Builder<'static, 'static> {
    let builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = {
        let mut builder = builder;
        builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
        builder
    };
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn error(read: Result<Vec<u8>, ReadError>) -> Option<(String, ErrorKind)> {
        read.err().map(|error| (error.to_string(), io::Error::from(error).kind()))
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_never_cut() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        fs::write(&path, [7; 2048])?;
        assert_eq!(read_bounded(&path, 2048)?, [7; 2048]);
        let too_large = |text: &str| Some((text.to_owned(), ErrorKind::FileTooLarge));
        assert_eq!(error(read_bounded(&path, 2047)), too_large("it is larger than 2047 bytes"));
        assert_eq!(error(read_bounded(&path, 1024)), too_large("it is larger than 1 KiB"));
        fs::write(&path, "")?;
        assert!(read_bounded(&path, 0)?.is_empty());

        // Sparse, so that it takes no space.
        File::create(&path)?.set_len(64 * 1024 * 1024 + 1)?;
        assert_eq!(error(read_bounded(&path, 64 * 1024 * 1024)), too_large("it is larger than 64 MiB"));

        let not_a_file = Some(("it is not a regular file".to_owned(), ErrorKind::InvalidInput));
        assert_eq!(error(read_bounded(folder.path(), 9)), not_a_file);
        let missing = Some(("it does not exist".to_owned(), ErrorKind::NotFound));
        assert_eq!(error(read_bounded(&folder.path().join("nowhere"), 9)), missing);
        assert_eq!(size(5 * 1024 + 1), "5121 bytes");
        Ok(())
    }

    #[test]
    fn lines_are_visited_up_to_the_bound_of_the_file() -> Tested {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("file");
        let read = |max| {
            let mut lines = Vec::new();
            visit_lines_bounded(&path, max, |line| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            })
            .map(|()| lines)
        };
        let missing = Some(("it does not exist".to_owned(), ErrorKind::NotFound));
        assert_eq!(read(9).err().map(|error| (error.to_string(), error.kind())), missing);
        fs::write(&path, "a\n\nb\r\ncut off")?;
        assert_eq!(read(13)?, ["a\n", "\n", "b\r\n", "cut off"]);
        let too_large = Some(("it is larger than 12 bytes".to_owned(), ErrorKind::FileTooLarge));
        assert_eq!(read(12).err().map(|error| (error.to_string(), error.kind())), too_large);
        fs::write(&path, "a\n")?;
        assert_eq!(read(9)?, ["a\n"]);
        let refused = visit_lines_bounded(&path, 9, |_| Err(ErrorKind::Unsupported.into()));
        assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::Unsupported));
        Ok(())
    }

    /// Opening a pipe without a writer would wait for one, and some tests would not end.
    #[cfg(unix)]
    #[test]
    fn what_is_not_a_regular_file_is_neither_read_nor_waited_for() -> Tested {
        let folder = tempfile::tempdir()?;
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR)?;
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket)?;
        for path in [&pipe, &socket, Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert!(matches!(read_bounded(path, 9), Err(ReadError::NotAFile)), "{}", path.display());
        }
        let opened = restrict(OpenOptions::new().read(true), LinkRule::Follow).open(&pipe)?;
        assert!(!opened.metadata()?.is_file(), "opening it returns at once");
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_system_makes_is_not_a_regular_file() {
        let environment = read_bounded(Path::new("/proc/self/environ"), 1024 * 1024);
        assert!(matches!(environment, Err(ReadError::NotAFile)));
    }

    #[test]
    fn a_text_is_utf_8() {
        assert!(matches!(text(b"ok".to_vec()), Ok(text) if text == "ok"));
        assert_eq!(
            error(text(b"a\xff".to_vec()).map(String::into_bytes)).map(|(text, _)| text),
            Some("it is not UTF-8 at byte 1".to_owned())
        );
    }
}

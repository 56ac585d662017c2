//! The only file that prints. Standard output is data, standard error is talk; only terminals get colours.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use crate::cli::options::{Color, Format, Global};

/// Where results and talk go.
#[derive(Clone, Debug)]
pub struct Output {
    color: Color,
    file: Option<PathBuf>,
    pub(super) also: Vec<(Format, PathBuf)>,
}

impl Output {
    /// As the options say.
    #[must_use]
    pub fn new(options: &Global) -> Self {
        Self { color: options.color, file: options.output.clone(), also: options.also.clone() }
    }

    /// Writes a result to standard output or to the file of `--output`.
    ///
    /// # Errors
    /// When it cannot be written. A reader that has gone away, such as `head`, is no error.
    pub fn data(&self, text: &str) -> io::Result<()> {
        match &self.file {
            Some(path) => write_whole(path, anstream::adapter::strip_str(text).to_string().as_bytes()),
            None => forgive_closed_pipe(stream(io::stdout(), self.color).write_all(text.as_bytes())),
        }
    }

    /// Shows how far a long request is, on a line of its own that the next one replaces; only where standard error is a
    /// terminal. An empty text takes the line away.
    pub fn progress(&self, text: &str) {
        let mut error = io::stderr();
        if error.is_terminal() {
            let _ =
                write!(error, "\r{text:64}{}", if text.is_empty() { "\r" } else { "" }).and_then(|()| error.flush());
        }
    }

    /// Says something on standard error. Nobody is helped if that fails.
    pub fn talk(&self, text: &str) {
        let _ = writeln!(stream(io::stderr(), self.color), "{}", text.trim_end());
    }
}

fn stream<S: anstream::stream::RawStream>(stream: S, color: Color) -> AutoStream<S> {
    let choice = match color {
        Color::Auto => AutoStream::choice(&stream),
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
    };
    AutoStream::new(stream, choice)
}

fn forgive_closed_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a file as a whole or not at all: a run that is cut off leaves the old one. Makes its folder where there is none.
/// What is there and is no ordinary file, such as `/dev/stdout`, is written to, never replaced.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
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

//! The token that requests to reconcile, suspend and resume must bring, in the file of `--token-file`, and that which a proxy
//! brings for pages, in the file of `--dashboard-token-file`.

use std::io;
use std::path::{Path, PathBuf};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

use crate::base::file::read_bounded;

/// The least characters of a token: 16 random letters and digits cannot be guessed.
const SHORTEST: usize = 16;
/// The most bytes of the file.
const LONGEST: u64 = 4096;

/// The file. It is read for each request, so that a token that was replaced counts at once.
#[derive(Clone, Debug)]
pub(crate) struct ControlTokenFile(PathBuf);

/// Whether a request brings the token.
#[derive(Debug)]
pub(crate) enum TokenCheck {
    /// The request brings the token.
    Accepted,
    /// The request brings no token, or another one.
    Refused,
    /// The file cannot be used now, so nobody knows.
    Unusable(String),
}

impl ControlTokenFile {
    /// The file at a path. Symbolic links are followed: Kubernetes mounts secrets through them.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Checks that the file has a token, for its owner and group alone.
    ///
    /// # Errors
    /// Why it cannot be used; never with a part of its content.
    pub(crate) fn check_file(&self) -> Result<(), String> {
        self.read().map(drop)
    }

    /// Compares the token of a request, in a time that does not depend on how much of it is right.
    pub(crate) fn check(&self, headers: &HeaderMap) -> TokenCheck {
        self.check_brought(bearer(headers).unwrap_or_default())
    }

    /// Compares the token that a trusted proxy adds to each request, in the only header of this name.
    pub(crate) fn check_proxy(&self, headers: &HeaderMap, header: &str) -> TokenCheck {
        let mut all = headers.get_all(header).iter();
        let brought = match (all.next(), all.next()) {
            (Some(one), None) => one.to_str().unwrap_or_default(),
            _ => "",
        };
        self.check_brought(brought)
    }

    fn check_brought(&self, brought: &str) -> TokenCheck {
        let token = match self.read() {
            Ok(token) => token,
            Err(why) => return TokenCheck::Unusable(why),
        };
        let same = token.as_bytes().ct_eq(brought.as_bytes());
        if same.into() { TokenCheck::Accepted } else { TokenCheck::Refused }
    }

    /// Reads the token: the file without the ends of lines behind it.
    ///
    /// # Errors
    /// Why it cannot be used; never with a part of the file.
    pub(crate) fn read(&self) -> Result<String, String> {
        let Self(path) = self;
        check_mode(path).map_err(|why| format!("{} cannot be used: {why}", path.display()))?;
        let bytes =
            read_bounded(path, LONGEST).map_err(|error| format!("{} cannot be used: {error}", path.display()))?;
        let text = String::from_utf8(bytes).unwrap_or_default();
        let token = text.trim_end_matches(['\r', '\n']);
        if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let shown = path.display();
            return Err(format!("{shown} has no token: write at least {SHORTEST} letters and digits on one line"));
        }
        Ok(token.to_owned())
    }
}

/// The token of the only `Authorization` header, if its scheme is `Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
}

/// Checks that others can neither read nor write the file, and that its group cannot write it.
#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    let mode = path.metadata().map_err(|error| reason(&error))?.mode();
    match mode & 0o027 {
        0 => Ok(()),
        _ => Err(format!("others can read or write it (mode {:o}); set it to 600 or 440", mode & 0o777)),
    }
}

#[cfg(not(unix))]
fn check_mode(path: &Path) -> Result<(), String> {
    path.metadata().map(drop).map_err(|error| reason(&error))
}

fn reason(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::NotFound { "it does not exist".to_owned() } else { error.to_string() }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const TOKEN: &str = "0123456789abcdefXYZ";

    fn check(file: &ControlTokenFile, authorization: &[&str]) -> Option<bool> {
        let mut headers = HeaderMap::new();
        for value in authorization.iter().filter_map(|value| value.parse().ok()) {
            headers.append(AUTHORIZATION, value);
        }
        match file.check(&headers) {
            TokenCheck::Accepted => Some(true),
            TokenCheck::Refused => Some(false),
            TokenCheck::Unusable(_) => None,
        }
    }

    fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
        fs::write(path, text)?;
        fs::set_permissions(path, Permissions::from_mode(mode))
    }

    #[test]
    fn only_the_whole_token_is_accepted() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("token");
        write(&path, &format!("{TOKEN}\n"), 0o600)?;
        let file = ControlTokenFile::new(path.clone());
        let right = format!("Bearer {TOKEN}");
        assert_eq!(check(&file, &[&right]), Some(true));
        assert_eq!(check(&file, &[&format!("bearer  {TOKEN}")]), Some(true));
        let (short, long) = (&right[..right.len() - 1], format!("{right}Z"));
        let basic = format!("Basic {TOKEN}");
        for wrong in ["", "Bearer", "Bearer ", short, &long, TOKEN, &basic, &right.to_ascii_uppercase()] {
            assert_eq!(check(&file, &[wrong]), Some(false), "{wrong}");
        }
        assert_eq!((check(&file, &[]), check(&file, &[&right, &right])), (Some(false), Some(false)));
        write(&path, "another-token-of-today\r\n", 0o600)?;
        assert_eq!(
            (check(&file, &[&right]), check(&file, &["Bearer another-token-of-today"])),
            (Some(false), Some(true))
        );
        Ok(())
    }

    #[test]
    fn a_file_that_is_open_to_others_or_no_token_is_not_used() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("token");
        let file = ControlTokenFile::new(path.clone());
        assert!(file.check_file().is_err_and(|why| why.contains("does not exist")));
        for (text, mode, usable) in [
            (TOKEN, 0o600, true),
            (TOKEN, 0o400, true),
            (TOKEN, 0o440, true),
            (TOKEN, 0o644, false),
            (TOKEN, 0o660, false),
            (TOKEN, 0o602, false),
            ("", 0o600, false),
            ("\n", 0o600, false),
            ("0123456789abcde", 0o600, false),
            ("0123456789 abcdef", 0o600, false),
            ("0123456789abcdef\n0123456789abcdef\n", 0o600, false),
            ("0123456789abcdé-é", 0o600, false),
        ] {
            write(&path, text, mode)?;
            assert_eq!(file.check_file().is_ok(), usable, "{text:?} {mode:o}");
            assert_eq!(check(&file, &[&format!("Bearer {text}")]).is_some(), usable, "{text:?} {mode:o}");
        }
        write(&path, &"a".repeat(5000), 0o600)?;
        assert!(file.check_file().is_err());
        assert!(ControlTokenFile::new(folder.path().to_owned()).check_file().is_err(), "a folder");
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR)?;
        assert!(ControlTokenFile::new(pipe).check_file().is_err_and(|why| why.contains("not a regular file")));
        Ok(())
    }
}

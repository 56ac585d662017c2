//! Addresses of repositories, checked before git gets them: git would run programs for some, and read others as
//! options.

use std::fmt;
use std::path::Path;

use url::Url;

use crate::client::is_loopback;

/// An address that is safe to hand to git, and that holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryAddress {
    text: String,
    protocols: &'static str,
}

impl RepositoryAddress {
    /// Reads `https://…`, `ssh://…`, `user@host:path`, or the path of a repository on this machine. Relative
    /// paths start at `folder`.
    ///
    /// # Errors
    /// Why the address is refused.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
            return Err("it is not the address of a repository".to_owned());
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Self::url(scheme, text);
        }
        match text.split_once(':') {
            // `ext::…` and the like run a program.
            Some((before, after)) if after.starts_with(':') => {
                Err(format!("`{before}::` would have git run a program"))
            }
            Some((host, path)) if host.len() > 1 && !host.contains(['/', '\\']) => Self::over_ssh(text, host, path),
            _ => Self::path(text, folder),
        }
    }

    fn url(scheme: &str, text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("it is no address: {error}"))?;
        let host = url.host_str().unwrap_or_default();
        if host.starts_with('-') || url.username().starts_with('-') || url.path().starts_with("/-") {
            return Err("a part of it begins with `-`, which programs may read as an option".to_owned());
        }
        let userinfo = !url.username().is_empty() || url.password().is_some();
        let protocols = match scheme {
            "https" | "http" if userinfo => {
                return Err(
                    "it holds a user name or a password, which others can read; give them to a credential helper \
                            of git instead"
                        .to_owned(),
                );
            }
            "https" => "https",
            "http" if is_loopback(&url) => "http",
            "http" => return Err("http can be changed in transit; use https".to_owned()),
            "ssh" if url.password().is_some() => {
                return Err("it holds a password, which others can read; use a key".to_owned());
            }
            "ssh" => "ssh",
            "file" => "file",
            _ => return Err(format!("`{scheme}://` is not supported; use https or ssh")),
        };
        let empty = host.is_empty() || text.contains(":///");
        if empty && protocols != "file" {
            return Err("it names no host".to_owned());
        }
        // The parsed form, so that git cannot interpret it differently.
        let web = matches!(protocols, "https" | "http");
        Ok(Self { text: if web { url.into() } else { text.to_owned() }, protocols })
    }

    fn over_ssh(text: &str, host: &str, path: &str) -> Result<Self, String> {
        let name = host.rsplit_once('@').map_or(host, |(_, name)| name);
        if name.is_empty() || name.starts_with('-') || path.starts_with('-') || path.is_empty() {
            return Err("it is not `user@host:path`".to_owned());
        }
        Ok(Self { text: text.to_owned(), protocols: "ssh" })
    }

    fn path(text: &str, folder: &Path) -> Result<Self, String> {
        let path = folder.join(text).canonicalize().map_err(|error| format!("it is no folder here: {error}"))?;
        let text = path.to_str().ok_or("its path is not UTF-8")?.to_owned();
        Ok(Self { text, protocols: "file" })
    }

    /// The address for git's command line.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The protocols that git may use for it, as `GIT_ALLOW_PROTOCOL` names them.
    #[must_use]
    pub(crate) fn protocols(&self) -> &'static str {
        self.protocols
    }
}

impl fmt::Display for RepositoryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a text can be the name of a branch. Git checks it again; this refuses text that git would read as an
/// option or an expression.
#[must_use]
pub(crate) fn is_branch(text: &str) -> bool {
    let strange = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    let bad = text.is_empty() || text.len() > 200 || text.starts_with(['-', '/', '.']) || text.ends_with(['/', '.']);
    !bad && !text.contains(strange) && !["..", "//", "@{"].iter().any(|pair| text.contains(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<&'static str, String> {
        RepositoryAddress::parse(text, Path::new("/")).map(|address| address.protocols)
    }

    #[test]
    fn addresses_that_git_may_fetch_from() {
        for (text, protocol) in [
            ("https://github.com/contoso/sspr.git", "https"),
            ("http://127.0.0.1:3000/sspr.git", "http"),
            ("http://[::1]/sspr.git", "http"),
            ("ssh://git@github.com/contoso/sspr.git", "ssh"),
            ("git@github.com:contoso/sspr.git", "ssh"),
            ("host:sspr", "ssh"),
            ("file:///srv/sspr.git", "file"),
            ("tmp", "file"),
        ] {
            assert_eq!(parsed(text), Ok(protocol), "{text}");
        }
    }

    #[test]
    fn addresses_that_run_a_program_or_contain_a_secret_are_refused() {
        for text in [
            "",
            "-u./payload",
            "--upload-pack=touch x",
            "ext::sh -c touch% x",
            "fd::17/foo",
            "transport::https://github.com/contoso/sspr.git",
            "ssh://-oProxyCommand=touch/x",
            "ssh://git@-oProxyCommand=touch/x",
            "-oProxyCommand=x:path",
            "git@-oProxyCommand=x:path",
            "git@host:-path",
            "https://github.com\n/x",
            "http://github.com/contoso/sspr.git",
            "git://github.com/contoso/sspr.git",
            "ftp://github.com/contoso/sspr.git",
            "https://token@github.com/contoso/sspr.git",
            "https://user:password@github.com/contoso/sspr.git",
            "ssh://git:password@github.com/contoso/sspr.git",
            "https:///sspr.git",
            "no/such/folder",
        ] {
            assert!(parsed(text).is_err(), "{text:?} is taken");
        }
    }

    #[test]
    fn names_of_branches() {
        for name in ["main", "release/2026.11", "feature_x"] {
            assert!(is_branch(name), "{name}");
        }
        for name in ["", "-d", "a..b", "a b", "a:b", "refs/heads/*", "/a", "a/", ".a", "a\nb", "a@{1}", "a^"] {
            assert!(!is_branch(name), "{name:?}");
        }
    }
}

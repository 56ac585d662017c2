//! Runs the git of this machine. It never prompts, runs no program of a repository, is bounded in time and output, and gets
//! only those variables of the environment that it needs.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use crate::render::text::safe::safe;

/// The most bytes of an answer of git that are read.
const LONGEST_OUTPUT: u64 = 32 * 1024 * 1024;
/// The most characters of an error message of git that are shown.
const LONGEST_ERROR: usize = 400;

/// Variables that every git gets: where programs, temporary files and the folders of the system are.
const OF_THE_SYSTEM: &[&str] = &[
    "COMSPEC",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "PATH",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
    "WINDIR",
];

/// Variables with which the owner of this machine decides how git reaches a repository and which keys it trusts.
const OF_THE_MACHINE: &[&str] = &[
    "ALL_PROXY",
    "APPDATA",
    "CURL_CA_BUNDLE",
    "DBUS_SESSION_BUS_ADDRESS",
    "GH_CONFIG_DIR",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GIT_ASKPASS",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_PROXY_SSL_CAINFO",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_SSL_CERT",
    "GIT_SSL_KEY",
    "GNUPGHOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KRB5CCNAME",
    "KRB5_CONFIG",
    "LOCALAPPDATA",
    "LOGNAME",
    "NO_PROXY",
    "SSH_AGENT_PID",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "USER",
    "USERNAME",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

/// What the names of further variables of the owner begin with: numbered settings, the settings of Git Credential Manager,
/// and whatever a credential helper needs.
const PREFIXES_OF_THE_MACHINE: &[&str] = &["GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GCM_", "SSPRCTL_GIT_"];

/// Whose settings of git count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GitSettings {
    /// Those of this machine: its credential helpers, its proxies, the keys that it trusts. Git may use the protocols that
    /// the variant names, in the words of `GIT_ALLOW_PROTOCOL`.
    Machine {
        /// The protocols, separated by colons.
        protocols: &'static str,
    },
    /// None, and git reaches no other machine: the answer depends on the repository alone.
    Unset,
}

/// How to run git.
#[derive(Clone, Copy)]
pub(crate) struct GitCommand<'a> {
    /// The command and its arguments.
    pub(crate) arguments: &'a [&'a str],
    /// The folder of the bare repository, in which git runs.
    pub(crate) repository: &'a Path,
    pub(crate) settings: GitSettings,
    /// How long it may take.
    pub(crate) timeout: Duration,
}

impl GitCommand<'_> {
    /// Runs the command to its end; returns what it printed.
    ///
    /// # Errors
    /// When it cannot be run, takes too long, prints too much or fails.
    pub(crate) async fn run(self) -> Result<Vec<u8>, String> {
        let mut child = self.start(Stdio::null())?;
        let out = child.stdout.take();
        self.finish(child, async { Ok(read_bounded(out).await) }).await
    }

    /// Starts git and does not wait for its end; its output goes to a pipe.
    ///
    /// # Errors
    /// When it cannot be run.
    pub(crate) fn start(&self, stdin: Stdio) -> Result<Child, String> {
        let mut command = command(self);
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().map_err(|error| format!("git cannot be run: {error}; install git"))
    }

    /// Does `work` with a command that was started, and waits for the end of both.
    ///
    /// # Errors
    /// When either fails, or they take too long.
    pub(crate) async fn finish<T>(
        self,
        mut child: Child,
        work: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        let err = child.stderr.take();
        let all = async { tokio::join!(work, read_bounded(err), child.wait()) };
        let (done, err, status) = tokio::time::timeout(self.timeout, all)
            .await
            .map_err(|_| format!("git is not done after {:?}", self.timeout))?;
        let status = status.map_err(|error| format!("git cannot be run: {error}"))?;
        match (status.success(), done) {
            (true, done) => done,
            // Git that cannot write to us, because we have stopped reading, says nothing.
            (false, Err(why)) if err.is_empty() => Err(why),
            (false, _) => Err(error_text(&String::from_utf8_lossy(&err))),
        }
    }
}

fn command(run: &GitCommand<'_>) -> Command {
    let mut command = Command::new("git");
    // No program of the repository is run: no hooks, no file system monitor, no submodules.
    let settings = [
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "submodule.recurse=false",
        "fetch.recurseSubmodules=false",
    ];
    // What is tidied up is tidied up before the command ends.
    let in_front = ["gc.autoDetach=false", "maintenance.autoDetach=false"];
    let slow = ["http.lowSpeedLimit=1000", "http.lowSpeedTime=30"];
    for setting in settings.into_iter().chain(in_front).chain(slow) {
        command.args(["-c", setting]);
    }
    command.args(run.arguments).current_dir(run.repository).env_clear();
    let inherited = std::env::vars_os().filter(|(name, _)| is_inherited(&name.to_string_lossy(), run.settings));
    command.envs(inherited);
    // Git must use this repository, also inside of another one, and each object as its id says.
    command.env("GIT_DIR", run.repository).env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_ATTR_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    match run.settings {
        GitSettings::Machine { protocols } => {
            command.env("GIT_ALLOW_PROTOCOL", protocols);
            command.env("GCM_INTERACTIVE", "never").env("SSH_ASKPASS_REQUIRE", "never");
            if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
                command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
            }
        }
        GitSettings::Unset => {
            command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_ALLOW_PROTOCOL", "");
        }
    }
    command
}

/// Whether git gets a variable of this process. Upper and lower case count as equal, because they are on Windows, and
/// because the variables of proxies are written in both.
fn is_inherited(name: &str, settings: GitSettings) -> bool {
    let name = name.to_ascii_uppercase();
    let name = name.as_str();
    let of_the_machine =
        || OF_THE_MACHINE.contains(&name) || PREFIXES_OF_THE_MACHINE.iter().any(|prefix| name.starts_with(prefix));
    OF_THE_SYSTEM.contains(&name) || matches!(settings, GitSettings::Machine { .. }) && of_the_machine()
}

async fn read_bounded(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // Longer output is not read; git then fails to write it and ends with an error.
        let _ = stream.take(LONGEST_OUTPUT).read_to_end(&mut bytes).await;
    }
    bytes
}

/// The error message of git: its last three lines, without control characters and user names or passwords in addresses.
fn error_text(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let shown = lines.iter().rev().take(3).rev().copied().collect::<Vec<_>>().join("; ");
    let shown = without_userinfo(&shown);
    let shown: String = safe(&shown).chars().take(LONGEST_ERROR).collect();
    if shown.is_empty() { "git gives no reason".to_owned() } else { shown }
}

fn without_userinfo(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') => {
            format!("{scheme}://…@{}", rest.rsplit_once('@').map_or("", |(_, host)| host))
        }
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_messages_are_short_and_contain_no_password() {
        let shown = error_text("remote: a\nfatal: unable to access 'https://me:secret@github.com/x/': \u{1b}[31mno\n");
        assert_eq!(shown, "remote: a; fatal: unable to access 'https://…@github.com/x/': ␛[31mno");
        assert_eq!(error_text(&"x".repeat(10_000)).len(), LONGEST_ERROR);
        assert_eq!(error_text("\n"), "git gives no reason");
    }

    #[test]
    fn git_gets_the_variables_that_it_needs_and_no_others() {
        let fetching = GitSettings::Machine { protocols: "https" };
        for name in [
            "SSPRCTL_PORTAL_TOKEN",
            "SSPRCTL_NOTIFY_SLACK",
            "AZURE_CLIENT_SECRET",
            "GIT_TRACE_CURL",
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_REPLACE_REF_BASE",
            "GIT_GRAFT_FILE",
            "GIT_SHALLOW_FILE",
            "GIT_CONFIG_PARAMETERS",
            "GIT_EXTERNAL_DIFF",
            "GIT_EXEC_PATH",
            "GIT_TEMPLATE_DIR",
            "GIT_ATTR_SOURCE",
            "LD_PRELOAD",
        ] {
            assert!(!is_inherited(name, fetching) && !is_inherited(name, GitSettings::Unset), "{name}");
        }
        for name in ["SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_CONFIG_KEY_0", "https_proxy", "SSPRCTL_GIT_PASSWORD"] {
            assert!(is_inherited(name, fetching) && !is_inherited(name, GitSettings::Unset), "{name}");
        }
        for name in ["PATH", "HOME", "SystemRoot"] {
            assert!(is_inherited(name, fetching) && is_inherited(name, GitSettings::Unset), "{name}");
        }
    }
}

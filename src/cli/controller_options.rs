//! The arguments of `controller`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use jiff::SignedDuration;

use crate::cli::failure::RunError;
use crate::cli::paths::Paths;
use crate::cli::values::duration;
use crate::cli::write_options::WriteArgs;
use crate::controller::address::{RepositoryAddress, is_branch};
use crate::controller::git::Git;
use crate::controller::schedule::SHORTEST;
use crate::controller::source::PolicySource;
use crate::controller::store::StateStore;

/// How long git may take each time it is run.
const PATIENCE: Duration = Duration::from_secs(120);

/// Arguments of `controller`. With --repo, PATH is below the repository.
#[derive(Debug, Args)]
#[command(mut_arg("auto_approve", |argument| argument.hide(true)))]
pub struct ControllerArgs {
    /// Which policies
    #[command(flatten)]
    pub paths: Paths,
    /// The repository to follow: https://…, ssh://…, user@host:path, or a path; without it the working directory as it is
    #[arg(long, env = "SSPRCTL_REPO", value_name = "URL")]
    pub repo: Option<String>,
    /// The branch to follow
    #[arg(long, env = "SSPRCTL_BRANCH", value_name = "NAME", default_value = "main", requires = "repo")]
    pub branch: String,
    /// Take only commits whose signature `git verify-commit` accepts
    #[arg(long, env = "SSPRCTL_REQUIRE_SIGNED", requires = "repo", value_parser = BoolishValueParser::new())]
    pub require_signed: bool,
    /// How often to look at the source and at each tenant; at least 1m
    #[arg(long, env = "SSPRCTL_INTERVAL", value_name = "DURATION", default_value = "5m", value_parser = interval)]
    pub interval: Duration,
    /// How much longer each wait may be by chance, in percent
    #[arg(long, env = "SSPRCTL_JITTER", value_name = "PERCENT", default_value_t = 10,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub jitter: u8,
    /// Apply what the policies say; without it differences are only reported
    #[arg(long, env = "SSPRCTL_REMEDIATE", value_parser = BoolishValueParser::new())]
    pub remediate: bool,
    /// Where to keep what has to survive a restart
    #[arg(long, env = "SSPRCTL_STATE", value_name = "DIR", default_value = ".ssprctl/controller")]
    pub state: PathBuf,
    /// Where to answer over HTTP. Whoever reaches it may read the status; wishes are taken on loopback only
    #[arg(long, env = "SSPRCTL_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8780")]
    pub listen: SocketAddr,
    /// How to write
    #[command(flatten)]
    pub write: WriteArgs,
}

impl ControllerArgs {
    /// Where the policies come from.
    ///
    /// # Errors
    /// When the address or the branch is refused, or a path leads out of the repository.
    pub fn source(&self, store: &StateStore) -> Result<PolicySource, RunError> {
        let here = std::env::current_dir().map_err(|error| RunError::failed(error.to_string()))?;
        let Some(repo) = &self.repo else { return Ok(PolicySource::Folder(here)) };
        let address = RepositoryAddress::parse(repo, &here).map_err(|why| {
            RunError::refused(format!("the repository of --repo is not taken: {why}"))
                .hint("write https://…, ssh://…, user@host:path, or the path of a repository on this machine")
        })?;
        if !is_branch(&self.branch) {
            return Err(RunError::refused("the branch of --branch cannot be the name of a branch"));
        }
        let leaves = |path: &Path| path.is_absolute() || path.components().any(|part| part.as_os_str() == "..");
        if let Some(path) = self.paths.paths.iter().find(|path| leaves(path)) {
            return Err(RunError::refused(format!("the path {} leads out of the repository", path.display()))
                .hint("with --repo, paths are below the repository"));
        }
        let (branch, folder) = (self.branch.clone(), store.checkout());
        Ok(PolicySource::Branch(Git {
            address,
            branch,
            require_signed: self.require_signed,
            folder,
            patience: PATIENCE,
        }))
    }

    /// What is followed, for people.
    #[must_use]
    pub fn told(&self, source: &PolicySource) -> String {
        let write = if self.remediate { "tenants are written" } else { "differences are only reported" };
        match source {
            PolicySource::Folder(folder) => format!("the folder {}, {write}", folder.display()),
            PolicySource::Branch(git) => format!("{} of {}, {write}", git.branch, git.address),
        }
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let read = duration(text)?;
    let long_enough = SignedDuration::try_from(read).is_ok_and(|read| read >= SHORTEST);
    if long_enough { Ok(read) } else { Err("the shortest interval is 1m".to_owned()) }
}

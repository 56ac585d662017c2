//! Which policies a command is about.

use std::path::PathBuf;

use clap::Args;

/// Where policies are unless a PATH says otherwise.
pub const POLICIES: &str = "policies/";

/// Which policies.
#[derive(Clone, Debug, Args)]
pub struct Paths {
    /// Policy files, or folders of them; the variable holds one
    #[arg(value_name = "PATH", default_value = POLICIES, env = "SSPRCTL_PATH")]
    pub paths: Vec<PathBuf>,
}

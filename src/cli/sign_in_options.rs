//! Arguments of the commands that sign in and out.

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::base::cloud::Cloud;
use crate::cli::values::cloud;

/// Arguments of `login`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub cloud: Cloud,
    /// The public client to sign in with, if not Microsoft's own (Azure PowerShell)
    #[arg(long, env = "SSPRCTL_CLIENT_ID", value_name = "ID")]
    pub client_id: Option<String>,
    /// With a client of your own: also ask for the permissions that apply needs
    #[arg(long, env = "SSPRCTL_WRITE", value_parser = BoolishValueParser::new())]
    pub write: bool,
}

/// Arguments of `logout`.
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub cloud: Cloud,
}

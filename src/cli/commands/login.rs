//! `login` and `logout`: a person's sign-in by device code, saved encrypted.

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::base::cloud::Cloud;
use crate::base::count::counted;
use crate::base::exit::Exit;
use crate::cli::args::cloud;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::client::{DeviceCode, RequiredAccess};
use crate::engine::error::RunError;
use crate::engine::show::single_reader;
use crate::render::text::error;
use crate::render::text::safe::safe;

/// Arguments of `login`. The tenant is `--tenant`.
#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
    /// The public client to sign in with, if not Microsoft's own (Azure PowerShell)
    #[arg(long, env = "SSPRCTL_CLIENT_ID", value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// With a client of your own: also ask for the permissions that apply needs
    #[arg(long, env = "SSPRCTL_WRITE", value_parser = BoolishValueParser::new())]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    /// The cloud that hosts the tenant
    #[arg(long, env = "SSPRCTL_CLOUD", value_parser = cloud, default_value = "global")]
    pub(crate) cloud: Cloud,
}

impl CommandArgs for LoginArgs {
    const SPEC: CommandSpec = CommandSpec { services: true, ..CommandSpec::READS };

    fn access(&self) -> RequiredAccess {
        if self.write { RequiredAccess::Write } else { RequiredAccess::Read }
    }

    /// Has a person sign in to the tenant of `--tenant` and saves the sign-in for later runs.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        if context.options.sandbox {
            return Err(RunError::failed("the embedded tenant needs no sign-in").hint(
                "to try one, run `ssprctl sandbox serve` and set SSPRCTL_LOGIN_URL, SSPRCTL_GRAPH_URL and \
                 SSPRCTL_PORTAL_URL in another shell",
            ));
        }
        let (name, reader) = single_reader(&context.run, self.cloud)?;
        let show = |DeviceCode { verification_uri, user_code, minutes }: &DeviceCode| {
            context.output.say(&format!(
                "to sign in to {name}, open {} and type {} within {}",
                safe(verification_uri),
                safe(user_code),
                counted(*minutes, "minute", "minutes")
            ));
        };
        let client = self.client_id.as_deref();
        let signed = reader.sign_in(client, context.run.selection.services, &show).await?;
        let who = signed.who.as_deref().map_or("somebody".into(), safe);
        context
            .output
            .note(&format!("signed in to {name} as {who}; good until {:.0}, and 90 days from each use", signed.ends));
        for (service, why) in &signed.without {
            context.output.say(&format!("this sign-in does not serve {}:", service.display_name()));
            context.output.say(&error::error_block(why));
        }
        Ok(if signed.without.is_empty() { Exit::Done } else { Exit::NoAccess })
    }
}

impl CommandArgs for LogoutArgs {
    const SPEC: CommandSpec = CommandSpec::READS;

    /// Removes the saved sign-ins: to the tenant of `--tenant`, or to any.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let removed = match &context.options.tenant {
            Some(_) => single_reader(&context.run, self.cloud)?.1.sign_out().await?,
            None => context.remove_sign_ins()?,
        };
        context.output.note(if removed {
            "the sign-in is removed here; the service accepts it until it ends"
        } else {
            "nobody was signed in"
        });
        Ok(Exit::Done)
    }
}

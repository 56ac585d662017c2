//! `sandbox`: the embedded tenants: serve, reset, show and change them.

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context, Timeout};
use crate::cli::sandbox::{self, SandboxCommand};
use crate::engine::error::RunError;

impl CommandArgs for SandboxCommand {
    const SPEC: CommandSpec = CommandSpec { state: true, timeout: Timeout::None, faults: true, ..CommandSpec::OFFLINE };

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        sandbox::run(&context.output, &context.options, &context.state.sandbox(), self).await
    }
}

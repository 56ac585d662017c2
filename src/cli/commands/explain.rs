//! `explain`: a setting or a finding code, in words.

use clap::Args;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::engine::error::RunError;
use crate::render::terminal::explain;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A setting such as methods.required, a section such as methods, or a code such as unknown-key; without it, all of them
    pub(crate) name: Option<String>,
}

impl CommandArgs for ExplainArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let Some(name) = &self.name else {
            context.output.write_text(&explain::list())?;
            return Ok(Exit::Done);
        };
        let text = explain::setting(name).or_else(|| explain::section(name)).or_else(|| explain::code(name));
        let text = text.ok_or_else(|| {
            let nearest = explain::nearest(name).map(|nearest| format!("did you mean `{nearest}`? "));
            RunError::failed(format!("there is no setting and no code `{name}`"))
                .hint(format!("{}`ssprctl explain` lists all of them", nearest.unwrap_or_default()))
        })?;
        context.output.write_text(&text)?;
        Ok(Exit::Done)
    }
}

//! `explain`: a setting, a finding code or any other name, in words.

use clap::Args;

use crate::base::exit::Exit;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::schemas;
use crate::engine::error::RunError;
use crate::render::terminal::explain;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A setting such as methods.required, a key of a file such as readiness, a code such as unknown-key, a word of a result such
    /// as answer-lost, a term such as waiver, or what the portal or Microsoft Graph calls a setting; without it, a list
    pub(crate) name: Option<String>,
}

impl CommandArgs for ExplainArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let Some(name) = &self.name else {
            context.output.write_text(&explain::list())?;
            return Ok(Exit::Done);
        };
        let results = schemas::of_results();
        let text = explain::everything(name, &results).ok_or_else(|| {
            let nearest = explain::nearest(name, &results).map(|nearest| format!("did you mean `{nearest}`? "));
            RunError::failed(format!("no setting, key, code, word or term is called `{name}`"))
                .hint(format!("{}`ssprctl explain` lists settings, codes, keys and terms", nearest.unwrap_or_default()))
        })?;
        context.output.write_text(&text)?;
        Ok(Exit::Done)
    }
}

//! `announce`: the mail that explains to people what a policy changes for them. Touches no tenant.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::base::exit::Exit;
use crate::cli::args::{POLICIES, Paths};
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::format::FormatArgs;
use crate::cli::mails::MailArgs;
use crate::cli::policies::{repository_config, single};
use crate::engine::error::RunError;
use crate::engine::policies;
use crate::render::announcement::{self, MOST_BYTES, MailDates, MailFormat};
use crate::render::terminal::validate;

/// The formats of `announce`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnnounceFormat {
    /// Plain text, the same as `text`
    Terminal,
    /// For a chat or a wiki
    Markdown,
    /// A page
    Html,
    /// Plain text
    Text,
}

#[derive(Debug, Args)]
pub(crate) struct AnnounceArgs {
    /// Which policies; --tenant chooses one of several
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Use the template in FILE instead of the built-in one
    #[arg(long, env = "SSPRCTL_TEMPLATE", value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,
    /// Print the built-in template of the format, to start from; with --out those of --for, in --language
    #[arg(long, conflicts_with_all = ["template", "list"])]
    pub(crate) print_template: bool,
    /// The people to whom mails go
    #[command(flatten)]
    pub(crate) mails: MailArgs,
    /// How the result is written
    #[command(flatten)]
    pub(crate) result: FormatArgs<AnnounceFormat>,
}

impl From<AnnounceFormat> for MailFormat {
    fn from(format: AnnounceFormat) -> Self {
        match format {
            AnnounceFormat::Markdown => Self::Markdown,
            AnnounceFormat::Html => Self::Html,
            AnnounceFormat::Terminal | AnnounceFormat::Text => Self::Text,
        }
    }
}

impl CommandArgs for AnnounceArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    /// Writes the mail, or the template that it is made from.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let format = MailFormat::from(self.result.format);
        if let (true, Some(folder)) = (self.print_template, &self.mails.mails) {
            self.mails.write_templates(context, folder)?;
            return Ok(Exit::Done);
        }
        if self.print_template {
            context.output.write_result(format.built_in())?;
            return Ok(Exit::Done);
        }
        let without_policies = self.paths.paths == [Path::new(POLICIES)] && !Path::new(POLICIES).exists();
        if let (Some(list), true) = (&self.mails.list, without_policies) {
            // The people may be those of tenants without a policy.
            Self::text_alone(format)?;
            self.mails.run(context, list, &[], &repository_config(context)?)?;
            return Ok(Exit::Done);
        }
        let loaded = policies::load(&context.run, &self.paths.paths)?;
        if loaded.is_invalid() {
            context.output.say(&validate::terminal(&loaded.report(&[])));
            return Ok(Exit::Invalid);
        }
        let (policies, config) = loaded.require_any(&context.run.selection)?;
        if let Some(list) = &self.mails.list {
            Self::text_alone(format)?;
            self.mails.run(context, list, &policies, &config)?;
            return Ok(Exit::Done);
        }
        let policy = single(&policies)?;
        let dates = MailDates { calendar: config.calendar(&policy.tenant, policy.cloud), today: config.today() };
        let (name, template) = match &self.template {
            None => (format!("the {} template", format.name()), format.built_in().to_owned()),
            Some(path) => (path.display().to_string(), read(context, path)?),
        };
        let mail = announcement::announce(policy, &dates, format, &template)
            .map_err(|error| RunError::failed(format!("{name}:{error}")).hint(error.hint))?;
        // Markdown and HTML are documents, whose lines are left alone.
        match format {
            MailFormat::Text => context.output.write_text(&mail)?,
            MailFormat::Markdown | MailFormat::Html => context.output.write_result(&mail)?,
        }
        Ok(Exit::Done)
    }
}

impl AnnounceArgs {
    /// Refuses a format that the mails of `--for` do not have.
    fn text_alone(format: MailFormat) -> Result<(), RunError> {
        if format == MailFormat::Text {
            return Ok(());
        }
        Err(RunError::failed("the mails of --for are plain text").hint("leave --format out"))
    }
}

/// The text of a template.
fn read(context: &Context, path: &Path) -> Result<String, RunError> {
    policies::read_named(&context.run, path, MOST_BYTES as u64).map_err(|error| {
        RunError::failed(format!("the template {} cannot be read: {error}", path.display()))
            .hint("`ssprctl announce --print-template` prints one to start from")
    })
}

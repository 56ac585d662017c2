//! `report`: one page of saved results.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value as Json;

use crate::base::exit::Exit;
use crate::base::file::read_bounded;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context};
use crate::cli::schemas::{SchemaName, text};
use crate::engine::error::RunError;
use crate::render::html;

/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// The commands whose results have a page, with their schemas.
const COMMANDS: [(&str, SchemaName); 6] = [
    ("plan", SchemaName::Plan),
    ("apply", SchemaName::Apply),
    ("drift", SchemaName::Drift),
    ("show", SchemaName::Show),
    ("forecast", SchemaName::Forecast),
    ("validate", SchemaName::Validate),
];

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Results that --format json has written: of plan, apply, drift, show, forecast or validate, each its part of the page
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Also list the people of FILE, which --people of forecast or plan has written and which ends in .json; without it the page
    /// names no person
    #[arg(id = "listed_people", long = "people", value_name = "FILE")]
    pub(crate) people: Option<PathBuf>,
}

impl CommandArgs for ReportArgs {
    const SPEC: CommandSpec = CommandSpec::OFFLINE;

    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        let documents = self.files.iter().map(|file| {
            let document = read(file)?;
            let command = document.get("command").and_then(Json::as_str).unwrap_or_default();
            let known = COMMANDS.into_iter().find(|(name, _)| *name == command);
            let (_, schema) = known.ok_or_else(|| {
                let commands = COMMANDS.map(|(name, _)| name).join(", ");
                RunError::failed(format!("{} is not a result that has a page", file.display()))
                    .hint(format!("name files that `--format json` of one of these has written: {commands}"))
            })?;
            check(file, &document, schema)?;
            Ok(document)
        });
        let documents = documents.collect::<Result<Vec<_>, RunError>>()?;
        let people = self.people.as_deref().map(|file| {
            let people = read(file)?;
            check(file, &people, SchemaName::People).map(|()| people)
        });
        let people = people.transpose()?;
        context.output.write_result(&html::report(&documents, people.as_ref(), context.run.today))?;
        if people.is_some() {
            context.output.note("the page names people: give it only to those who need it");
        }
        Ok(Exit::Done)
    }
}

/// Reads a JSON document.
fn read(file: &Path) -> Result<Json, RunError> {
    let failed = |why: String| RunError::failed(format!("{} cannot be read: {why}", file.display()));
    let bytes = read_bounded(file, MAX_BYTES).map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        failed(format!("it is not JSON, at line {} and column {}", error.line(), error.column()))
            .hint("write it with `--format json --output FILE`")
    })
}

/// Refuses a document that is not as its schema says. The message has no text of the file.
fn check(file: &Path, document: &Json, name: SchemaName) -> Result<(), RunError> {
    let failed = |why: String| RunError::failed(format!("{} {why}", file.display()));
    let schema: Json = serde_json::from_str(&text(name)?).map_err(|error| failed(error.to_string()))?;
    let validator = jsonschema::validator_for(&schema).map_err(|error| failed(error.to_string()))?;
    let Some(wrong) = validator.iter_errors(document).next() else { return Ok(()) };
    let place = wrong.instance_path().to_string();
    let place = if place.is_empty() { "its first level".to_owned() } else { format!("`{place}`") };
    Err(failed(format!("is not as this version writes it: {place} has another form"))
        .hint("make the page with the version that wrote the file, or write the file again"))
}

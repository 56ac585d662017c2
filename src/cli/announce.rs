//! `announce`: the mail that tells people what a policy brings them. Touches no tenant.

use std::path::Path;

use crate::base::exit::Exit;
use crate::base::file;
use crate::catalog::desired::Desired;
use crate::cli::failure::RunError;
use crate::cli::options::{AnnounceArgs, Format, GlobalArgs};
use crate::cli::output::Output;
use crate::cli::policies;
use crate::render::announcement::{self, MOST_BYTES, MailFormat};
use crate::render::terminal::validate;

/// Writes the mail, or the template that it is made from.
///
/// # Errors
/// When no policy or more than one is meant, or the template cannot be read or filled.
pub fn run(output: &Output, options: &GlobalArgs, arguments: &AnnounceArgs) -> Result<Exit, RunError> {
    let medium = medium(options.format);
    if arguments.print_template {
        output.write_result(medium.built_in())?;
        return Ok(Exit::Done);
    }
    let gathered = policies::load(&arguments.paths.paths, options);
    if gathered.is_invalid() {
        output.note(&validate::terminal(&gathered.checked()));
        return Ok(Exit::Invalid);
    }
    let (wishes, _) = gathered.require_any(options.tenant.as_ref())?;
    let wish = only(&wishes)?;
    let (name, template) = match &arguments.template {
        None => (format!("the {} template", medium.name()), medium.built_in().to_owned()),
        Some(path) => (path.display().to_string(), read(path)?),
    };
    let mail = announcement::announce(wish, medium, &template)
        .map_err(|broken| RunError::failed(format!("{name}:{broken}")).hint(broken.hint))?;
    output.write_result(&mail)?;
    Ok(Exit::Done)
}

fn medium(format: Format) -> MailFormat {
    match format {
        Format::Markdown => MailFormat::Markdown,
        Format::Html => MailFormat::Html,
        Format::Terminal | Format::Json | Format::Sarif | Format::Github | Format::Text => MailFormat::Text,
    }
}

fn only(wishes: &[Desired]) -> Result<&Desired, RunError> {
    match wishes {
        [one] => Ok(one),
        several => {
            let named = several.iter().take(3).map(|wish| wish.tenant.to_string()).collect::<Vec<_>>().join(", ");
            let more = if several.len() > 3 { " and more" } else { "" };
            Err(RunError::failed(format!("a mail is about one tenant, and here are {}: {named}{more}", several.len()))
                .hint("name one policy, or pass --tenant"))
        }
    }
}

/// The text of a template, without ever reading more than one may hold.
fn read(path: &Path) -> Result<String, RunError> {
    file::read_bounded(path, MOST_BYTES as u64).and_then(file::text).map_err(|why| {
        RunError::failed(format!("the template {} cannot be read: {why}", path.display()))
            .hint("`ssprctl announce --print-template` prints one to start from")
    })
}

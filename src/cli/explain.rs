//! `explain`: a setting or a finding code, in words.

use crate::base::exit::Exit;
use crate::cli::failure::RunError;
use crate::cli::options::ExplainArgs;
use crate::cli::output::Output;
use crate::render::terminal::explain;

/// Explains one name, or lists what can be explained.
///
/// # Errors
/// When nothing has that name.
pub fn run(output: &Output, arguments: &ExplainArgs) -> Result<Exit, RunError> {
    let Some(name) = &arguments.name else {
        output.write_result(&explain::list())?;
        return Ok(Exit::Done);
    };
    let text = explain::setting(name).or_else(|| explain::section(name)).or_else(|| explain::code(name));
    let text = text.ok_or_else(|| {
        let meant = explain::nearest(name).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        RunError::failed(format!("there is no setting and no code `{name}`"))
            .hint(format!("{meant}`ssprctl explain` lists all of them"))
    })?;
    output.write_result(&text)?;
    Ok(Exit::Done)
}

//! `man`: the manual page, generated from the options.

use clap_mangen::Man;

use crate::base::exit::Exit;
use crate::cli::failure::RunError;
use crate::cli::options;
use crate::cli::output::Output;

/// Prints the manual page as roff; the pages of the commands follow that of the program.
///
/// # Errors
/// When it cannot be written.
pub fn run(output: &Output) -> Result<Exit, RunError> {
    let mut program = options::command();
    program.build();
    let mut page = Vec::new();
    Man::new(program.clone()).render(&mut page)?;
    for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = format!("ssprctl-{}", command.get_name());
        Man::new(command.clone().name(name)).render(&mut page)?;
    }
    output.write_result(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}

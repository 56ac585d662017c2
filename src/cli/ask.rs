//! Asks a person, where there is one.

use std::io::{self, BufRead, IsTerminal};

use crate::cli::output::Output;

/// What a person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `yes`.
    Yes,
    /// Anything else.
    No,
    /// Nobody is there: standard input is no terminal, or asking is forbidden.
    Nobody,
}

/// Asks a question that only the word `yes` answers with yes.
#[must_use]
pub fn ask(output: &Output, question: &str, no_input: bool) -> Answer {
    if no_input || !io::stdin().is_terminal() {
        return Answer::Nobody;
    }
    output.talk(&format!("{question}\nOnly `yes` is taken for yes:"));
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(_) if line.trim() == "yes" => Answer::Yes,
        _ => Answer::No,
    }
}

//! Asks a person, where there is one.

use std::io::{self, BufRead, IsTerminal};

use tokio::sync::oneshot;

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

/// Asks a question that only the word `yes` answers with yes. The answer is waited for on a thread of its own, so that an
/// interrupt is heard meanwhile; the end of the program ends the thread.
pub async fn ask(output: &Output, question: &str, no_input: bool) -> Answer {
    if no_input || !io::stdin().is_terminal() {
        return Answer::Nobody;
    }
    output.talk(&format!("{question}\nOnly `yes` is taken for yes:"));
    let (answered, answer) = oneshot::channel();
    std::thread::spawn(move || answered.send(read()));
    answer.await.unwrap_or(Answer::No)
}

fn read() -> Answer {
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(_) if line.trim() == "yes" => Answer::Yes,
        _ => Answer::No,
    }
}

//! Asks a person, where there is one.

use std::io::{self, BufRead, IsTerminal};

use tokio::sync::oneshot;

use crate::cli::output::Output;

/// What a person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `yes`.
    Approved,
    /// Anything else.
    Declined,
    /// Nobody is there: standard input is no terminal, or asking is forbidden.
    NotInteractive,
}

/// Asks a question that only the word `yes` answers with yes. The answer is waited for on a thread of its own, so that an
/// interrupt is heard meanwhile; the end of the program ends the thread.
pub async fn confirm(output: &Output, question: &str, no_input: bool) -> Confirmation {
    if no_input || !io::stdin().is_terminal() {
        return Confirmation::NotInteractive;
    }
    output.note(&format!("{question}\nOnly `yes` is taken for yes:"));
    let (answered, answer) = oneshot::channel();
    std::thread::spawn(move || answered.send(read()));
    answer.await.unwrap_or(Confirmation::Declined)
}

fn read() -> Confirmation {
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(_) if line.trim() == "yes" => Confirmation::Approved,
        _ => Confirmation::Declined,
    }
}

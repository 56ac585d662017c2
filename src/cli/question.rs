//! Asks the person at the terminal.

use std::io::{self, BufRead, IsTerminal};

use tokio::sync::oneshot;

use crate::cli::context::Context;

/// Whether a person can be asked: standard input is a terminal, and `--no-input` does not forbid questions.
pub(crate) fn can_ask(context: &Context) -> bool {
    !context.options.no_input && io::stdin().is_terminal()
}

/// Asks a question and waits for a line, which is returned without the blanks around it; `None` at the end of the input.
/// A thread of its own waits for the answer, so that an interrupt is noticed meanwhile; it ends with the program.
pub(crate) async fn ask(context: &Context, question: &str) -> Option<String> {
    context.output.say(question);
    let (sender, answer) = oneshot::channel();
    std::thread::spawn(move || sender.send(read_line()));
    answer.await.ok().flatten()
}

fn read_line() -> Option<String> {
    let mut line = String::new();
    let bytes = io::stdin().lock().read_line(&mut line).ok()?;
    (bytes > 0).then(|| line.trim().to_owned())
}

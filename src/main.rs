//! Arguments in, exit code out.

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::FromArgMatches;
use ssprctl::cli::options::{self, Cli};
use ssprctl::cli::run;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options::for_this_run().try_get_matches().and_then(|found| Cli::from_arg_matches(&found)) {
        Ok(options) => options,
        Err(told) => return refuse(&told),
    };
    ExitCode::from(run::run(options).await.code())
}

/// Help and version go out with 0. Arguments that cannot be read end with 1: clap's own 2 means "changes" here.
fn refuse(told: &clap::Error) -> ExitCode {
    let unwritable = told.print().is_err_and(|error| error.kind() != ErrorKind::BrokenPipe);
    ExitCode::from(u8::from(unwritable || told.use_stderr()))
}

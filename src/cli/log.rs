//! The log on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::cli::options::{GlobalArgs, LogFormat};
use crate::cli::sandbox::LOG_TARGET;

/// Logs go to standard error; what runs for long tells what happens; `-v` shows requests, `-vv` everything of ours. `SSPRCTL_LOG` overrides both.
pub fn start(options: &GlobalArgs, daemon: bool) {
    let level = match options.verbose {
        0 if daemon => "error,ssprctl=info".to_owned(),
        0 => "error".to_owned(),
        1 => format!("ssprctl=debug,{LOG_TARGET}=debug"),
        _ => format!("ssprctl=trace,{LOG_TARGET}=trace"),
    };
    let filter = EnvFilter::try_from_env("SSPRCTL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second run in one process keeps the first log.
    let _ = match options.log_format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.with_ansi(false).try_init(),
    };
}

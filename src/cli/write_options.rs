//! The options of commands that write, and of those that tell what was written.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};

use crate::apply::options::OnFailure;
use crate::cli::values::duration;

/// Where journals are kept, below the folder in which a run starts.
pub const JOURNAL: &str = ".ssprctl/journal";

/// How a command writes.
#[derive(Clone, Debug, Args)]
pub struct WriteArgs {
    /// Apply without asking
    #[arg(long, env = "SSPRCTL_AUTO_APPROVE", value_parser = BoolishValueParser::new())]
    pub auto_approve: bool,
    /// How long to wait until the tenant shows a change
    #[arg(long, env = "SSPRCTL_VERIFY_TIMEOUT", value_name = "DURATION", default_value = "60s",
          value_parser = duration)]
    pub verify_timeout: Duration,
    /// How many reads one after another must show a change
    #[arg(long, env = "SSPRCTL_VERIFY_READS", value_name = "N", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(1..=10))]
    pub verify_reads: u32,
    /// What becomes of the requests that got through when a later one of the same tenant fails
    #[arg(long, env = "SSPRCTL_ON_FAILURE", value_enum, default_value_t = OnFailureArg::Rollback)]
    pub on_failure: OnFailureArg,
    /// The folder for journals: what was sent, what was there before, what became of it
    #[arg(long, env = "SSPRCTL_JOURNAL", value_name = "DIR", default_value = JOURNAL)]
    pub journal: PathBuf,
    /// How long to wait for another apply of the same tenant on this machine
    #[arg(long, env = "SSPRCTL_LOCK_TIMEOUT", value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

/// What becomes of the requests that got through when a later one fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnFailureArg {
    /// They stand; what does not depend on the one that failed goes on
    Stop,
    /// They are taken back, the last one first
    Rollback,
}

impl From<OnFailureArg> for OnFailure {
    fn from(argument: OnFailureArg) -> Self {
        match argument {
            OnFailureArg::Stop => Self::Stop,
            OnFailureArg::Rollback => Self::Rollback,
        }
    }
}

/// Arguments of `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// A run, or `latest`, to be told everything about it
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// The folder of the journals
    #[arg(long, env = "SSPRCTL_JOURNAL", value_name = "DIR", default_value = JOURNAL)]
    pub journal: PathBuf,
}

/// Arguments of `rollback`.
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// The run, as `history` lists it, or `latest`
    #[arg(value_name = "RUN")]
    pub run: String,
    /// How to write
    #[command(flatten)]
    pub write: WriteArgs,
}

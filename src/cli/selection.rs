//! Which part of many tenants a run is about, for runs that share the work.

use clap::Args;

use crate::base::shard::Shard;
use crate::cli::failure::RunError;

/// Which part of the tenants.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Selection {
    /// Only this part of the tenants, for example 0/4, 1/4, 2/4 and 3/4: for runs that share the work
    #[arg(long, global = true, env = "SSPRCTL_SHARD", value_name = "INDEX/COUNT")]
    pub shard: Option<Shard>,
    /// The same by the count alone: the index is that of --shard-index
    #[arg(long, global = true, env = "SSPRCTL_SHARD_COUNT", value_name = "COUNT", conflicts_with = "shard",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub shard_count: Option<u32>,
    /// Which part, from 0; Kubernetes sets the variable for each pod of an indexed job. Means nothing without --shard-count
    #[arg(long, global = true, env = "JOB_COMPLETION_INDEX", value_name = "INDEX")]
    pub shard_index: Option<u32>,
    /// Only tenants of this ring of ssprctl.yaml, or `rest` for those of none
    #[arg(long, global = true, env = "SSPRCTL_RING", value_name = "NAME")]
    pub ring: Option<String>,
}

impl Selection {
    /// The part of the tenants that this run does; `None` for all of them.
    ///
    /// # Errors
    /// When there is no such part, or only the number of parts is known.
    pub fn shard(&self) -> Result<Option<Shard>, RunError> {
        let Some(count) = self.shard_count else { return Ok(self.shard) };
        let index = self.shard_index.ok_or_else(|| {
            RunError::failed("--shard-count says how many parts there are, and nothing says which one this is")
                .hint("run it in an indexed job, which sets JOB_COMPLETION_INDEX, or pass --shard INDEX/COUNT")
        })?;
        let shard = Shard::new(index, count).map_err(|why| {
            RunError::failed(format!("there is no part {index} of {count}: {why}"))
                .hint("give the indexed job as many completions as SSPRCTL_SHARD_COUNT says")
        })?;
        Ok(Some(shard))
    }
}

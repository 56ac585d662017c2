//! `snapshot`: saves what a plan reads, without private values.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::base::count::counted;
use crate::base::exit::Exit;
use crate::base::file::write_atomic;
use crate::base::signature::{self, SigningKey};
use crate::cli::args::Paths;
use crate::cli::command_args::CommandArgs;
use crate::cli::context::{CommandSpec, Context, environment};
use crate::cli::output::Output;
use crate::cli::policies::load_valid;
use crate::engine::disposition::{exit_of_error, worst};
use crate::engine::error::RunError;
use crate::engine::show::{publish_all, save_published};
use crate::render::text::error;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SnapshotArgs {
    /// Which policies
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// The file to write
    #[arg(long, env = "SSPRCTL_OUT", value_name = "FILE", default_value = "snapshot.json")]
    pub(crate) out: PathBuf,
    /// What else
    #[command(subcommand)]
    pub(crate) command: Option<SnapshotCommand>,
}

/// What else there is to do about snapshots.
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Create a key pair: FILE is the private key, which signs; FILE.pub is the public key, which verifies
    Keygen {
        /// The file of the key that signs
        #[arg(value_name = "FILE", default_value = "snapshot.key")]
        file: PathBuf,
    },
}

impl CommandArgs for SnapshotArgs {
    const SPEC: CommandSpec = CommandSpec::READS;

    /// A tenant that cannot be read is not in the file.
    async fn run(self, context: &Context) -> Result<Exit, RunError> {
        if let Some(SnapshotCommand::Keygen { file }) = &self.command {
            return keygen(&context.output, file);
        }
        let key = signing_key()?;
        let loaded = match load_valid(context, "snapshot", &self.paths.paths)? {
            Ok(loaded) => loaded,
            Err(exit) => return Ok(exit),
        };
        let (desired, _) = loaded.require_any(&context.run.selection)?;
        let tenants = publish_all(&context.run, desired).await;
        let all = tenants.len();
        let (mut exits, mut published) = (Vec::new(), Vec::new());
        for tenant in tenants {
            match tenant.result {
                Ok(one) => published.push(one),
                Err(why) => {
                    context.output.say(&format!("{} is left out\n{}", tenant.tenant, error::error_block(&why)));
                    exits.push(exit_of_error(&why));
                }
            }
        }
        if !published.is_empty() {
            let many = save_published(&context.run, published, &self.out, key.as_ref())?;
            report_saved(&context.output, &self.out, (many, all), key.is_some());
        }
        Ok(worst(exits))
    }
}

/// Notes what was written: how many of all tenants the file has, and whether it is signed.
fn report_saved(output: &Output, out: &Path, (many, all): (usize, usize), is_signed: bool) {
    let (name, all) = (out.display(), counted(all as u64, "tenant", "tenants"));
    output.note(&format!("wrote {name} with {many} of {all}; `ssprctl plan --against {name}` plans against it"));
    if !is_signed {
        output.note(&format!("warning: it is not signed: {KEY} holds no key; `ssprctl snapshot keygen` makes one"));
    }
}

fn signing_key() -> Result<Option<SigningKey>, RunError> {
    environment(KEY).map(|text| text.parse()).transpose().map_err(|why| {
        RunError::failed(format!("{KEY} cannot be used: {why}")).hint("`ssprctl snapshot keygen` makes a pair")
    })
}

/// The variable that holds the key with which `snapshot` signs.
const KEY: &str = "SSPRCTL_SNAPSHOT_KEY";

/// Makes a pair of keys.
///
/// # Errors
/// When a file is there already or cannot be written.
fn keygen(output: &Output, file: &Path) -> Result<Exit, RunError> {
    let public = file.with_file_name(format!("{}.pub", file.file_name().unwrap_or_default().to_string_lossy()));
    if let Some(there) = [file, &public].into_iter().find(|path| path.exists()) {
        return Err(RunError::failed(format!("{} is there already", there.display())).hint("name another file"));
    }
    let (private, checks) =
        signature::new_keys().map_err(|_| RunError::failed("the system has no randomness to give"))?;
    let wrong = |error| RunError::failed(format!("the keys cannot be written: {error}"));
    write_secret(file, private.as_bytes()).map_err(wrong)?;
    write_atomic(&public, checks.as_bytes()).map_err(wrong)?;
    output.note(&format!(
        "wrote {} and {}: the first is a secret and goes into {KEY}, the second goes into the repository",
        file.display(),
        public.display()
    ));
    Ok(Exit::Done)
}

/// Writes a new file that only its owner may read.
fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

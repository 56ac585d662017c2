//! Copies the content of files of a commit from git's objects, byte for byte.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};

use crate::base::state_file;
use crate::controller::commit_tree::TreeEntry;
use crate::controller::git_command::GitCommand;

/// The arguments with which git prints objects whose ids it reads from its standard input.
pub(crate) const READ: [&str; 3] = ["cat-file", "--batch", "--buffer"];

/// Copies the content of each entry into its file, which is there and empty.
///
/// # Errors
/// When git fails or prints another object, or a file cannot be written.
pub(crate) async fn copy(command: GitCommand<'_>, wanted: &[(&TreeEntry, PathBuf)]) -> Result<(), String> {
    let mut child = command.start(Stdio::piped())?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("git cannot be run without its input and output".to_owned());
    };
    let work = async {
        let (asked, copied) = tokio::join!(ask(stdin, wanted), write(stdout, wanted));
        copied.and(asked)
    };
    command.finish(child, work).await
}

async fn ask(mut stdin: ChildStdin, wanted: &[(&TreeEntry, PathBuf)]) -> Result<(), String> {
    let ids: String = wanted.iter().flat_map(|(entry, _)| [entry.object.as_str(), "\n"]).collect();
    stdin.write_all(ids.as_bytes()).await.map_err(|error| format!("git does not read what it is asked: {error}"))
}

async fn write(stdout: ChildStdout, wanted: &[(&TreeEntry, PathBuf)]) -> Result<(), String> {
    let mut stdout = BufReader::new(stdout);
    for (entry, path) in wanted {
        let cut = |error| format!("git does not print the content of {}: {error}", path.display());
        let mut header = String::new();
        stdout.read_line(&mut header).await.map_err(cut)?;
        if header != format!("{} blob {}\n", entry.object, entry.bytes) {
            return Err(format!("git prints another object than that of {}", path.display()));
        }
        let mut content = vec![0; usize::try_from(entry.bytes).map_err(|error| error.to_string())?];
        stdout.read_exact(&mut content).await.map_err(cut)?;
        stdout.read_u8().await.map_err(cut)?;
        let written = state_file::open(path, OpenOptions::new().write(true))
            .and_then(|mut file| std::io::Write::write_all(&mut file, &content));
        written.map_err(|error| format!("the file {} cannot be written: {error}", path.display()))?;
    }
    Ok(())
}

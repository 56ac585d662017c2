//! The files that the options of a command name. No two options may name the same one: the later write would replace what the
//! earlier one wrote, or what the run read.
//!
//! One table says what the program does with the file of each option. A test compares it with the command line, so that a new
//! option that names a file gets its row.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::cli::{scaffold, state};
use crate::engine::error::RunError;
use crate::policy::gate::has_yaml_ending;
use crate::policy::repository::config::FILE as CONFIG;
use crate::policy::roots::normalize;

/// What a command does with what an option names.
#[derive(Clone, Copy)]
enum Use {
    /// It reads the file.
    Reads,
    /// It writes the file.
    Writes,
    /// It reads those files of the folder for which the function is true, by their path below the folder.
    ReadsIn(fn(&Path) -> bool),
    /// It writes those files of the folder.
    WritesIn(fn(&Path) -> bool),
}

/// Every option and argument that names a file or a folder, by its id in clap.
const OPTIONS: [(&str, Use); 26] = [
    ("against", Use::Reads),
    ("also", Use::Writes),
    ("dashboard_token_file", Use::Reads),
    ("export", Use::Writes),
    ("faults", Use::Reads),
    ("file", Use::Writes),
    ("files", Use::Reads),
    ("folder", Use::WritesIn(scaffold::is_template)),
    ("from", Use::Reads),
    ("import", Use::Reads),
    ("issues", Use::WritesIn(is_issue)),
    ("journal", Use::WritesIn(|path| ends_in(path, "jsonl"))),
    ("list", Use::Reads),
    ("listed_people", Use::Reads),
    ("mails", Use::WritesIn(|_| true)),
    ("out", Use::Writes),
    ("output", Use::Writes),
    ("paths", Use::ReadsIn(has_yaml_ending)),
    ("people", Use::Writes),
    ("plan", Use::Reads),
    ("policy", Use::Reads),
    ("public_key", Use::Reads),
    ("state", Use::WritesIn(state::is_own)),
    ("template", Use::Reads),
    ("templates", Use::ReadsIn(|path| ends_in(path, "jinja"))),
    ("token_file", Use::Reads),
];

/// The issue of a tenant, or one about a common drift.
fn is_issue(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(path);
    ends_in(path, "md") && (folder == Path::new("") || folder == Path::new("common"))
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|end| end == ending)
}

/// One file or folder that an option names.
struct NamedFile {
    /// The option and its value, as the caller wrote them.
    shown: String,
    used: Use,
    /// The path with its links resolved.
    path: PathBuf,
}

/// Refuses a run of which two options name the same file and at least one of them writes it, before anything is read.
///
/// # Errors
/// The two options, as they were written.
pub(crate) fn check(command: &Command, matches: &ArgMatches) -> Result<(), RunError> {
    let (mut command, mut matches) = (command, matches);
    while let Some((name, below)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(name) else { break };
        (command, matches) = (found, below);
    }
    let named: Vec<_> = OPTIONS.iter().flat_map(|(id, used)| named(command, matches, id, *used)).collect();
    for (index, one) in named.iter().enumerate() {
        if matches!(one.used, Use::Writes) && one.path.file_name() == Some(OsStr::new(CONFIG)) && one.path.exists() {
            let message = format!("{} is the configuration of a repository; nothing was written", one.shown);
            return Err(RunError::failed(message).hint("name another file"));
        }
        for other in named.iter().skip(index + 1) {
            if let Some(message) = conflict(one, other).or_else(|| conflict(other, one)) {
                return Err(RunError::failed(message).hint("name another file with one of them"));
            }
        }
    }
    Ok(())
}

/// What is wrong about the two; `None` where they are different files, or both are only read. The second may be a folder.
fn conflict(one: &NamedFile, other: &NamedFile) -> Option<String> {
    let reads = |used| matches!(used, Use::Reads | Use::ReadsIn(_));
    if reads(one.used) && reads(other.used) {
        return None;
    }
    let (shown, folder) = (&one.shown, &other.shown);
    if one.path == other.path {
        return Some(format!("{shown} and {folder} name the same file; nothing was read or written"));
    }
    let is_in = match (one.used, other.used) {
        (Use::Reads | Use::Writes, Use::ReadsIn(is_used) | Use::WritesIn(is_used)) => is_used,
        (_, Use::Reads | Use::Writes) | (Use::ReadsIn(_) | Use::WritesIn(_), _) => return None,
    };
    let below = one.path.strip_prefix(&other.path).ok()?;
    is_in(below).then(|| format!("{shown} would be one of the files of {folder}; nothing was read or written"))
}

/// The files that one option names. Those that are no regular files, such as `/dev/stdout`, are nobody's.
fn named(command: &Command, matches: &ArgMatches, id: &str, used: Use) -> Vec<NamedFile> {
    let Some(argument) = command.get_arguments().find(|argument| argument.get_id() == id) else { return Vec::new() };
    let values = matches.try_get_raw(id).ok().flatten().into_iter().flatten();
    let shown = label(argument, matches.value_source(id));
    let files = values.map(|value| NamedFile {
        shown: format!("{shown}{}", value.to_string_lossy()),
        used,
        path: real(&path_of(id, value), 0),
    });
    files.filter(|file| file.path.metadata().map_or(true, |there| there.is_file() || there.is_dir())).collect()
}

/// The option in front of its value.
fn label(argument: &Arg, source: Option<ValueSource>) -> String {
    let variable = argument.get_env().filter(|_| source == Some(ValueSource::EnvVariable));
    let name = argument.get_value_names().and_then(|names| names.first());
    match (variable, argument.get_long()) {
        (Some(variable), _) => format!("{}=", variable.to_string_lossy()),
        (None, Some(long)) => format!("--{long} "),
        (None, None) => format!("{} ", name.map(ToString::to_string).unwrap_or_default()),
    }
}

/// The path in a value such as `json=FILE` or `portal:FILE`.
fn path_of(id: &str, value: &OsStr) -> PathBuf {
    let separator = match id {
        "also" => "=",
        "from" => ":",
        _ => return value.into(),
    };
    let path = value.to_str().and_then(|text| text.split_once(separator)).map(|(_, path)| OsString::from(path));
    path.unwrap_or_else(|| value.into()).into()
}

/// The path from the root with every link resolved, also one that leads to a file that is not there yet.
fn real(path: &Path, links: u8) -> PathBuf {
    const MOST_LINKS: u8 = 40;
    let whole = std::env::current_dir().unwrap_or_default().join(path);
    for there in whole.ancestors() {
        let rest = whole.strip_prefix(there).unwrap_or(Path::new(""));
        if let Ok(found) = there.canonicalize() {
            return normalize(&found.join(rest)).components().collect();
        }
        if let Some(target) = there.read_link().ok().filter(|_| links < MOST_LINKS) {
            return real(&there.with_file_name("").join(target).join(rest), links + 1);
        }
    }
    normalize(&whole)
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::dispatch::command_line;

    fn arguments(command: &Command) -> Vec<&Arg> {
        command.get_arguments().chain(command.get_subcommands().flat_map(arguments)).collect()
    }

    #[test]
    fn the_table_has_every_option_that_names_a_file() {
        let command = command_line();
        let is_path = |argument: &&Arg| {
            let named = argument.get_value_names().unwrap_or_default();
            let words = ["FILE", "DIR", "PATH"];
            argument.get_value_parser().type_id() == TypeId::of::<PathBuf>()
                || named.iter().any(|name| words.iter().any(|word| name.contains(word)))
        };
        let found: BTreeSet<_> =
            arguments(&command).into_iter().filter(is_path).map(|argument| argument.get_id().as_str()).collect();
        assert_eq!(found, OPTIONS.iter().map(|(id, _)| *id).collect());
    }
}

//! What only one place may do: read the environment, know clap or the sandbox, and read files of any length.

use crate::tree::{File, Mention};

/// The one file that names the sandbox and its feature.
const SANDBOX: &str = "src/cli/sandbox.rs";
/// The one file that reads files up to a bound.
const BOUNDED_READS: &str = "src/base/file.rs";

/// Files below `cli` that read the environment, each with the reason.
const ENVIRONMENT: &[(&str, &str)] =
    &[("src/controller/git_command.rs", "gives the program git only those variables that it needs")];

/// Files that open or read without the bound, each with the reason.
const UNBOUNDED: &[(&str, &str, &str)] = &[
    ("src/base/state_file.rs", "File::open", "opens a folder, to write it to disk"),
    ("src/controller/git_command.rs", "read_to_end", "reads the output of a child process up to a bound of its own"),
];

/// Breaches of these rules in one file.
pub(crate) fn breaches(file: &File) -> Vec<String> {
    let mut found = environment(file);
    found.extend(sandbox(file));
    found.extend(unbounded_reads(file));
    found
}

fn at(file: &File, mention: &Mention, rule: &str) -> String {
    format!("{}:{}: `{}`: {rule}", file.path, mention.line, mention.path.join("::"))
}

fn starts_with(mention: &Mention, path: &[&str]) -> bool {
    mention.path.len() >= path.len() && mention.path.iter().zip(path).all(|(segment, wanted)| segment == wanted)
}

fn ends_with(mention: &Mention, path: &[&str]) -> bool {
    mention.path.iter().rev().zip(path.iter().rev()).filter(|(segment, wanted)| segment == wanted).count() == path.len()
}

/// Exceptions that no file needs.
pub(crate) fn unused(files: &[File]) -> Vec<String> {
    let file = |path: &str| files.iter().find(|file| file.path == path);
    let environment = ENVIRONMENT.iter().filter(|(path, reason)| {
        reason.is_empty() || !file(path).is_some_and(|file| file.mentions.iter().any(reads_environment))
    });
    let unbounded = UNBOUNDED.iter().filter(|(path, call, reason)| {
        reason.is_empty() || !file(path).is_some_and(|file| unbounded_calls(file).iter().any(|(_, name)| name == call))
    });
    let environment = environment.map(|(path, _)| format!("{path} reads no environment"));
    environment.chain(unbounded.map(|(path, call, _)| format!("{path} does not call `{call}`"))).collect()
}

fn reads_environment(mention: &Mention) -> bool {
    starts_with(mention, &["std", "env"]) || starts_with(mention, &["env"])
}

fn environment(file: &File) -> Vec<String> {
    if file.folder() == Some("cli") || file.path == "src/main.rs" {
        return Vec::new();
    }
    let may_read = ENVIRONMENT.iter().any(|(path, _)| *path == file.path);
    let clap = file.mentions.iter().filter(|mention| starts_with(mention, &["clap"]));
    let clap = clap.map(|mention| at(file, mention, "only `cli` knows clap"));
    let reading = file.mentions.iter().filter(|mention| !may_read && reads_environment(mention));
    clap.chain(reading.map(|mention| at(file, mention, "only `cli` reads the environment"))).collect()
}

fn sandbox(file: &File) -> Vec<String> {
    if file.path == SANDBOX {
        return Vec::new();
    }
    let named = file.mentions.iter().filter(|mention| starts_with(mention, &["entra_sandbox"]));
    let named = named.map(|mention| at(file, mention, "only src/cli/sandbox.rs names the sandbox"));
    let features = file.features.iter().map(|line| {
        format!("{}:{line}: a `cfg` of a feature: only {SANDBOX} has one, so that both builds do the same", file.path)
    });
    named.chain(features).collect()
}

/// Calls outside of tests that open a file, or read to the end of one, whatever its length. A method `take` of a file is of no
/// use without one of these.
fn unbounded_calls(file: &File) -> Vec<(usize, &'static str)> {
    let functions: [(&str, [&str; 2]); 4] = [
        ("fs::read", ["fs", "read"]),
        ("fs::read_to_string", ["fs", "read_to_string"]),
        ("io::read_to_string", ["io", "read_to_string"]),
        ("File::open", ["File", "open"]),
    ];
    let mentions = file.mentions.iter().filter(|mention| !mention.in_tests);
    let named = mentions.filter_map(|mention| {
        let (name, _) = functions.iter().find(|(_, path)| ends_with(mention, path))?;
        Some((mention.line, *name))
    });
    let methods = ["read_to_end", "read_to_string"];
    let called = file.methods.iter().filter_map(|(line, called)| {
        let name = methods.into_iter().find(|name| name == called)?;
        Some((*line, name))
    });
    named.chain(called).collect()
}

/// A file that a person or another run wrote may be of any length, or a pipe.
fn unbounded_reads(file: &File) -> Vec<String> {
    if file.path == BOUNDED_READS {
        return Vec::new();
    }
    let may = |call: &str| UNBOUNDED.iter().any(|(path, name, _)| *path == file.path && *name == call);
    let calls = unbounded_calls(file).into_iter().filter(|(_, call)| !may(call));
    calls
        .map(|(line, call)| {
            format!("{}:{line}: `{call}` has no bound: read files with `read_bounded` of {BOUNDED_READS}", file.path)
        })
        .collect()
}

//! What the files of `src/cli/commands` may import: a command knows the parts that every command shares, and no other command.

use crate::rules::Arrow;

const COMMANDS: &str = "src/cli/commands/";
/// The folders that a command works with; in `cli` only the files that commands share.
const SHARED: [&str; 6] = ["base", "doctor", "engine", "render", "controller", "cli"];

/// Commands that import from a further folder, each with the reason.
pub(crate) const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("login.rs", "client", "signing in is of the client alone"),
    ("import.rs", "policy", "the YAML of a policy is written where it is read"),
];

/// What is wrong with an import of a command, in words.
pub(crate) fn wrong_import(arrow: &Arrow<'_>) -> Option<String> {
    let command = arrow.from.path.strip_prefix(COMMANDS).filter(|name| *name != "mod.rs")?;
    let words = format!("{}:{}: `{}`", arrow.from.path, arrow.mention.line, arrow.mention.path.join("::"));
    let to = arrow.to.folder()?;
    if arrow.to.path.starts_with(COMMANDS) && arrow.to.path != format!("{COMMANDS}mod.rs") {
        return Some(format!("{words} is of another command: what two commands share is in `src/cli`"));
    }
    let is_exception = EXCEPTIONS.iter().any(|(name, folder, _)| *name == command && *folder == to);
    (!SHARED.contains(&to) && !is_exception)
        .then(|| format!("{words} goes from a command to `{to}`: it imports only from {}", SHARED.join(", ")))
}

/// Exceptions that no import needs.
pub(crate) fn unused(arrows: &[Arrow<'_>]) -> Vec<String> {
    let is_used = |name: &str, folder: &str| {
        let path = format!("{COMMANDS}{name}");
        arrows.iter().any(|arrow| arrow.from.path == path && arrow.to.folder() == Some(folder))
    };
    let unused = EXCEPTIONS.iter().filter(|(name, folder, reason)| reason.is_empty() || !is_used(name, folder));
    unused.map(|(name, folder, _)| format!("{COMMANDS}{name} imports nothing from `{folder}`")).collect()
}

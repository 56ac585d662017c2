//! The rules of the house. Each returns its breaches as `file:line: what is wrong, and the rule`.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{File, Mention};

#[path = "rules/commands.rs"]
pub(crate) mod commands;
#[path = "rules/names.rs"]
pub(crate) mod names;
#[path = "rules/places.rs"]
pub(crate) mod places;
#[path = "rules/texts.rs"]
pub(crate) mod texts;

/// Every folder of the house and its floor.
pub(crate) const FLOORS: [(&str, u8); 15] = [
    ("base", 0),
    ("policy", 1),
    ("tenant", 1),
    ("catalog", 2),
    ("client", 2),
    ("person", 3),
    ("plan", 3),
    ("review", 4),
    ("doctor", 4),
    ("conformance", 4),
    ("apply", 5),
    ("engine", 6),
    ("render", 7),
    ("controller", 8),
    ("cli", 9),
];

/// Most lines a file may have.
const LONGEST: usize = 400;
/// Names that do not say what is inside.
const EMPTY_NAMES: [&str; 9] = ["util", "utils", "helper", "helpers", "manager", "common", "core", "types", "misc"];
/// The one file that reads a clock, in this crate and in the sandbox.
const CLOCK: &str = "src/base/clock.rs";
const SANDBOX_CLOCK: &str = "src/clock.rs";
const CLOCKS: [&str; 4] = ["Timestamp", "ZonedDateTime", "Instant", "SystemTime"];
const PRINTS: [&str; 4] = ["print", "println", "eprint", "eprintln"];

/// Files and folders of tables, where a new variant must get a row: no arm there matches whatever is left.
const WITHOUT_WILDCARDS: [&str; 5] = [
    "src/tenant/surface.rs",
    "src/client/operations/",
    "src/client/documents/mod.rs",
    "src/engine/disposition.rs",
    "src/cli/dispatch.rs",
];

/// One file of the crate names another.
pub(crate) struct Arrow<'a> {
    /// The file that names.
    pub(crate) from: &'a File,
    /// The file that is named.
    pub(crate) to: &'a File,
    /// Where, and in what words.
    pub(crate) mention: &'a Mention,
}

/// All breaches of all rules, in order.
pub(crate) fn breaches(files: &[File], tables: &[(&str, &str)]) -> Vec<String> {
    let arrows = arrows(files);
    let mut found = floors(&arrows);
    found.extend(cycles(arrows.iter().filter(|arrow| arrow.from.folder() == arrow.to.folder())));
    found.extend(files.iter().flat_map(folder));
    found.extend(files.iter().flat_map(|file| length(file, tables)));
    found.extend(files.iter().flat_map(|file| clock(file, CLOCK)));
    found.extend(files.iter().flat_map(prints));
    found.extend(files.iter().flat_map(wildcards));
    found.extend(arrows.iter().filter_map(commands::wrong_import));
    found.extend(files.iter().flat_map(places::breaches));
    found.extend(names::repeated_types(files));
    found.extend(files.iter().flat_map(names::replaced_words));
    found.extend(stale_exceptions(files, tables));
    found.sort();
    found
}

/// All breaches in the crate `entra-sandbox`: it has no floors, but no circle either, and it names nothing of ours.
pub(crate) fn sandbox_breaches(files: &[File]) -> Vec<String> {
    let arrows = arrows(files);
    let mut found = cycles(arrows.iter());
    found.extend(files.iter().flat_map(empty_name));
    found.extend(files.iter().flat_map(|file| length(file, &[])));
    found.extend(files.iter().flat_map(|file| clock(file, SANDBOX_CLOCK)));
    found.extend(files.iter().flat_map(prints));
    found.extend(files.iter().flat_map(names_ours));
    found.extend(names::repeated_types(files));
    found.extend(files.iter().flat_map(names::replaced_words));
    found.sort();
    found
}

/// Which file of the crate names which.
pub(crate) fn arrows(files: &[File]) -> Vec<Arrow<'_>> {
    let modules: BTreeMap<&[String], &File> =
        files.iter().filter(|file| file.path != "src/main.rs").map(|file| (file.module.as_slice(), file)).collect();
    let mut arrows = Vec::new();
    for from in files {
        for mention in &from.mentions {
            let Some(path) = absolute(mention, &modules) else { continue };
            let target = (0..=path.len()).rev().find_map(|end| modules.get(&path[..end]).copied());
            if let Some(to) = target.filter(|to| to.path != from.path) {
                arrows.push(Arrow { from, to, mention });
            }
        }
    }
    arrows
}

/// The path from the crate root, or `None` when it leads out of the crate or to a name of the file itself.
fn absolute(mention: &Mention, modules: &BTreeMap<&[String], &File>) -> Option<Vec<String>> {
    let first = mention.path.first()?.as_str();
    if matches!(first, "crate" | "ssprctl") {
        return Some(mention.path[1..].to_vec());
    }
    let mut scope = mention.scope.clone();
    if matches!(first, "self" | "super") {
        let mut rest = mention.path.as_slice();
        while let Some((step @ ("self" | "super"), after)) = rest.split_first().map(|(a, b)| (a.as_str(), b)) {
            if step == "super" {
                scope.pop();
            }
            rest = after;
        }
        scope.extend_from_slice(rest);
        return Some(scope);
    }
    scope.push(first.to_owned());
    modules.contains_key(scope.as_slice()).then(|| {
        scope.extend_from_slice(&mention.path[1..]);
        scope
    })
}

fn floor(folder: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == folder).map(|(_, floor)| *floor)
}

fn floors(arrows: &[Arrow<'_>]) -> Vec<String> {
    arrows.iter().filter_map(wrong_arrow).collect()
}

fn wrong_arrow(arrow: &Arrow<'_>) -> Option<String> {
    let from = arrow.from.folder()?;
    let words = format!("{}:{}: `{}`", arrow.from.path, arrow.mention.line, arrow.mention.path.join("::"));
    let Some(to) = arrow.to.folder() else {
        return Some(format!("{words} reaches the crate root: name the folder that is meant"));
    };
    if from == to {
        return None;
    }
    let (low, high) = (floor(to)?, floor(from)?);
    (low >= high).then(|| {
        format!(
            "{words} goes from `{from}` (floor {high}) to `{to}` (floor {low}): a folder imports only from lower floors"
        )
    })
}

/// A dev-dependency could name this crate in spite of Cargo, which refuses only circles of dependencies.
fn names_ours(file: &File) -> Vec<String> {
    let ours = file.mentions.iter().filter(|mention| mention.path.first().is_some_and(|first| first == "ssprctl"));
    ours.map(|at| {
        let named = at.path.join("::");
        format!("{}:{}: `{named}`: the sandbox has its own opinion and names nothing of ssprctl", file.path, at.line)
    })
    .collect()
}

/// Cycles between files that name each other; tests may name whoever uses them.
fn cycles<'a>(arrows: impl Iterator<Item = &'a Arrow<'a>>) -> Vec<String> {
    let mut next: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for arrow in arrows.filter(|arrow| !arrow.mention.in_tests) {
        next.entry(&arrow.from.path).or_default().entry(&arrow.to.path).or_insert(arrow.mention.line);
    }
    let (mut done, mut found) = (BTreeSet::new(), Vec::new());
    for start in next.keys() {
        follow(start, &next, &mut Vec::new(), &mut done, &mut found);
    }
    found
}

fn follow<'a>(
    at: &'a str,
    next: &BTreeMap<&'a str, BTreeMap<&'a str, usize>>,
    trail: &mut Vec<(&'a str, usize)>,
    done: &mut BTreeSet<&'a str>,
    found: &mut Vec<String>,
) {
    if let Some(begin) = trail.iter().position(|(path, _)| *path == at) {
        let round: Vec<String> = trail[begin..].iter().map(|(path, line)| format!("{path}:{line}")).collect();
        found.push(format!("{} -> {at}: the files of one folder import in a circle", round.join(" -> ")));
        return;
    }
    if done.contains(at) {
        return;
    }
    for (to, line) in next.get(at).into_iter().flatten() {
        trail.push((at, *line));
        follow(to, next, trail, done, found);
        trail.pop();
    }
    done.insert(at);
}

fn folder(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    let in_root = file.path.matches('/').count() == 1;
    if in_root && !matches!(file.path.as_str(), "src/lib.rs" | "src/main.rs" | "src/testing.rs") {
        found.push(format!(
            "{}:1: is outside of every folder: `src` itself holds only lib.rs, main.rs and testing.rs",
            file.path
        ));
    }
    if !in_root && file.folder().is_some_and(|name| floor(name).is_none()) {
        found.push(format!("{}:1: is in a folder without a floor: add it to FLOORS and ARCHITECTURE.md", file.path));
    }
    found.extend(empty_name(file));
    found
}

fn empty_name(file: &File) -> Option<String> {
    let name = file.path.split(['/', '.']).find(|name| EMPTY_NAMES.contains(name))?;
    Some(format!("{}:1: `{name}` does not say what is inside: folders are nouns of the field", file.path))
}

fn length(file: &File, tables: &[(&str, &str)]) -> Option<String> {
    let is_table = tables.iter().any(|(path, _)| *path == file.path);
    too_long(&file.path, file.lines).filter(|_| !is_table)
}

/// What is wrong with a file of that many lines, a test too.
pub(crate) fn too_long(path: &str, lines: usize) -> Option<String> {
    (lines > LONGEST)
        .then(|| format!("{path}:{LONGEST}: has {lines} lines, {LONGEST} are the most: a file has one job"))
}

fn stale_exceptions(files: &[File], tables: &[(&str, &str)]) -> Vec<String> {
    let too_long = |file: &File| length(file, &[]).is_some();
    let still_long = |path: &str| files.iter().any(|file| file.path == path && too_long(file));
    let stale = tables.iter().filter(|(path, reason)| reason.is_empty() || !still_long(path));
    stale.map(|(path, _)| format!("{path}:1: needs no exception for its length, or gives no reason")).collect()
}

fn clock(file: &File, clock: &str) -> Vec<String> {
    let comparisons = |mention: &&Mention| matches!(mention.path.as_slice(), [.., kind, now] if now == "now" && CLOCKS.contains(&kind.as_str()));
    let found = file.mentions.iter().filter(comparisons).filter(|_| file.path != clock);
    found
        .map(|at| format!("{}:{}: `{}` looks at a clock: only {clock} does", file.path, at.line, at.path.join("::")))
        .collect()
}

fn prints(file: &File) -> Vec<String> {
    if file.folder() == Some("cli") || file.path == "src/main.rs" {
        return Vec::new();
    }
    let found = file.macros.iter().filter(|(_, name)| PRINTS.contains(&name.as_str()));
    found.map(|(line, name)| format!("{}:{line}: `{name}!` writes to the screen: only `cli` does", file.path)).collect()
}

fn wildcards(file: &File) -> Vec<String> {
    if !WITHOUT_WILDCARDS.iter().any(|place| file.path.starts_with(place)) {
        return Vec::new();
    }
    let found = file.wildcards.iter();
    found.map(|line| format!("{}:{line}: an arm matches whatever is left: name every variant", file.path)).collect()
}

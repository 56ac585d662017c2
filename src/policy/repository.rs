//! `ssprctl.yaml`: what one repository has agreed on for all its policies. It is found from the folder where a run starts
//! upward, as far as the repository goes; the nearest one counts.

use std::path::Path;
use std::sync::Arc;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::agreement::{FILE, Level};
use crate::policy::roots::Roots;
use crate::policy::schema::REPOSITORY;
use crate::policy::shaped;
use crate::policy::tree::{At, Body, Node};

/// One agreement about one rule, with its places.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreed {
    /// The code as it is written.
    pub code: String,
    /// Where the code stands.
    pub code_place: Place,
    /// What is agreed.
    pub level: Level,
    /// Where that stands.
    pub level_place: Place,
}

/// The repository in which a run started.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repository {
    /// Where the run started, as a path below the repository's own folder with `/`; empty when it is that folder.
    pub below: String,
    /// The agreements, in the order of the file.
    pub agreed: Vec<Agreed>,
    /// What is wrong with the file; nothing is agreed then.
    pub findings: Vec<Finding>,
}

/// Finds the repository that `folder` belongs to, and its file. Without a file nothing is agreed.
#[must_use]
pub fn find(folder: &Path) -> Repository {
    let roots = Roots::new(folder, None);
    let top = roots.of(&roots.folder().join(FILE));
    let below = roots.folder().strip_prefix(&top).unwrap_or(Path::new(""));
    let below = below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let inside = roots.folder().ancestors().take_while(|folder| folder.starts_with(&top));
    let file = inside.map(|folder| folder.join(FILE)).find(|file| file.symlink_metadata().is_ok());
    let (agreed, findings) = file.map(|file| load(&file, &roots)).unwrap_or_default();
    Repository { below, agreed, findings }
}

fn load(file: &Path, roots: &Roots) -> (Vec<Agreed>, Vec<Finding>) {
    let shown = roots.show(file);
    match file.canonicalize() {
        Ok(real) if !real.starts_with(roots.of(file)) => (Vec::new(), vec![outside(&shown)]),
        _ => match shaped::tree(file, &shown, &REPOSITORY) {
            Ok((node, source)) => (agreed(&node, &source), Vec::new()),
            Err(findings) => (Vec::new(), findings),
        },
    }
}

fn outside(shown: &str) -> Finding {
    let source = Arc::new(Source { path: shown.to_owned(), text: String::new() });
    Finding::error("link-outside", format!("`{shown}` is a symbolic link that leads out of the repository"))
        .at(Place::start_of(&source), "")
        .hint("copy the file into the repository")
}

fn agreed(node: &Node, source: &Arc<Source>) -> Vec<Agreed> {
    let Some(Body::Map(entries)) = node.get("rules").map(|rules| &rules.body) else { return Vec::new() };
    let place = |at: At| Place::new(source, at.start as usize, at.end as usize);
    let agreed = entries.iter().filter_map(|entry| {
        Some(Agreed {
            code: entry.key.to_string(),
            code_place: place(entry.key_at),
            level: serde_json::from_value(entry.value.to_json()).ok()?,
            level_place: place(entry.value.at),
        })
    });
    agreed.collect()
}

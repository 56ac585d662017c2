//! Reads, parses and checks files without baselines, such as `ssprctl.yaml`.

use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::check::check;
use crate::policy::gate;
use crate::policy::read::read;
use crate::policy::roots::Roots;
use crate::policy::schema::FileSchema;
use crate::policy::tree::Node;
use crate::policy::{syntax, yaml};

/// The stack size of the thread that parses; only the used part takes memory. The parser recurses once for each level
/// of nesting, and at the deepest level that is allowed needs more than some systems give a program's first thread.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Reads and checks a file; returns its values with their places.
///
/// # Errors
/// Everything that is wrong with it, sorted by place.
pub(crate) fn parse_file(path: &Path, shown: &str, shape: &FileSchema) -> Result<(Node, Arc<Source>), Vec<Finding>> {
    std::thread::scope(|scope| {
        let parsing =
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || parse(path, shown, shape));
        match parsing {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => parse(path, shown, shape),
        }
    })
}

/// Reads and checks a file; returns it as a `T`. Relative paths start from `folder`.
///
/// # Errors
/// Everything that is wrong with it, sorted by place.
pub fn load<T: DeserializeOwned>(path: &Path, folder: &Path, shape: &FileSchema) -> Result<T, Vec<Finding>> {
    let (path, roots) = (folder.join(path), Roots::new(folder, None));
    let shown = roots.display(&path);
    gate::check_named(&path, &roots).map_err(|refusal| vec![refusal.finding(&shown)])?;
    let (node, source) = parse_file(&path, &shown, shape)?;
    // The schema is made from the type, so a file that fits the schema can be deserialized.
    serde_json::from_value(node.to_json()).map_err(|error| {
        let message = format!("the file cannot be read: {error}");
        vec![Finding::error("invalid-format", message).at(Place::start_of(&source), "")]
    })
}

fn parse(path: &Path, shown: &str, shape: &FileSchema) -> Result<(Node, Arc<Source>), Vec<Finding>> {
    let (source, problem) = read(path, shown);
    if let Some(finding) = problem {
        return Err(vec![finding]);
    }
    let node = yaml::parse(&source.text, 0).map_err(|error| vec![syntax::finding(&error, &source)])?;
    let findings = check(&node, &source, shape);
    if findings.is_empty() { Ok((node, source)) } else { Err(findings) }
}

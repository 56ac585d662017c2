//! Resolves `extends`: finds the baselines of a file, and the order in which files are merged.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::gate;
use crate::policy::roots::{Roots, normalize};
use crate::policy::schema_messages::quoted;
use crate::policy::tree::{ByteRange, Node, NodeBody};

/// The most levels of baselines.
pub(crate) const MAX_DEPTH: usize = 8;

/// The most entries of one `extends`, as in the schema.
const MOST_LINKS: usize = 32;

/// One entry of `extends` that leads to a file.
#[derive(Clone, Debug)]
pub(crate) struct BaselineLink {
    pub(crate) at: ByteRange,
    /// The file, symbolic links resolved.
    pub(crate) target: PathBuf,
}

/// Finds the files that `node`, read from `path`, extends.
pub(crate) fn links(
    node: &Node,
    path: &Path,
    source: &Arc<Source>,
    roots: &Roots,
) -> (Vec<BaselineLink>, Vec<Finding>) {
    let Some(NodeBody::List(items)) = node.get("extends").map(|extends| &extends.body) else {
        return (Vec::new(), Vec::new());
    };
    let mut links = Vec::new();
    let mut findings = Vec::new();
    // The schema reports that there are more.
    for item in items.iter().take(MOST_LINKS) {
        let NodeBody::Text(written) = &item.body else { continue };
        match resolve(written, path, roots) {
            Ok(target) => links.push(BaselineLink { at: item.at, target }),
            Err(finding) => {
                let place = Place::new(source, item.at.start as usize, item.at.end as usize);
                findings.push(finding.at(place, ""));
            }
        }
    }
    (links, findings)
}

fn resolve(written: &str, from: &Path, roots: &Roots) -> Result<PathBuf, Box<Finding>> {
    let root = roots.repository_of(from);
    let name = quoted(written);
    let outside = |why: &str| {
        let hint = format!("copy the baseline into {}", repository(&roots.display(&root)));
        Box::new(Finding::error("extends-outside", format!("{name} {why}")).hint(hint))
    };
    if Path::new(written).is_absolute() {
        return Err(outside("is not relative to this file"));
    }
    // The text of the path is checked first, so that nothing outside of the repository is accessed.
    let path = normalize(&from.parent().unwrap_or(from).join(written));
    if !path.starts_with(&root) {
        return Err(outside("leads out of the repository"));
    }
    let missing = |why: String| {
        Box::new(
            Finding::error("extends-missing", format!("{name} {why}"))
                .hint("the path is relative to the folder of this file"),
        )
    };
    let refused = |refusal: gate::GateRefusal| {
        Box::new(Finding::error(refusal.code(), format!("{name} {}", refusal.reason())).hint(refusal.hint()))
    };
    gate::check_unread(&path, roots).map_err(refused)?;
    let real = roots.canonical(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(match roots.display(&path) {
            shown if shown == *written => "does not exist".into(),
            shown => format!("leads to `{shown}`, which does not exist"),
        }),
        _ => missing(format!("cannot be reached: {error}")),
    })?;
    if !real.starts_with(&root) {
        return Err(outside("leads out of the repository through a symbolic link"));
    }
    if real.is_dir() {
        return Err(missing("is a folder, not a baseline".into()));
    }
    gate::check(&real, roots).map_err(refused)?;
    Ok(real)
}

fn repository(root: &str) -> String {
    if root == "." {
        "the repository that holds this file".into()
    } else {
        format!("the repository, which is `{root}`")
    }
}

/// The result of [`order`].
#[derive(Debug, Default)]
pub(crate) struct MergeOrder {
    /// The files, each after those it extends. Files that extend themselves, directly or not, and files that extend
    /// those are left out.
    pub(crate) sorted: Vec<usize>,
    /// The number of levels of baselines below each file.
    pub(crate) height: Vec<usize>,
    /// Circles: the files along each, from the one with the smallest number.
    pub(crate) cycles: Vec<Vec<usize>>,
}

/// Sorts files so that baselines come first. `below[i]` are the files that file `i` extends. Linear, without recursion,
/// because the files are not trusted.
pub(crate) fn order(below: &[Vec<usize>]) -> MergeOrder {
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); below.len()];
    for (file, extended) in below.iter().enumerate() {
        for target in extended {
            if let Some(users) = above.get_mut(*target) {
                users.push(file);
            }
        }
    }
    let mut waits: Vec<usize> = below.iter().map(Vec::len).collect();
    let mut sorted: Vec<usize> = (0..below.len()).filter(|file| waits.get(*file) == Some(&0)).collect();
    let mut height = vec![0; below.len()];
    let mut next = 0;
    while let Some(file) = sorted.get(next).copied() {
        next += 1;
        for user in above.get(file).into_iter().flatten() {
            let own = height.get(file).copied().unwrap_or_default() + 1;
            if let Some(tall) = height.get_mut(*user) {
                *tall = own.max(*tall);
            }
            if let Some(left) = waits.get_mut(*user) {
                *left -= 1;
                if *left == 0 {
                    sorted.push(*user);
                }
            }
        }
    }
    MergeOrder { cycles: cycles(below, &waits), sorted, height }
}

/// Finds circles: from every unsorted file, follows the first file it extends until a file occurs again.
fn cycles(below: &[Vec<usize>], waits: &[usize]) -> Vec<Vec<usize>> {
    let stuck = |file: usize| waits.get(file).is_some_and(|left| *left > 0);
    let mut walked = vec![usize::MAX; below.len()];
    let mut cycles = Vec::new();
    for start in (0..below.len()).filter(|file| stuck(*file)) {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(file) = at {
            match walked.get_mut(file) {
                Some(walk) if *walk == usize::MAX => *walk = start,
                Some(walk) if *walk == start => {
                    if let Some(begin) = path.iter().position(|seen| *seen == file) {
                        cycles.push(from_smallest(path.split_off(begin)));
                    }
                    break;
                }
                _ => break,
            }
            path.push(file);
            at = below.get(file).and_then(|extended| extended.iter().copied().find(|target| stuck(*target)));
        }
    }
    cycles
}

fn from_smallest(mut cycle: Vec<usize>) -> Vec<usize> {
    let smallest = cycle.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(at, _)| at);
    cycle.rotate_left(smallest);
    cycle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baselines_come_first_and_heights_count_them() {
        let found = order(&[vec![1, 2], vec![2], vec![], vec![]]);
        assert_eq!(found.sorted, [2, 3, 1, 0]);
        assert_eq!(found.height, [2, 1, 0, 0]);
        assert!(found.cycles.is_empty());
    }

    #[test]
    fn every_circle_is_found_once() {
        let found = order(&[vec![1], vec![2], vec![1], vec![3], vec![5], vec![4, 1]]);
        assert_eq!(found.cycles, [vec![1, 2], vec![3], vec![4, 5]]);
        assert!(found.sorted.is_empty());
    }
}

//! Merges one policy over another: mappings merge key by key, lists and scalars are replaced, the upper file wins. A
//! value has the place in the file it came from.

use std::sync::Arc;

use crate::policy::tree::{Node, NodeBody};

/// The keys that describe a file itself, which extending files do not inherit.
const OWN: [&str; 3] = ["version", "tenant", "extends"];

/// `upper` on top of `lower`.
pub(crate) fn overlay(lower: &Node, upper: &Node) -> Node {
    let (NodeBody::Map(low), NodeBody::Map(high)) = (&lower.body, &upper.body) else { return upper.clone() };
    let mut entries = low.to_vec();
    for entry in &**high {
        match entries.iter_mut().find(|below| below.key == entry.key) {
            Some(below) => {
                below.value = overlay(&below.value, &entry.value);
                below.key_at = entry.key_at;
            }
            None => entries.push(entry.clone()),
        }
    }
    Node { at: upper.at, body: NodeBody::Map(entries.into()) }
}

/// The part of a baseline that is inherited: everything but the keys that describe the file itself.
pub(crate) fn inherited(node: Node) -> Node {
    match &node.body {
        NodeBody::Map(entries) => {
            let inherited = entries.iter().filter(|entry| !OWN.contains(&&*entry.key)).cloned().collect();
            Node { at: node.at, body: NodeBody::Map(inherited) }
        }
        _ => node,
    }
}

/// Merges the content of a file with the baselines that it extends, which are at these places of `merged`. `None` if one of
/// them was not read or has errors.
pub(crate) fn overlaid(node: Node, baselines: &[Option<usize>], merged: &[Option<Arc<Node>>]) -> Option<Node> {
    let mut whole: Option<Node> = None;
    for baseline in baselines {
        let baseline = merged.get((*baseline)?)?.as_ref()?;
        whole = Some(match whole {
            None => baseline.as_ref().clone(),
            Some(lower) => overlay(&lower, baseline),
        });
    }
    Some(match whole {
        None => node,
        Some(lower) => overlay(&lower, &node),
    })
}

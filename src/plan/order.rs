//! Makes requests from changes, and puts them in an order in which each can succeed.

use std::collections::BTreeMap;

use crate::base::value::Value;
use crate::plan::change::{Change, Step};
use crate::tenant::document::{Document, Patch};
use crate::tenant::surface::{Surface, WriteMode};
use crate::tenant::{authentication_methods, managed_object};

/// The requests that make `changes` in these documents, in the order in which they are sent.
pub(crate) fn order_steps(changes: Vec<Change>, seen: &BTreeMap<Surface, Document>) -> Vec<Step> {
    let mut steps = Vec::new();
    for (surface, document) in seen {
        let here: Vec<Change> = changes.iter().filter(|change| change.setting.surface == *surface).cloned().collect();
        steps.extend(match surface.write_mode() {
            WriteMode::Replace | WriteMode::Patch => one_step(*surface, document, here),
            WriteMode::PerKey => step_each(*surface, document, here),
            WriteMode::PerEntry => step_each_entry(*surface, document, &here),
            WriteMode::ManagedObject => step_of_object(*surface, document, here),
        });
    }
    link_dependencies(&mut steps);
    steps
}

fn one_step(surface: Surface, document: &Document, changes: Vec<Change>) -> Vec<Step> {
    if changes.is_empty() {
        return Vec::new();
    }
    let patches: Vec<Patch> =
        changes.iter().flat_map(|change| (change.setting.encode)(&change.after, document)).collect();
    let body = match surface.write_mode() {
        WriteMode::Replace => document.patched(&patches),
        WriteMode::Patch | WriteMode::PerKey | WriteMode::PerEntry | WriteMode::ManagedObject => Document::of(&patches),
    };
    vec![Step { surface, body, changes, waits_for: Vec::new() }]
}

fn step_each(surface: Surface, document: &Document, mut changes: Vec<Change>) -> Vec<Step> {
    changes.sort_by_key(rank);
    changes.into_iter().flat_map(|change| one_step(surface, document, vec![change])).collect()
}

/// One request for each entry that changes, in the order in which the entries first occur.
fn step_each_entry(surface: Surface, document: &Document, changes: &[Change]) -> Vec<Step> {
    let mut entries: Vec<(Patch, Vec<Change>)> = Vec::new();
    for change in changes {
        for patch in (change.setting.encode)(&change.after, document) {
            match entries.iter_mut().find(|(known, _)| known.key == patch.key) {
                Some((known, touched)) => {
                    merge(&mut known.value, patch.value);
                    touched.push(change.clone());
                }
                None => entries.push((patch, vec![change.clone()])),
            }
        }
    }
    // An entry that already has its new values needs no request. An entry without a type cannot be written; it cannot occur
    // here, because its values could not have been decoded.
    let requests = entries.into_iter().filter_map(|(patch, changes)| {
        let body = authentication_methods::request(document, &patch).ok()?;
        (!authentication_methods::has_applied(document, &body)).then_some(Step {
            surface,
            body,
            changes,
            waits_for: Vec::new(),
        })
    });
    requests.collect()
}

/// Makes all changes to the object, and sends the keys that differ then.
fn step_of_object(surface: Surface, document: &Document, changes: Vec<Change>) -> Vec<Step> {
    let wanted = changes
        .iter()
        .fold(document.clone(), |wanted, change| wanted.patched(&(change.setting.encode)(&change.after, &wanted)));
    let Some(body) = managed_object::change_body(document, &wanted) else { return Vec::new() };
    let is_apart =
        |change: &Change| change.setting.keys.iter().any(|key| surface.separate_request_keys().contains(key));
    let (apart, own): (Vec<_>, Vec<_>) = changes.into_iter().partition(is_apart);
    let requests = [
        (managed_object::without(&body, surface.separate_request_keys()), own),
        (managed_object::with_only(&body, surface.separate_request_keys()), apart),
    ];
    let requests = requests.into_iter().filter(|(body, _)| !managed_object::is_empty(body));
    requests.map(|(body, changes)| Step { surface, body, changes, waits_for: Vec::new() }).collect()
}

fn merge(into: &mut serde_json::Value, from: serde_json::Value) {
    if let (Some(into), serde_json::Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// A prerequisite is enabled before its dependents and disabled after them. All other requests have the
/// order of the catalog.
fn rank(change: &Change) -> i8 {
    let dependent = !change.setting.needs.is_empty();
    match (turns_off(change), dependent) {
        (true, true) => -1,
        (false, true) => 1,
        (_, false) => 0,
    }
}

fn turns_off(change: &Change) -> bool {
    change.after == Value::Bool(false)
}

/// Writes into each step which earlier ones it waits for.
fn link_dependencies(steps: &mut [Step]) {
    for later in 0..steps.len() {
        let waits_for = (0..later).filter(|earlier| depends(&steps[later], &steps[*earlier])).collect();
        steps[later].waits_for = waits_for;
    }
}

fn depends(later: &Step, earlier: &Step) -> bool {
    let needs = |dependent: &Step, needed: &Step| {
        let names = dependent.changes.iter().flat_map(|change| change.setting.needs);
        names.into_iter().any(|name| needed.changes.iter().any(|change| change.setting.name == *name))
    };
    needs(later, earlier) || needs(earlier, later)
}

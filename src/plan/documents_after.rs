//! The documents of a tenant as a plan would leave them.

use std::collections::BTreeMap;

use crate::plan::actual;
use crate::plan::change::{Change, Plan};
use crate::tenant::document::Document;
use crate::tenant::surface::{Surface, WriteMode};

impl Plan {
    /// Every document that was read, with the changes of the plan.
    #[must_use]
    pub(crate) fn documents_after(&self) -> BTreeMap<Surface, Document> {
        let mut documents = self.seen.clone();
        for change in self.steps.iter().flat_map(|step| &step.changes) {
            if let Some(document) = documents.get_mut(&change.setting.surface) {
                *document = written(document, change);
            }
        }
        documents
    }
}

/// A document after one change.
pub(crate) fn written(document: &Document, change: &Change) -> Document {
    let Change { setting, before: _, after, place: _ } = change;
    match setting.surface.write_mode() {
        WriteMode::PerEntry => actual::merged(document, setting, after),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::ManagedObject => {
            document.patched(&(setting.encode)(after, document))
        }
    }
}

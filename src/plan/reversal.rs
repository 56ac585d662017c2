//! Takes back requests that were sent: key by key, to the byte, and never over what somebody has changed since.

use std::collections::BTreeMap;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog;
use crate::catalog::setting::Setting;
use crate::catalog::{authentication_methods, security_questions};
use crate::plan::change::{Change, Step};
use crate::tenant::document::Document;
use crate::tenant::surface::{Surface, WriteMode};
use crate::tenant::{authentication_methods as entries, managed_object};

/// A request that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SentRequest {
    /// The document that the request wrote.
    pub surface: Surface,
    /// The document before the request.
    pub before: Document,
    /// The body of the request.
    pub body: Document,
    /// Whether the outcome of the request is known. A request with an unknown outcome may still take effect, so it is taken
    /// back even if the tenant does not show it.
    pub confirmed: bool,
}

/// Keys that somebody has changed since the request. A rollback leaves them as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DivergedKeys {
    /// The document with the keys.
    pub surface: Surface,
    /// The names of the keys.
    pub keys: Vec<String>,
}

/// The requests that take earlier ones back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reversal {
    /// The requests that take everything back, in order.
    pub steps: Vec<Step>,
    /// The keys that are not reversed.
    pub diverged: Vec<DivergedKeys>,
}

/// What stands in the place of a policy's path for a plan that rolls back this run.
#[must_use]
pub(crate) fn source_of_run(run: &str) -> String {
    format!("run {run}")
}

/// The run that is rolled back by the plan of this source; `None` for the path of a policy, whose ending has a dot.
#[must_use]
pub(crate) fn run_of_source(source: &str) -> Option<&str> {
    source.strip_prefix("run ").filter(|run| !run.contains(['.', '/', ' ']))
}

/// The requests that reverse `sent` in the documents as they are `now`. A document that is not in `now` could not be
/// read, and is not changed. `place` gives the place in a policy with which the change of a setting is reported.
#[must_use]
pub fn reverse(sent: &[SentRequest], now: &BTreeMap<Surface, Document>, place: impl Fn(&Setting) -> Place) -> Reversal {
    let mut documents = now.clone();
    let mut reversal = Reversal::default();
    for one in sent.iter().rev() {
        let Some(document) = documents.get(&one.surface) else {
            reversal.add_diverged(one.surface, one.body.keys().map(str::to_owned).collect());
            continue;
        };
        let DocumentReversal { after, body, diverged } = document_reversal(one, document);
        reversal.add_diverged(one.surface, diverged);
        let Some(body) = body else { continue };
        // A write that may still take effect is shown as if it had.
        let written = if one.confirmed { document.clone() } else { after_write(one, document) };
        let changes = changes(one.surface, &written, &after, &place);
        reversal.steps.push(Step { surface: one.surface, body, changes, waits_for: Vec::new() });
        documents.insert(one.surface, after);
    }
    reversal
}

impl Reversal {
    fn add_diverged(&mut self, surface: Surface, keys: Vec<String>) {
        if !keys.is_empty() {
            self.diverged.push(DivergedKeys { surface, keys });
        }
    }
}

/// Whether a change restores deleted security questions. The answers that people had given to them are lost.
#[must_use]
pub(crate) fn loses_answers(change: &Change) -> bool {
    match (&change.before, &change.after) {
        (Value::Questions(now), Value::Questions(back)) if *change.setting == security_questions::QUESTIONS => {
            back.difference(now).next().is_some()
        }
        _ => false,
    }
}

/// How one document is reversed: the document afterwards, the body to send if there is one, and the keys that are left.
struct DocumentReversal {
    after: Document,
    body: Option<Document>,
    diverged: Vec<String>,
}

fn document_reversal(sent: &SentRequest, now: &Document) -> DocumentReversal {
    let SentRequest { surface, before, body: _, confirmed: _ } = sent;
    match surface.write_mode() {
        WriteMode::PerEntry => return entry_reversal(sent, now),
        WriteMode::ManagedObject => return object_reversal(sent, now),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch => {}
    }
    let (restored, diverged) = split_keys(sent, now);
    let with = |document: Document| {
        restored.iter().fold(document, |document, key| restore_key(*surface, key, document, before, now))
    };
    let after = with(now.clone());
    let to_send = if surface.write_mode() == WriteMode::Replace { after.clone() } else { with(Document::default()) };
    DocumentReversal { after, body: (!restored.is_empty()).then_some(to_send), diverged }
}

/// The document with one key as it was, to the byte. Security questions differ: a deleted question has lost its id, so
/// it is created anew.
fn restore_key(surface: Surface, key: &str, document: Document, before: &Document, now: &Document) -> Document {
    let row = &security_questions::QUESTIONS;
    match (row.decode)(before) {
        Ok(questions) if row.surface == surface && row.keys.contains(&key) => {
            document.patched(&(row.encode)(&questions, now))
        }
        _ => document.copy_key(key, before),
    }
}

/// Takes back one entry, which is a document of its own. Every request needs its type and its id.
fn entry_reversal(sent: &SentRequest, now: &Document) -> DocumentReversal {
    let unchanged = |diverged| DocumentReversal { after: now.clone(), body: None, diverged };
    let Some(id) = entry_id(sent) else { return unchanged(Vec::new()) };
    let (Some(before), Some(entry)) = (entries::entry(&sent.before, &id), entries::entry(now, &id)) else {
        return unchanged(vec![id]);
    };
    let (restored, diverged) = split_keys(sent, now);
    let after = restored.iter().fold(entry, |after, key| after.copy_key(key, &before));
    let named = sent.body.keys().filter(|key| entries::is_name(key));
    let named = named.fold(Document::default(), |named, key| named.copy_key(key, &sent.body));
    let body = restored.iter().fold(named, |body, key| body.copy_key(key, &before));
    DocumentReversal {
        after: entries::with_entry(now, &id, &after),
        body: (!restored.is_empty()).then_some(body),
        diverged: if diverged.is_empty() { Vec::new() } else { vec![id] },
    }
}

/// Takes back a write to an object. An object that was changed gets its old keys again. One that was created is switched off
/// and not deleted, because somebody may have added to it since.
fn object_reversal(sent: &SentRequest, now: &Document) -> DocumentReversal {
    let SentRequest { surface, before, body, confirmed } = sent;
    let (restored, mut diverged) = split_keys(sent, now);
    if managed_object::exists(before) {
        let after = restored.iter().fold(now.clone(), |after, key| managed_object::copy_key(after, before, body, key));
        let asking = managed_object::restore_body(body, &before.clone().copy_key("id", now), &restored);
        return DocumentReversal { after, body: (!restored.is_empty()).then_some(asking), diverged };
    }
    let Some((row, off)) = catalog::off_switch(*surface).filter(|_| managed_object::exists(now)) else {
        // An object that may still be created cannot be switched off before it exists.
        diverged.extend(managed_object::requested_keys(body).filter(|_| !confirmed).map(str::to_owned));
        return DocumentReversal { after: now.clone(), body: None, diverged };
    };
    diverged.retain(|key| row.keys.contains(&key.as_str()));
    let after = if diverged.is_empty() { now.patched(&(row.encode)(&off, now)) } else { now.clone() };
    let body = managed_object::change_body(now, &after);
    DocumentReversal { after, body, diverged }
}

/// The keys to restore, and the keys that have another value than was sent. A key with its old value is neither.
fn split_keys(sent: &SentRequest, now: &Document) -> (Vec<String>, Vec<String>) {
    let (mut restored, mut diverged) = (Vec::new(), Vec::new());
    for (key, state) in by_key(sent, now) {
        match state {
            WriteState::Applied => restored.push(key),
            WriteState::Unchanged if sent.confirmed => {}
            WriteState::Unchanged => restored.push(key),
            WriteState::Diverged => diverged.push(key),
        }
    }
    (restored, diverged)
}

/// The document after the request has taken full effect.
fn after_write(sent: &SentRequest, now: &Document) -> Document {
    let take = |document: Document, from: &Document, keys: &[String]| {
        keys.iter().fold(document, |document, key| document.copy_key(key, from))
    };
    let keys: Vec<_> = by_key(sent, now).into_iter().map(|(key, _)| key).collect();
    match sent.surface.write_mode() {
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch => return take(now.clone(), &sent.body, &keys),
        WriteMode::ManagedObject => return managed_object::after_write(now, &sent.body),
        WriteMode::PerEntry => {}
    }
    let entry = entry_id(sent).and_then(|id| entries::entry(now, &id).map(|entry| (id, entry)));
    entry.map_or_else(|| now.clone(), |(id, entry)| entries::with_entry(now, &id, &take(entry, &sent.body, &keys)))
}

fn entry_id(sent: &SentRequest) -> Option<String> {
    sent.body.get("id", "the id of an entry").ok()
}

/// The settings, or parts of one, whose values differ between two documents, as changes.
fn changes(surface: Surface, now: &Document, after: &Document, place: impl Fn(&Setting) -> Place) -> Vec<Change> {
    let changed = value_changes(surface, now, after).into_iter();
    changed
        .map(|ValueChange { setting, before, after }| Change { setting, before, after, place: place(setting) })
        .collect()
}

/// A setting, or part of one, with its values in two documents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ValueChange {
    /// The setting whose value differs.
    pub(crate) setting: &'static Setting,
    /// Its value in the first document.
    pub(crate) before: Value,
    /// Its value in the second document.
    pub(crate) after: Value,
}

/// The changes of settings that a request makes.
#[must_use]
pub(crate) fn intended_changes(sent: &SentRequest) -> Vec<ValueChange> {
    value_changes(sent.surface, &sent.before, &after_write(sent, &sent.before))
}

fn value_changes(surface: Surface, left: &Document, right: &Document) -> Vec<ValueChange> {
    let parts = authentication_methods::METHODS.into_iter().chain([&authentication_methods::TARGETS]);
    let settings = catalog::ALL.iter().copied().chain(parts).filter(|setting| setting.surface == surface);
    let shifts = settings.filter_map(|setting| {
        let (before, after) = ((setting.decode)(left).ok()?, (setting.decode)(right).ok()?);
        (before != after).then_some(ValueChange { setting, before, after })
    });
    shifts.collect()
}

/// Whether a document shows that a request, or one key of it, has taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// The document has the values of the request.
    Applied,
    /// The document has the values from before the request.
    Unchanged,
    /// The document has other values, or only part of those of the request.
    Diverged,
}

/// Whether a request has taken effect, by the document as it is `now`.
#[must_use]
pub fn write_state(sent: &SentRequest, now: &Document) -> WriteState {
    let keys = by_key(sent, now);
    let all = |state| keys.iter().all(|(_, found)| *found == state);
    if all(WriteState::Applied) {
        return WriteState::Applied;
    }
    if all(WriteState::Unchanged) { WriteState::Unchanged } else { WriteState::Diverged }
}

/// Whether each key that a request changes has taken effect, by the document as it is `now`.
#[must_use]
pub(crate) fn by_key(sent: &SentRequest, now: &Document) -> Vec<(String, WriteState)> {
    let SentRequest { surface, before, body, confirmed: _ } = sent;
    let keys = match surface.write_mode() {
        WriteMode::Replace => before.differing_keys(body, surface.volatile_keys()),
        WriteMode::PerKey | WriteMode::Patch => body.keys().map(str::to_owned).collect(),
        WriteMode::PerEntry => return by_key_of_entry(sent, now),
        WriteMode::ManagedObject => return by_key_of_object(sent, now),
    };
    let state = |key: &str| match () {
        () if now.key_equals(key, body) => WriteState::Applied,
        () if now.key_equals(key, before) => WriteState::Unchanged,
        // The service may write the value that it was sent in another way.
        () if decodes_equal(*surface, key, now, body) => WriteState::Applied,
        () if decodes_equal(*surface, key, now, before) => WriteState::Unchanged,
        () => WriteState::Diverged,
    };
    keys.into_iter().map(|key| (key.clone(), state(&key))).collect()
}

fn by_key_of_entry(sent: &SentRequest, now: &Document) -> Vec<(String, WriteState)> {
    let id = entry_id(sent).unwrap_or_default();
    let Some((entry, before)) = entries::entry(now, &id).zip(entries::entry(&sent.before, &id)) else {
        return vec![(id, WriteState::Diverged)];
    };
    let state = |key: &str| match () {
        () if entries::key_applied(&entry, &sent.body, key) => WriteState::Applied,
        () if entry.key_equals(key, &before) => WriteState::Unchanged,
        () => WriteState::Diverged,
    };
    sent.body.keys().filter(|key| !entries::is_name(key)).map(|key| (key.to_owned(), state(key))).collect()
}

fn by_key_of_object(sent: &SentRequest, now: &Document) -> Vec<(String, WriteState)> {
    let SentRequest { surface, before, body, confirmed: _ } = sent;
    let (was, is) = (managed_object::exists(before), managed_object::exists(now));
    let wanted = managed_object::after_write(before, body);
    let state = |key: &str| match (was, is) {
        (false, false) => WriteState::Unchanged,
        (_, true) if managed_object::has_applied(now, body, key) => WriteState::Applied,
        (true, true) if now.key_equals(key, &managed_object::copy_key(now.clone(), before, body, key)) => {
            WriteState::Unchanged
        }
        (_, true) if decodes_equal(*surface, key, now, &wanted) => WriteState::Applied,
        (true, true) if decodes_equal(*surface, key, now, before) => WriteState::Unchanged,
        _ => WriteState::Diverged,
    };
    managed_object::requested_keys(body).map(|key| (key.to_owned(), state(key))).collect()
}

/// Whether every setting that reads a key has the same value in two documents.
fn decodes_equal(surface: Surface, key: &str, left: &Document, right: &Document) -> bool {
    let mut rows = catalog::ALL.iter().filter(|row| row.surface == surface && row.keys.contains(&key)).peekable();
    let alike =
        |row: &Setting| matches!(((row.decode)(left), (row.decode)(right)), (Ok(left), Ok(right)) if left == right);
    rows.peek().is_some() && rows.all(|row| alike(row))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::source::{Source, Span};
    use crate::base::value::Question;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    fn place() -> Place {
        let source = Source::new("policy.yaml", "");
        Place { source: Arc::new(source), span: Span::default() }
    }

    /// A request that changed a key which no setting reads.
    fn sent(confirmed: bool) -> Result<SentRequest, serde_json::Error> {
        Ok(SentRequest {
            surface: Surface::OnPremisesPasswordReset,
            before: Document::parse(r#"{"brandNew":1,"other":1}"#)?,
            body: Document::parse(r#"{"brandNew":2}"#)?,
            confirmed,
        })
    }

    #[test]
    fn a_key_is_applied_unchanged_or_neither() -> TestResult {
        for (now, state) in [("2", WriteState::Applied), ("1", WriteState::Unchanged), ("3", WriteState::Diverged)] {
            let now = Document::parse(&format!(r#"{{"brandNew":{now},"other":5}}"#))?;
            assert_eq!(by_key(&sent(false)?, &now), [("brandNew".to_owned(), state)]);
        }
        Ok(())
    }

    /// A write of unknown outcome may still take effect; one that is known to have done nothing need not be reversed.
    #[test]
    fn only_a_write_of_unknown_outcome_is_taken_back_unseen() -> TestResult {
        let unchanged = Document::parse(r#"{"brandNew":1,"other":1}"#)?;
        let now = BTreeMap::from([(Surface::OnPremisesPasswordReset, unchanged)]);
        let bodies = |confirmed| -> Result<Vec<Document>, serde_json::Error> {
            let reversal = reverse(&[sent(confirmed)?], &now, |_| place());
            assert_eq!(reversal.diverged, []);
            Ok(reversal.steps.into_iter().map(|step| step.body).collect())
        };
        assert_eq!(bodies(false)?, [Document::parse(r#"{"brandNew":1}"#)?]);
        assert_eq!(bodies(true)?, []);
        Ok(())
    }

    #[test]
    fn answers_are_lost_when_a_deleted_question_comes_back() {
        let questions =
            |texts: &[&str]| Value::Questions(texts.iter().map(|text| Question::Custom((*text).to_owned())).collect());
        let change = |before, after| {
            loses_answers(&Change { setting: &security_questions::QUESTIONS, before, after, place: place() })
        };
        assert!(change(questions(&["a"]), questions(&["a", "b"])));
        assert!(!change(questions(&["a", "b"]), questions(&["a"])));
    }
}

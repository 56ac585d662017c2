//! One write of `conformance --write`: what it sends to a document as it is, how the document has to be afterwards, and what
//! the answer shows of the assumptions.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::conformance::fields::POLICY_FIELDS;
use crate::conformance::shape::{self, FoundShape};
use crate::conformance::state::{AssumptionState, reason_of_kind};
use crate::tenant::authentication_methods as entries;
use crate::tenant::document::Document;
use crate::tenant::error::TenantErrorKind;
use crate::tenant::facts::Migration;
use crate::tenant::surface::{Surface, WriteMode};

/// One write, as a row of a table. In `body`, `after`, `path` and `read` a `$word` is replaced by the id or the text of
/// [`TrialFacts::words`]. A value of `body` or `after` may be one of [`SPECIAL`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    /// The names of the assumptions that it shows, separated by spaces.
    pub(crate) ids: &'static str,
    /// In which tenants it is tried.
    pub(crate) needs: TrialNeeds,
    /// The document that it changes, or the kind of object.
    pub(crate) surface: Surface,
    pub(crate) method: &'static str,
    /// The path below the service's base.
    pub(crate) path: &'static str,
    /// The query, percent-encoded; empty for none.
    pub(crate) query: &'static str,
    /// A JSON object: the keys to change in a document that is written whole, else the body.
    pub(crate) body: &'static str,
    /// The keys that the document is sent without, separated by spaces.
    pub(crate) without: &'static str,
    /// Whether the body is announced as JSON.
    pub(crate) json: bool,
    /// The status of the answer.
    pub(crate) status: u16,
    /// The shape of the answer; empty for any.
    pub(crate) answer: &'static str,
    /// The keys that differ in the document afterwards, as JSON; `*` for those of the body, empty for none. For an object, the
    /// shape that it has, `gone`, or `none` for an empty list.
    pub(crate) after: &'static str,
    /// The path of the object that is read afterwards; empty for a document.
    pub(crate) read: &'static str,
    /// The word of [`TrialFacts::words`] for the id that the answer gives to a new object; empty for none.
    pub(crate) creates: &'static str,
    /// What else the document shows, before and after.
    pub(crate) also: Option<fn(&Document, &Document) -> bool>,
}

/// Values that depend on the document: the opposite, the same, the same in capitals, a registration campaign of another length,
/// and any value at all.
const SPECIAL: [&str; 5] = ["\"$not\"", "\"$same\"", "\"$upper\"", "\"$campaign\"", "\"$any\""];

/// In which tenants a write is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrialNeeds {
    Nothing,
    /// A licence that lets people reset.
    Licensed,
    /// No licence that lets people reset.
    Unlicensed,
    Premium,
    /// A legacy policy whose methods count.
    Legacy,
    /// A migration that has begun.
    Begun,
    /// A state of migration that is not null.
    Spelled,
    /// A directory that is not synchronised, and Entra ID P1.
    CloudOnly,
    /// A directory that is synchronised, and Entra ID P1.
    Synchronised,
    /// Keys in the password reset policy that no table has.
    FurtherKeys,
    /// A password reset policy without [`QUESTION`].
    WithoutQuestion,
}

/// What is known of the tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct TrialFacts {
    /// Whether licences let people reset, if that is known.
    pub(crate) reset: Option<bool>,
    /// Whether the tenant has Entra ID P1, if that is known.
    pub(crate) premium: Option<bool>,
    /// Whether the directory is synchronised, if that is known.
    pub(crate) synchronised: Option<bool>,
    pub(crate) migration: Option<Migration>,
    /// What the words of the table are replaced by.
    pub(crate) words: BTreeMap<&'static str, String>,
}

/// A write that is ready to be sent.
#[derive(Debug)]
pub(crate) struct PreparedTrial {
    pub(crate) path: String,
    pub(crate) query: &'static str,
    /// The body, with its words and special values replaced.
    pub(crate) body: Document,
    /// The text that is sent; empty for none.
    pub(crate) text: String,
    /// The document as it has to be afterwards.
    pub(crate) expected: Document,
    /// The path of the object to read; with its words where the answer gives the id.
    pub(crate) read: String,
    /// The configuration that is written, if it is one of many.
    entry: Option<String>,
    /// The keys that may have any value afterwards.
    ignored: Vec<String>,
}

/// What one write showed.
#[derive(Clone, Debug)]
pub(crate) struct TrialResult {
    pub(crate) ids: &'static str,
    pub(crate) state: AssumptionState,
    pub(crate) status: Option<u16>,
    pub(crate) found: Vec<FoundShape>,
}

const NONE: &str = "the tenant has none";
/// The one predefined question whose id is public.
const QUESTION: &str = "In what city was your first job?";

impl TrialNeeds {
    /// Why a write is not tried in a tenant with these facts and this document.
    fn unmet(self, facts: &TrialFacts, now: &Document) -> Option<&'static str> {
        let state = now.get::<Option<String>>("policyMigrationState", "a word").ok().flatten();
        let (met, reason) = match self {
            Self::Nothing => (true, ""),
            Self::Licensed => (facts.reset == Some(true), "people may not reset, or that is not known"),
            Self::Unlicensed => (facts.reset == Some(false), "people may reset, or that is not known"),
            Self::Premium => (facts.premium == Some(true), "the tenant lacks the licence"),
            Self::Legacy => (
                matches!(facts.migration, Some(Migration::PreMigration | Migration::InProgress)),
                "the tenant has migrated",
            ),
            Self::Begun => (
                state.is_some_and(|state| !state.eq_ignore_ascii_case("preMigration")),
                "the tenant has not begun its migration",
            ),
            Self::Spelled => (state.is_some(), "the tenant has no state of migration"),
            Self::CloudOnly => (
                facts.synchronised == Some(false) && facts.premium == Some(true),
                "the directory is synchronised, or that is not known",
            ),
            Self::Synchronised => (
                facts.synchronised == Some(true) && facts.premium == Some(true),
                "the directory is not synchronised, or that is not known",
            ),
            Self::FurtherKeys => {
                let known = |key: &str| shape::entries(POLICY_FIELDS).any(|(path, ..)| path == key);
                (now.keys().any(|key| !known(key)), NONE)
            }
            Self::WithoutQuestion => {
                let has = now.raw("securityQuestions").is_some_and(|list| list.contains(QUESTION));
                (!has, "the tenant has the question that would be added")
            }
        };
        (!met).then_some(reason)
    }
}

impl Trial {
    /// The write for a document as it is now; for an object the document is empty.
    ///
    /// # Errors
    /// Why it is not tried in this tenant.
    pub(crate) fn prepare(&self, facts: &TrialFacts, now: &Document) -> Result<PreparedTrial, &'static str> {
        if let Some(reason) = self.needs.unmet(facts, now) {
            return Err(reason);
        }
        let replace = |text: &str| with_words(text, facts).ok_or(NONE);
        let path = replace(self.path)?;
        let read = if self.creates.is_empty() { replace(self.read)? } else { self.read.to_owned() };
        let object = !self.read.is_empty();
        let entry = path.split_once("authenticationMethodConfigurations/").map(|(_, id)| id.to_owned());
        let base = match &entry {
            Some(id) => entries::entry(now, id).ok_or(NONE)?,
            None => now.clone(),
        };
        let parse = |text: &str| {
            let text = replace(if text.is_empty() { "{}" } else { text })?;
            Document::parse(&text.replace("$questions", &questions(&base))).map_err(|_| NONE)
        };
        let edits = parse(self.body)?;
        let (whole, mut ignored) = (self.surface.write_mode() == WriteMode::Replace, Vec::new());
        let without = |document: Document| self.without.split(' ').fold(document, |left, key| left.without(key));
        let start = if whole { without(base.clone()) } else { Document::default() };
        let body = if object { edits.clone() } else { resolved(start, &edits, &base, &mut ignored) };
        let after = match self.after {
            "*" => edits,
            _ if object => Document::default(),
            text => parse(text)?,
        };
        let expected = resolved(base, &after, &Document::default(), &mut ignored);
        let expected = match &entry {
            Some(id) => entries::with_entry(now, id, &expected),
            None => expected,
        };
        let text = match self.body.is_empty() && !whole {
            true => String::new(),
            // Every document serialises; an empty body would be refused, and the answer would say so.
            false => serde_json::to_string(&body).unwrap_or_default(),
        };
        let migrated = facts.migration == Some(Migration::Complete);
        let query = if whole && migrated && self.query.is_empty() { "byPassMethodCountCheck=true" } else { self.query };
        Ok(PreparedTrial { path, query, body, text, expected, read, entry, ignored })
    }

    /// What an answer shows of the assumptions, and whether the document was as it has to be afterwards.
    pub(crate) fn judge(
        &self,
        status: u16,
        refusal: Option<TenantErrorKind>,
        body: Option<&Value>,
        shown: bool,
    ) -> TrialResult {
        let hidden = refusal.filter(|kind| matches!(kind, TenantErrorKind::NoAccess(_) | TenantErrorKind::Unavailable));
        let found = body.filter(|_| status == self.status).map(|body| shape::compare(body, self.answer));
        let found = found.unwrap_or_default();
        let as_assumed = |one: &FoundShape| one.wrong.is_empty() && !one.seen.is_empty();
        let answered = self.answer.is_empty() || (!found.is_empty() && found.iter().all(as_assumed));
        let state = match hidden {
            Some(kind) if status != self.status => AssumptionState::NotSeen(reason_of_kind(kind)),
            _ if status == self.status && answered && shown => AssumptionState::Holds,
            _ => AssumptionState::Broken,
        };
        TrialResult { ids: self.ids, state, status: Some(status), found }
    }

    /// The result of a write that was not tried, for this reason.
    pub(crate) fn not_tried(&self, reason: &'static str) -> TrialResult {
        TrialResult { ids: self.ids, state: AssumptionState::NotSeen(reason), status: None, found: Vec::new() }
    }
}

impl PreparedTrial {
    /// The body as the journal has it, by which `rollback` recognises what it has changed: a configuration is named by its id,
    /// and a document that is written whole is as the service leaves it, whatever was left out or spelled otherwise.
    pub(crate) fn journaled(&self, surface: Surface) -> Document {
        match &self.entry {
            Some(id) => self.body.with("id", &Value::from(id.as_str())),
            None if surface.write_mode() == WriteMode::Replace && self.ignored.is_empty() => self.expected.clone(),
            None => self.body.clone(),
        }
    }

    /// Whether a document is as it has to be after the write.
    pub(crate) fn is_shown(&self, surface: Surface, now: &Document) -> bool {
        let volatile = surface.volatile_keys();
        let Some(id) = &self.entry else {
            let ignored: Vec<&str> = volatile.iter().copied().chain(self.ignored.iter().map(String::as_str)).collect();
            return self.expected.differing_keys(now, &ignored).is_empty();
        };
        let ignored: Vec<&str> = self.ignored.iter().map(String::as_str).collect();
        let entry = entries::entry(&self.expected, id).zip(entries::entry(now, id));
        let others = self.expected.differing_keys(now, volatile);
        others.iter().all(|key| key == id)
            && entry.is_some_and(|(expected, now)| expected.differing_keys(&now, &ignored).is_empty())
    }
}

/// What the writes together show of one assumption: one that is otherwise breaks it, one that was not tried leaves it unseen.
pub(crate) fn sum_up(id: &str, results: &[TrialResult]) -> Option<TrialResult> {
    let about: Vec<&TrialResult> = results.iter().filter(|one| one.ids.split(' ').any(|named| named == id)).collect();
    let broken = about.iter().find(|one| one.state == AssumptionState::Broken);
    let unseen = about.iter().find(|one| one.state != AssumptionState::Holds);
    let chosen = broken.or(unseen).or(about.last())?;
    Some((**chosen).clone())
}

/// A text with its words replaced; `None` if the tenant has nothing for one of them.
pub(crate) fn with_words(text: &str, facts: &TrialFacts) -> Option<String> {
    let mut replaced = text.to_owned();
    for (word, value) in &facts.words {
        replaced = replaced.replace(&format!("${word}"), value);
    }
    let special = SPECIAL.iter().fold(replaced.clone(), |left, word| left.replace(word, ""));
    (!special.contains("\"$") && !special.contains("/$")).then_some(replaced)
}

/// The questions of the password reset policy as the beginning of a list.
fn questions(policy: &Document) -> String {
    let list = policy.raw("securityQuestions").unwrap_or("[]").trim();
    let inner = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or_default().trim();
    if inner.is_empty() { String::new() } else { format!("{inner},") }
}

/// `document` with these edits. Special values are made of the value that `base` has under the key, or
/// else of that in `document`.
fn resolved(document: Document, edits: &Document, base: &Document, ignored: &mut Vec<String>) -> Document {
    edits.entries().fold(document, |document, (key, raw)| {
        let old = base.raw(key).or_else(|| document.raw(key)).unwrap_or("null").to_owned();
        let old: Value = serde_json::from_str(&old).unwrap_or_default();
        match raw {
            "\"$any\"" => {
                ignored.push(key.to_owned());
                document
            }
            "\"$same\"" => document.copy_key(key, base),
            "\"$not\"" => document.with(key, &opposite(&old)),
            "\"$upper\"" => document.with(key, &old.as_str().map_or(Value::Null, |word| word.to_uppercase().into())),
            "\"$campaign\"" => document.with(key, &other_campaign(old)),
            _ => document.with(key, &serde_json::from_str(raw).unwrap_or_default()),
        }
    })
}

fn opposite(old: &Value) -> Value {
    match old {
        Value::Bool(on) => (!on).into(),
        Value::String(word) if word == "enabled" => "disabled".into(),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => "enabled".into(),
    }
}

/// A registration campaign that may be put off for another number of days.
fn other_campaign(mut old: Value) -> Value {
    if let Some(days) = old.pointer_mut("/authenticationMethodsRegistrationCampaign/snoozeDurationInDays") {
        *days = (days.as_i64().unwrap_or_default() + 1).rem_euclid(15).into();
    }
    old
}

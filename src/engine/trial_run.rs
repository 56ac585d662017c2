//! Tries the writes of `conformance --write` in one tenant, one after the other, and puts everything back, also when it is
//! interrupted or an answer is lost. Each document is recorded in the journal before each write, so that after a crash
//! `rollback` can put it back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::apply::entry::{
    ApplyEnd, ApplyStarted, FORMAT_VERSION, JournalEvent, RequestResolved, RequestStarted, ResponseKind,
    ResponseReceived, WriteResult,
};
use crate::apply::journal::Journal;
use crate::apply::verify::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::base::clock::Stopwatch;
use crate::base::cloud::Cloud;
use crate::base::ids::{TenantId, TenantName};
use crate::client::{Operation, ProbeRequest, TenantWriter, TrialAnswer, TrialRequest};
use crate::conformance::answers::WrittenAnswers;
use crate::conformance::shape;
use crate::conformance::state::{LOST, reason_of};
use crate::conformance::table::all_trials;
use crate::conformance::trial::{PreparedTrial, Trial, TrialFacts, TrialResult, with_words};
use crate::tenant::api::ReadTenant;
use crate::tenant::document::Document;
use crate::tenant::error::WriteFailure;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

const INTERRUPTED: &str = "the run was interrupted";
const JOURNAL: &str = "the journal cannot be written";
const AUDIT: ProbeRequest<'static> = ProbeRequest {
    operation: Operation::Audit,
    path: "v1.0/auditLogs/directoryAudits",
    query: "$top=100",
    token: true,
    id: true,
};

/// What became of the writes.
#[derive(Debug)]
pub(crate) struct TrialSummary {
    /// How many were sent, without those that put things back.
    pub(crate) sent: usize,
    /// What could not be put back.
    pub(crate) left: Vec<LeftOver>,
    /// Where the documents are recorded as they were.
    pub(crate) journal: String,
}

/// Something that is not as it was before the run, or of which that is not known.
#[derive(Debug)]
pub(crate) struct LeftOver {
    /// The document, or the kind of object.
    pub(crate) surface: Surface,
    /// The keys of the document that differ, or the name of the object; empty if it cannot be read.
    pub(crate) what: Vec<String>,
}

/// Sends the writes of one run.
pub(crate) struct TrialRunner<'a> {
    pub(super) writer: &'a TenantWriter,
    pub(super) journal: &'a Journal,
    pub(super) tenant: TenantId,
    pub(super) facts: TrialFacts,
    pub(super) timeout: Duration,
    cancel: &'a CancellationToken,
    /// The documents as they were before the run, and as they were last read.
    pub(super) originals: BTreeMap<Surface, Document>,
    known: BTreeMap<Surface, Document>,
    /// Surfaces to which a request was sent.
    pub(super) touched: BTreeSet<Surface>,
    /// Surfaces that a request may still change.
    pub(super) unsure: BTreeSet<Surface>,
    requests: Vec<String>,
    changes: BTreeMap<Surface, usize>,
    /// How many requests the journal has.
    pub(super) recorded: usize,
}

impl<'a> TrialRunner<'a> {
    pub(crate) fn new(
        writer: &'a TenantWriter,
        journal: &'a Journal,
        tenant: TenantId,
        facts: TrialFacts,
        timeout: Duration,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            writer,
            journal,
            tenant,
            facts,
            timeout,
            cancel,
            originals: BTreeMap::new(),
            known: BTreeMap::new(),
            touched: BTreeSet::new(),
            unsure: BTreeSet::new(),
            requests: Vec::new(),
            changes: BTreeMap::new(),
            recorded: 0,
        }
    }

    /// Tries every write, reads the audit log, and puts everything back.
    pub(crate) async fn run(
        mut self,
        name: &TenantName,
        cloud: Cloud,
        snapshot: Snapshot,
    ) -> (WrittenAnswers, TrialSummary) {
        let unread = |surface: &Surface| snapshot.documents.get(surface).and_then(|read| read.as_ref().err()).cloned();
        let unread: BTreeMap<Surface, &'static str> =
            Surface::ALL.iter().filter_map(|surface| Some((*surface, reason_of(&unread(surface)?)))).collect();
        let read = snapshot.documents.into_iter().filter_map(|(surface, read)| Some((surface, read.ok()?)));
        self.originals = read.collect();
        self.known = self.originals.clone();
        self.find_words().await;
        let before = self.events().await;
        let started = JournalEvent::ApplyStarted(ApplyStarted {
            format_version: FORMAT_VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            tenant: name.to_string(),
            cloud: cloud.name().to_owned(),
            policy: "conformance --write".to_owned(),
            requests: all_trials().count(),
            sandbox: Some(self.journal.is_embedded()),
        });
        let mut stopped = self.journal.record(self.tenant, started).err().map(|_| JOURNAL);
        let mut results = Vec::new();
        for trial in all_trials() {
            if stopped.is_none() && self.cancel.is_cancelled() {
                stopped = Some(INTERRUPTED);
            }
            let reason = stopped.or(unread.get(&trial.surface).copied());
            results.push(match reason {
                Some(reason) => trial.not_tried(reason),
                None => match self.attempt(trial).await {
                    Ok(result) => result,
                    Err(reason) => {
                        stopped = Some(reason);
                        trial.not_tried(reason)
                    }
                },
            });
        }
        let after = self.events().await;
        let events = before.and_then(|before| {
            let known: BTreeSet<&str> = before.iter().filter_map(|event| event["id"].as_str()).collect();
            let is_new = |event: &Value| event["id"].as_str().is_some_and(|id| !known.contains(id));
            Ok(after?.into_iter().filter(is_new).collect())
        });
        let sent = self.requests.len();
        let left = self.put_back().await;
        let end = if left.is_empty() { ApplyEnd::RolledBack } else { ApplyEnd::RollbackIncomplete };
        self.journal.try_record(self.tenant, JournalEvent::ApplyEnded(end));
        let summary = TrialSummary { sent, left, journal: self.journal.path().display().to_string() };
        (WrittenAnswers { results, events, requests: self.requests, changes: self.changes }, summary)
    }

    /// Tries one write, unless the tenant lacks what the write needs.
    ///
    /// # Errors
    /// Why no further write may be sent.
    async fn attempt(&mut self, trial: &'static Trial) -> Result<TrialResult, &'static str> {
        let surface = trial.surface;
        let now = self.known.get(&surface).cloned().unwrap_or_default();
        let prepared = match trial.prepare(&self.facts, &now) {
            Err(reason) => return Ok(trial.not_tried(reason)),
            Ok(prepared) => prepared,
        };
        let is_document = trial.read.is_empty();
        if is_document {
            self.record(false, surface, &now, prepared.journaled(surface)).map_err(|_| JOURNAL)?;
        }
        let request = TrialRequest {
            surface,
            method: trial.method,
            path: prepared.path.clone(),
            query: prepared.query,
            body: prepared.text.clone(),
            json: trial.json,
        };
        self.touched.insert(surface);
        let answer = match self.writer.try_write(&request).await {
            Err(WriteFailure::NotSent(error)) => {
                self.answered(is_document, ResponseKind::Refused, Some(WriteResult::NotDone));
                return Ok(trial.not_tried(reason_of(&error)));
            }
            Err(WriteFailure::Sent(_)) => {
                self.answered(is_document, ResponseKind::Lost, None);
                self.unsure.insert(surface);
                return Err(LOST);
            }
            Ok(answer) => answer,
        };
        self.requests.push(answer.id.to_string());
        let accepted = answer.refusal.is_none();
        let kind = if accepted { ResponseKind::Accepted } else { ResponseKind::Refused };
        let body = serde_json::from_str::<Value>(&answer.text).ok();
        let shown = if is_document {
            let shown = self.read_until(trial, &prepared, &now).await;
            let changed = self.known.get(&surface).is_some_and(|after| differs(surface, &now, after));
            if changed && accepted {
                *self.changes.entry(surface).or_default() += 1;
            }
            // What was accepted and is not to be seen may still take effect; so may what a gateway gave up.
            if accepted && !(shown && changed) || answer.status >= 500 {
                self.unsure.insert(surface);
            }
            let result = if changed || accepted { WriteResult::Unverified } else { WriteResult::NotDone };
            self.answered(true, kind, Some(if shown && changed { WriteResult::Verified } else { result }));
            shown
        } else {
            self.add_word(trial, &answer, body.as_ref());
            self.object_is_shown(trial, &prepared).await
        };
        if !shown && self.cancel.is_cancelled() {
            return Err(INTERRUPTED);
        }
        Ok(trial.judge(answer.status, answer.refusal, body.as_ref(), shown))
    }

    /// Reads a document until it is as a write leaves it, at most as long as a write may take.
    async fn read_until(&mut self, trial: &Trial, prepared: &PreparedTrial, before: &Document) -> bool {
        let (watch, mut pause) = (Stopwatch::start(), FIRST_PAUSE);
        loop {
            if let Ok(now) = self.writer.read(trial.surface).await {
                let also = trial.also.is_none_or(|also| also(before, &now));
                let shown = prepared.is_shown(trial.surface, &now) && also;
                self.known.insert(trial.surface, now);
                if shown {
                    return true;
                }
            }
            if watch.elapsed() >= self.timeout || self.cancel.is_cancelled() {
                return false;
            }
            tokio::time::sleep(pause.min(self.timeout)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads an object until it is as a write leaves it.
    async fn object_is_shown(&self, trial: &Trial, prepared: &PreparedTrial) -> bool {
        let Some(path) = with_words(&prepared.read, &self.facts) else { return false };
        let operation = Operation::Read(trial.surface);
        let (watch, mut pause) = (Stopwatch::start(), FIRST_PAUSE);
        loop {
            let probe = ProbeRequest { operation, path: &path, query: "", token: true, id: true };
            if let Ok(answer) = self.writer.reader().probe(&probe).await {
                let body = serde_json::from_str::<Value>(&answer.text).unwrap_or_default();
                let complies =
                    |shape| shape::compare(&body, shape).iter().all(|one| one.wrong.is_empty() && !one.seen.is_empty());
                let shown = match trial.after {
                    "gone" => answer.status == 404,
                    "none" => body["value"].as_array().is_some_and(Vec::is_empty),
                    shape => answer.refusal.is_none() && complies(shape),
                };
                if shown {
                    return true;
                }
            }
            if watch.elapsed() >= self.timeout || self.cancel.is_cancelled() {
                return false;
            }
            tokio::time::sleep(pause.min(self.timeout)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Notes the id of an object that was created.
    fn add_word(&mut self, trial: &'static Trial, answer: &TrialAnswer, body: Option<&Value>) {
        let id = body.and_then(|body| body["id"].as_str()).filter(|id| Uuid::parse_str(id).is_ok());
        if let Some(id) = id.filter(|_| answer.refusal.is_none() && !trial.creates.is_empty()) {
            self.facts.words.insert(trial.creates, id.to_owned());
        }
    }

    /// Finds what the words of the table are replaced by: groups, a person, a configuration with a person among its targets.
    async fn find_words(&mut self) {
        let name = format!("ssprctl conformance {}", self.journal.run());
        self.facts.words.insert("name", name);
        self.facts.words.insert("long", "x".repeat(201));
        let groups = self.list(Operation::Groups, "v1.0/groups", "$select=id,securityEnabled&$top=999").await;
        let groups = groups.unwrap_or_default();
        let of_kind = |security: bool| {
            let fits = move |group: &&Value| group["securityEnabled"] == Value::Bool(security);
            groups.iter().filter(fits).filter_map(|group| id_of(&group["id"]))
        };
        let mut security = of_kind(true);
        let users = self.list(Operation::Accounts, "v1.0/users", "$select=id&$top=1").await.unwrap_or_default();
        let found = [
            ("group", security.next()),
            ("second", security.next()),
            ("plain", of_kind(false).next()),
            ("user", users.first().and_then(|user| id_of(&user["id"]))),
            ("config", self.configuration_with_person()),
        ];
        self.facts.words.extend(found.into_iter().filter_map(|(word, id)| Some((word, id?))));
        if let Some(group) = self.facts.words.get("group") {
            let many = vec![format!(r#"{{"id":"{group}","targetType":"group"}}"#); 300].join(",");
            self.facts.words.insert("many", many);
        }
    }

    /// A known method's configuration that has one person as a target.
    fn configuration_with_person(&self) -> Option<String> {
        let methods = self.originals.get(&Surface::AuthenticationMethods)?;
        let known = ["Sms", "Voice", "Email", "MicrosoftAuthenticator", "TemporaryAccessPass", "Fido2"];
        let has_person = |id: &&&str| {
            let entry = methods.raw(id).and_then(|raw| serde_json::from_str::<Value>(raw).ok()).unwrap_or_default();
            let targets = entry["includeTargets"].as_array().cloned().unwrap_or_default();
            targets.iter().any(|target| target["targetType"].as_str() == Some("user"))
        };
        known.iter().find(has_person).map(|id| (*id).to_owned())
    }

    /// The items of the first page of a list; `None` if it cannot be read.
    pub(super) async fn list(&self, operation: Operation, path: &str, query: &'static str) -> Option<Vec<Value>> {
        let probe = ProbeRequest { operation, path, query, token: true, id: true };
        let answer = self.writer.reader().probe(&probe).await.ok().filter(|answer| answer.refusal.is_none())?;
        let body: Value = serde_json::from_str(&answer.text).ok()?;
        body["value"].as_array().cloned()
    }

    async fn events(&self) -> Result<Vec<Value>, &'static str> {
        let answer = self.writer.reader().probe(&AUDIT).await.map_err(|error| reason_of(&error))?;
        if answer.refusal.is_some() {
            return Err("the credential may not read the audit log");
        }
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        Ok(body["value"].as_array().cloned().unwrap_or_default())
    }

    /// Writes to the journal that a request is about to be sent.
    ///
    /// # Errors
    /// When that is impossible; then it must not be sent.
    pub(super) fn record(
        &mut self,
        is_reversal: bool,
        surface: Surface,
        before: &Document,
        body: Document,
    ) -> std::io::Result<()> {
        let (request, settings) = (self.recorded, Vec::new());
        let started = RequestStarted { request, is_reversal, surface, settings, before: before.clone(), body };
        self.journal.record(self.tenant, JournalEvent::RequestStarted(started))?;
        self.recorded += 1;
        Ok(())
    }

    /// Writes to the journal what became of the request that was announced last.
    pub(super) fn answered(&self, is_recorded: bool, response: ResponseKind, result: Option<WriteResult>) {
        let Some(request) = self.recorded.checked_sub(1).filter(|_| is_recorded) else { return };
        let received = ResponseReceived { request, response, message: None };
        self.journal.try_record(self.tenant, JournalEvent::ResponseReceived(received));
        if let Some(result) = result {
            let resolved = RequestResolved { request, result, afterwards: false };
            self.journal.try_record(self.tenant, JournalEvent::RequestResolved(resolved));
        }
    }
}

/// The id, if it is one: nothing else of the tenant gets into a request.
fn id_of(value: &Value) -> Option<String> {
    value.as_str().filter(|id| Uuid::parse_str(id).is_ok()).map(str::to_owned)
}

/// Whether a document differs in more than what varies by itself.
pub(super) fn differs(surface: Surface, left: &Document, right: &Document) -> bool {
    !left.differing_keys(right, surface.volatile_keys()).is_empty()
}

//! Sends one request, from the check to the verification, and writes every part to the journal.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::apply::entry::{JournalEvent, RequestResolved, RequestStarted, ResponseKind, ResponseReceived, WriteResult};
use crate::apply::journal::Journal;
use crate::apply::options::ApplyOptions;
use crate::apply::outcome::StepResult;
use crate::apply::precondition;
use crate::apply::verify::{self, ReadUntil, Verification};
use crate::base::ids::TenantId;
use crate::plan::change::{Step, merge_by_setting};
use crate::plan::reversal::SentRequest;
use crate::tenant::api::WriteTenant;
use crate::tenant::document::Document;
use crate::tenant::error::{TenantError, TenantErrorKind, WriteFailure};
use crate::tenant::managed_object;
use crate::tenant::surface::{Surface, WriteMode};

/// How long the tenant is read after a write for which the service was too busy.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// Sends the requests of one tenant.
pub(crate) struct RequestSender<'a, T> {
    pub(crate) tenant: &'a T,
    pub(crate) id: TenantId,
    pub(crate) bounds: ApplyOptions<'a>,
    pub(crate) journal: &'a Journal,
    /// The documents as they were last seen.
    pub(crate) known: BTreeMap<Surface, Document>,
    /// Keys that somebody changed while requests were verified: no plan has seen their values.
    pub(crate) unplanned: BTreeMap<Surface, Vec<String>>,
    /// The document before each request, by the request's index.
    pub(crate) before: BTreeMap<usize, Document>,
}

/// A request with its place in the journal.
pub(crate) struct NumberedStep<'a> {
    pub(crate) index: usize,
    pub(crate) is_reversal: bool,
    pub(crate) step: &'a Step,
}

/// The result of a request that was to be sent.
pub(crate) struct SendResult {
    pub(crate) result: StepResult,
    /// The error with which the service refused the request, although the tenant shows the change.
    pub(crate) refused: Option<TenantError>,
}

impl From<StepResult> for SendResult {
    fn from(result: StepResult) -> Self {
        Self { result, refused: None }
    }
}

impl<T: WriteTenant> RequestSender<'_, T> {
    /// Checks again that the document is still what was last read, and sends the request if it is, and if it writes no key
    /// that somebody changed since the plan.
    pub(crate) async fn check_and_send(&mut self, request: NumberedStep<'_>) -> SendResult {
        let surface = request.step.surface;
        let mut keys = self.unplanned.get(&surface).cloned().unwrap_or_default();
        keys.retain(|key| writes_key(request.step, key));
        if !keys.is_empty() {
            return StepResult::Conflict { keys }.into();
        }
        match self.tenant.read(surface).await {
            Err(error) => StepResult::Failed(error).into(),
            Ok(now) => match precondition::changed_keys(surface, self.known.get(&surface), &now) {
                keys if keys.is_empty() => self.send(request).await,
                keys => StepResult::Conflict { keys }.into(),
            },
        }
    }

    /// Sends a request, whose document has just been read, once, and reads until its result is known.
    pub(crate) async fn send(&mut self, request: NumberedStep<'_>) -> SendResult {
        let NumberedStep { index, is_reversal, step } = request;
        let Some(before) = self.known.get(&step.surface).cloned() else {
            return StepResult::Conflict { keys: Vec::new() }.into();
        };
        let addressed = with_object_id(step, &before);
        let step = &addressed;
        // Without a line in the journal the request is not sent.
        if let Err(error) = self.record(request_started(index, is_reversal, step, &before)) {
            return StepResult::Failed(journal_failed(self.journal, &error)).into();
        }
        self.before.insert(index, before.clone());
        let response = self.tenant.write(step.surface, &step.body).await;
        self.try_record(response_received(index, &response));
        let error = match response {
            Ok(()) => None,
            Err(WriteFailure::Sent(error)) => Some(error),
            Err(WriteFailure::NotSent(error)) => {
                self.try_record(request_resolved(index, WriteResult::NotDone));
                return StepResult::Failed(error).into();
            }
        };
        let until = read_until(error.as_ref().map(|error| error.kind), self.bounds);
        let sent = SentRequest { surface: step.surface, before, body: step.body.clone(), confirmed: false };
        let Verification { result, now, always_unchanged } =
            verify::verify(self.tenant, step, &sent, until, self.bounds).await;
        let refused = error.clone().filter(|error| result.is_applied() && was_answered(error.kind));
        let result = match error {
            None => result,
            Some(error) => result_of_failed_write(result, error, always_unchanged, self.bounds),
        };
        let changed = match &result {
            StepResult::SideEffects { keys } => keys.clone(),
            // Nothing of the request is to be seen, so every key that changed meanwhile was changed by somebody else.
            StepResult::Failed(_) => now
                .as_ref()
                .map_or_else(Vec::new, |now| precondition::changed_keys(step.surface, Some(&sent.before), now)),
            StepResult::Verified
            | StepResult::Unverified { .. }
            | StepResult::Mismatch { .. }
            | StepResult::Conflict { .. }
            | StepResult::Interrupted
            | StepResult::Skipped { .. }
            | StepResult::Abandoned { .. } => Vec::new(),
        };
        self.unplanned.entry(step.surface).or_default().extend(changed);
        self.known.extend(now.map(|now| (step.surface, now)));
        self.try_record(request_resolved(index, write_result(&result)));
        SendResult { result, refused }
    }

    /// Writes an event to the journal before it happens. After an error it must not happen.
    pub(crate) fn record(&self, event: JournalEvent) -> io::Result<()> {
        self.journal.record(self.id, event)
    }

    /// Writes an event to the journal after it happened. An error is only logged, because the event cannot be undone:
    /// the next request fails at the same problem and is not sent.
    pub(crate) fn try_record(&self, event: JournalEvent) {
        self.journal.try_record(self.id, event);
    }
}

/// Whether a step that writes only a part of its document writes a key. A document that is written whole has one step.
fn writes_key(step: &Step, key: &str) -> bool {
    match step.surface.write_mode() {
        WriteMode::PerEntry => step.body.get::<String>("id", "the id of an entry").is_ok_and(|id| id == key),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::ManagedObject => {
            step.body.keys().any(|sent| sent.eq_ignore_ascii_case(key))
        }
    }
}

/// The step with the parts of its body that depend on the document as it is now.
fn with_object_id(step: &Step, now: &Document) -> Step {
    let body = match step.surface.write_mode() {
        WriteMode::ManagedObject => managed_object::with_id(&step.body, now),
        WriteMode::Replace | WriteMode::PerKey | WriteMode::Patch | WriteMode::PerEntry => step.body.clone(),
    };
    Step { body, ..step.clone() }
}

/// The result of a request that was sent without success, after the tenant was read. It has failed if no read
/// showed anything of it; if a read did, or the reads failed or were interrupted, what they showed is the result.
fn result_of_failed_write(
    result: StepResult,
    error: TenantError,
    always_unchanged: bool,
    bounds: ApplyOptions<'_>,
) -> StepResult {
    let answered = was_answered(error.kind);
    match result {
        StepResult::Unverified { pending: _, error: None } if always_unchanged && answered => StepResult::Failed(error),
        StepResult::Unverified { pending: _, error: None } if always_unchanged && !bounds.cancel.is_cancelled() => {
            let TenantError { kind, message, hint: _, request_id } = error;
            let message =
                format!("{message}; the tenant is still as it was before, {} s later", bounds.verify_timeout.as_secs());
            StepResult::Failed(TenantError { kind, message, hint: Some("apply again".to_owned()), request_id })
        }
        StepResult::Unverified { pending, error: read_error } => {
            StepResult::Unverified { pending, error: read_error.or(Some(error)) }
        }
        result => {
            if result.is_applied() {
                let message = &error.message;
                tracing::warn!(%message, "the tenant shows the change although the request was not accepted");
            }
            result
        }
    }
}

/// Whether the service answered a write with this error. Without an answer the request may still be on its way.
fn was_answered(kind: TenantErrorKind) -> bool {
    match kind {
        TenantErrorKind::NoAccess(_)
        | TenantErrorKind::Refused
        | TenantErrorKind::NotFound
        | TenantErrorKind::Unavailable => true,
        TenantErrorKind::OutcomeUnknown | TenantErrorKind::UnexpectedResponse => false,
    }
}

/// How long the tenant is read after a write, which had this error. A gateway that is busy may have passed the request on,
/// so it takes some seconds until a read proves that it did not.
fn read_until(error: Option<TenantErrorKind>, bounds: ApplyOptions<'_>) -> ReadUntil {
    let timeout = bounds.verify_timeout;
    match error {
        Some(TenantErrorKind::Unavailable) => ReadUntil { timeout: timeout.min(BUSY_WAIT), unchanged_is_enough: false },
        Some(kind) => ReadUntil { timeout, unchanged_is_enough: was_answered(kind) },
        None => ReadUntil { timeout, unchanged_is_enough: false },
    }
}

fn request_started(request: usize, is_reversal: bool, step: &Step, before: &Document) -> JournalEvent {
    let Step { surface, body, changes, waits_for: _ } = step;
    JournalEvent::RequestStarted(RequestStarted {
        request,
        is_reversal,
        surface: *surface,
        settings: merge_by_setting(changes).iter().map(|change| change.setting.name.to_owned()).collect(),
        before: before.clone(),
        body: body.clone(),
    })
}

fn response_received(request: usize, response: &Result<(), WriteFailure>) -> JournalEvent {
    let (response, message) = match response {
        Ok(()) => (ResponseKind::Accepted, None),
        Err(WriteFailure::NotSent(error) | WriteFailure::Sent(error)) => {
            let kind = if was_answered(error.kind) { ResponseKind::Refused } else { ResponseKind::Lost };
            (kind, Some(error.message.clone()))
        }
    };
    JournalEvent::ResponseReceived(ResponseReceived { request, response, message })
}

fn request_resolved(request: usize, result: WriteResult) -> JournalEvent {
    JournalEvent::RequestResolved(RequestResolved { request, result, afterwards: false })
}

fn write_result(result: &StepResult) -> WriteResult {
    match result {
        StepResult::Verified => WriteResult::Verified,
        StepResult::SideEffects { .. } => WriteResult::SideEffects,
        StepResult::Unverified { .. } | StepResult::Mismatch { .. } => WriteResult::Unverified,
        StepResult::Conflict { .. }
        | StepResult::Failed(_)
        | StepResult::Interrupted
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. } => WriteResult::NotDone,
    }
}

/// The error for a journal that cannot be written.
pub(crate) fn journal_failed(journal: &Journal, error: &io::Error) -> TenantError {
    let path = journal.path().display();
    TenantError::new(
        TenantErrorKind::Refused,
        format!("the journal {path} cannot be written: {error}; nothing was sent"),
    )
    .hint("make its folder writable, or name another one with --journal")
}

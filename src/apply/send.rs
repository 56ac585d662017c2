//! One request, from the fence to the proof, with every part of it in the journal.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::Ordering;

use crate::apply::bounds::Bounds;
use crate::apply::entry::{Answer, Answered, Became, Event, Sending, Settled};
use crate::apply::fence;
use crate::apply::journal::Journal;
use crate::apply::outcome::StepResult;
use crate::apply::verify;
use crate::base::ids::TenantId;
use crate::plan::change::{Step, whole};
use crate::plan::undo::{Sent, Standing, standing};
use crate::tenant::document::Document;
use crate::tenant::kept;
use crate::tenant::port::WriteTenant;
use crate::tenant::surface::{Manner, Surface};
use crate::tenant::trouble::{Trouble, TroubleKind};

/// What every request of one tenant needs.
pub(crate) struct Sender<'a, T> {
    pub(crate) tenant: &'a T,
    pub(crate) id: TenantId,
    pub(crate) bounds: Bounds<'a>,
    pub(crate) journal: &'a Journal,
    /// The documents as they were last seen.
    pub(crate) known: BTreeMap<Surface, Document>,
    /// What each request found before it, by the request's index.
    pub(crate) before: BTreeMap<usize, Document>,
}

/// A request with its place in the journal.
pub(crate) struct Numbered<'a> {
    pub(crate) index: usize,
    pub(crate) undoing: bool,
    pub(crate) step: &'a Step,
}

impl<T: WriteTenant> Sender<'_, T> {
    /// Looks once more whether the document is still what was last seen, and sends if it is.
    pub(crate) async fn fence_and_send(&mut self, request: Numbered<'_>) -> StepResult {
        let surface = request.step.surface;
        match self.tenant.read(surface).await {
            Err(trouble) => StepResult::Failed(trouble),
            Ok(now) => match fence::moved_keys(surface, self.known.get(&surface), &now) {
                keys if keys.is_empty() => self.send(request).await,
                keys => StepResult::Moved { keys },
            },
        }
    }

    /// Sends a request whose document has only just been seen, once, and reads until it is known what became of it.
    pub(crate) async fn send(&mut self, request: Numbered<'_>) -> StepResult {
        let Numbered { index, undoing, step } = request;
        let Some(before) = self.known.get(&step.surface).cloned() else {
            return StepResult::Moved { keys: Vec::new() };
        };
        let addressed = addressed(step, &before);
        let step = &addressed;
        // Nothing is sent of which there would be no trace.
        if let Err(error) = self.record(sending(index, undoing, step, &before)) {
            return StepResult::Failed(unrecorded(self.journal, &error));
        }
        self.before.insert(index, before.clone());
        let answer = self.tenant.write(step.surface, &step.body).await;
        self.note(answered(index, &answer));
        let lost = match answer {
            Ok(()) => None,
            Err(trouble) if takes_effect(trouble.kind) => Some(trouble),
            Err(trouble) => {
                self.note(settled(index, Became::NotDone));
                return StepResult::Failed(trouble);
            }
        };
        let sent = Sent { surface: step.surface, before, body: step.body.clone(), settled: false };
        let (result, now) = verify::verify(self.tenant, step, &sent, self.bounds).await;
        let result = settle(result, lost, now.as_ref().map(|now| standing(&sent, now)), self.bounds);
        self.known.extend(now.map(|now| (step.surface, now)));
        self.note(settled(index, became(&result)));
        result
    }

    /// Writes down what is about to happen.
    pub(crate) fn record(&self, event: Event) -> io::Result<()> {
        self.journal.record(self.id, event)
    }

    /// Writes down what has happened. It cannot be undone by not writing it down, so that a failure is only told: the next
    /// request will meet it again, and not be sent.
    pub(crate) fn note(&self, event: Event) {
        if let Err(error) = self.record(event) {
            tracing::warn!(journal = %self.journal.path().display(), %error, "the journal cannot be written");
        }
    }
}

/// The step with what its body has to name of the document as it is now.
fn addressed(step: &Step, now: &Document) -> Step {
    let body = match step.surface.manner() {
        Manner::Object => kept::addressed(&step.body, now),
        Manner::Whole | Manner::OneKey | Manner::Merge | Manner::Entries => step.body.clone(),
    };
    Step { body, ..step.clone() }
}

/// What is known of a request whose answer did not come, once the tenant was read. One that left no trace in all the time
/// allowed has failed; where the reading was cut short, or brought nothing, it stays open.
fn settle(result: StepResult, lost: Option<Trouble>, shown: Option<Standing>, bounds: Bounds<'_>) -> StepResult {
    match (result, lost) {
        (StepResult::Unverified { pending: _, trouble: None }, Some(lost))
            if shown == Some(Standing::AsBefore) && !bounds.stop.load(Ordering::Relaxed) =>
        {
            let Trouble { kind, message, hint: _, request } = lost;
            let message =
                format!("{message}; the tenant is still as it was before, {} s later", bounds.verify.as_secs());
            let hint = Some("apply again".to_owned());
            StepResult::Failed(Trouble { kind, message, hint, request })
        }
        (StepResult::Unverified { pending, trouble }, lost) => {
            StepResult::Unverified { pending, trouble: trouble.or(lost) }
        }
        (settled, _) => settled,
    }
}

/// Whether a write that met this may have taken effect all the same: settled by reading, never by sending again.
fn takes_effect(kind: TroubleKind) -> bool {
    match kind {
        TroubleKind::NoAccess(_) | TroubleKind::Refused | TroubleKind::NotFound | TroubleKind::Unavailable => false,
        TroubleKind::AnswerLost | TroubleKind::Unintelligible => true,
    }
}

fn sending(request: usize, undoing: bool, step: &Step, before: &Document) -> Event {
    let Step { surface, body, changes, waits_for: _ } = step;
    Event::Sending(Sending {
        request,
        undoing,
        surface: *surface,
        settings: whole(changes).iter().map(|change| change.setting.name.to_owned()).collect(),
        before: before.clone(),
        body: body.clone(),
    })
}

fn answered(request: usize, answer: &Result<(), Trouble>) -> Event {
    let (answer, message) = match answer {
        Ok(()) => (Answer::Accepted, None),
        Err(trouble) if takes_effect(trouble.kind) => (Answer::Lost, Some(trouble.message.clone())),
        Err(trouble) => (Answer::Refused, Some(trouble.message.clone())),
    };
    Event::Answered(Answered { request, answer, message })
}

fn settled(request: usize, result: Became) -> Event {
    Event::Settled(Settled { request, result, afterwards: false })
}

fn became(result: &StepResult) -> Became {
    match result {
        StepResult::Verified => Became::Verified,
        StepResult::Collateral { .. } => Became::Collateral,
        StepResult::Unverified { .. } | StepResult::Differs { .. } => Became::Unverified,
        StepResult::Moved { .. }
        | StepResult::Failed(_)
        | StepResult::Interrupted
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. } => Became::NotDone,
    }
}

/// Trouble with a journal that cannot be written.
pub(crate) fn unrecorded(journal: &Journal, error: &io::Error) -> Trouble {
    let path = journal.path().display();
    Trouble::new(TroubleKind::Refused, format!("the journal {path} cannot be written: {error}; nothing was sent"))
        .hint("make its folder writable, or name another one with --journal")
}

//! Rolls back the steps of an apply before the failed one, in the same way: check, journal, send, verify.

use crate::apply::outcome::{ApplyOutcome, RollbackOutcome, StepOutcome, StepResult};
use crate::apply::send::{NumberedStep, RequestSender, SendResult};
use crate::catalog::setting::Setting;
use crate::plan::change::Change;
use crate::plan::reversal::{SentRequest, WriteState, reverse, write_state};
use crate::tenant::api::WriteTenant;

/// Rolls back the steps that were applied, or may have been, the last one first. The outcome names what could not be
/// rolled back. When the run is asked to stop, nothing more is sent.
pub(crate) async fn roll_back<T: WriteTenant>(sender: &mut RequestSender<'_, T>, outcome: &mut ApplyOutcome) {
    let changes: Vec<Change> = outcome.steps.iter().flat_map(|done| done.step.changes.clone()).collect();
    let Some(first) = changes.first().cloned() else { return };
    let place = |setting: &Setting| {
        let shown = changes.iter().find(|change| change.setting.name == setting.name);
        shown.unwrap_or(&first).place.clone()
    };
    read_again(sender, outcome).await;
    // What others changed so far is known when the reversal is planned, and left as it is.
    sender.unplanned.clear();
    let back = reverse(&sent(sender, outcome), &sender.known, place);
    let mut rollback = RollbackOutcome { steps: Vec::new(), diverged: back.diverged };
    for (index, step) in back.steps.iter().enumerate() {
        let request = NumberedStep { index: outcome.steps.len() + index, is_reversal: true, step };
        let stop = sender.bounds.cancel.is_cancelled();
        let sent = if stop { StepResult::Interrupted.into() } else { sender.check_and_send(request).await };
        let SendResult { result, refused } = sent;
        rollback.steps.push(StepOutcome { step: step.clone(), result, refused });
    }
    outcome.rollback = Some(rollback);
}

/// Reads each document again that a request with an unknown outcome wrote; one that cannot be read is left.
async fn read_again<T: WriteTenant>(sender: &mut RequestSender<'_, T>, outcome: &ApplyOutcome) {
    let open = outcome.steps.iter().filter(|done| done.result.was_sent() && !done.result.is_applied());
    for surface in open.map(|done| done.step.surface) {
        match sender.tenant.read(surface).await {
            Ok(now) => sender.known.insert(surface, now),
            Err(_) => sender.known.remove(&surface),
        };
    }
}

/// The requests that were sent and may have taken effect, with the documents as they were before.
fn sent<T>(sender: &RequestSender<'_, T>, outcome: &ApplyOutcome) -> Vec<SentRequest> {
    let sent = outcome.steps.iter().enumerate().filter(|(_, done)| done.result.was_sent());
    let sent = sent.filter_map(|(index, done)| {
        let before = sender.before.get(&index)?.clone();
        let mut sent =
            SentRequest { surface: done.step.surface, before, body: done.step.body.clone(), confirmed: false };
        // A server that lags may have answered the last read without a write that was verified before: that is taken back, too.
        let shown = sender.known.get(&sent.surface).is_some_and(|now| write_state(&sent, now) == WriteState::Applied);
        sent.confirmed = done.result.is_applied() && shown;
        Some(sent)
    });
    sent.collect()
}

//! The loop around the rounds: it waits until something is due or requested.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::controller::event::Event;
use crate::controller::reconciler::TenantReconciler;
use crate::controller::round::Controller;
use crate::policy::repository::controller::ControllerConfig;

/// The longest wait. A clock that was changed, or a machine that was suspended, is noticed after this time.
const LONGEST: Duration = Duration::from_secs(60);
/// The shortest wait, so that the loop never runs without a pause.
const SHORTEST: Duration = Duration::from_secs(1);
/// How late the loop may be before it counts as dead.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// Runs rounds until it is asked to stop. Events are passed to `notify`, with the
/// repository's configuration of notifications.
pub(crate) async fn run(
    controller: &mut Controller<TenantReconciler<'_>>,
    mut notify: impl FnMut(Vec<Event>, &ControllerConfig),
) {
    let shared = controller.shared.clone();
    while !shared.signals.is_stopped() {
        let asked = shared.signals.start_round();
        shared.set_due(&asked.tenants, controller.clock.now());
        let events = controller.reconcile_due(asked.all).await;
        shared.signals.end_round();
        for event in events.iter().filter(|event| event.tenant.is_none()) {
            shared.log_entries().push(event.clone());
        }
        // Counting people may take long: neither what happened nor whoever asked for the round waits for it.
        if !events.is_empty() {
            notify(events, controller.config().unwrap_or(&ControllerConfig::default()));
        }
        let notices = controller.count_people().await;
        if !notices.is_empty() {
            notify(notices, controller.config().unwrap_or(&ControllerConfig::default()));
        }
        let now = controller.clock.now();
        shared.heartbeat(now, GRACE);
        shared.signals.wait(pause_until(controller.due(), now)).await;
    }
}

/// How long to wait for the next moment.
fn pause_until(due: Option<Timestamp>, now: Timestamp) -> Duration {
    let until = due.map(|due| Duration::try_from(due.duration_since(now)).unwrap_or_default());
    until.unwrap_or(LONGEST).clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_neither_endless_nor_nothing() -> Result<(), jiff::Error> {
        let now = Timestamp::UNIX_EPOCH;
        let due = |seconds| Timestamp::from_second(seconds).map(Some);
        for (due, expected) in [(None, 60), (due(-9)?, 1), (due(0)?, 1), (due(20)?, 20), (due(99_999)?, 60)] {
            assert_eq!(pause_until(due, now), Duration::from_secs(expected), "{due:?}");
        }
        Ok(())
    }
}

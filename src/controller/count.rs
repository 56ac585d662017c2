//! Counts the people of each tenant once a day with what `forecast` uses, which also records the counts of the day for later
//! forecasts.

use futures::{StreamExt, stream};
use jiff::SignedDuration;

use crate::controller::condition::Reason;
use crate::controller::event::Event;
use crate::controller::people::PeopleStatus;
use crate::controller::reconcile::{Reconcile, TenantPolicy};
use crate::controller::reconciler::{TenantReconciler, error_message};
use crate::controller::round::{ActiveRevision, Controller};
use crate::engine::forecast::{ForecastQuestion, ForecastRange, forecast_all};

/// How long the loop may take to count the people of one tenant before it counts as stuck. The registration report of a
/// million users takes about 35 minutes.
const STALL_AFTER: SignedDuration = SignedDuration::from_hours(2);

impl Controller<TenantReconciler<'_>> {
    /// Counts the people of every tenant where that is due, at most `parallel` tenants at once. Returns the
    /// events to notify people of.
    pub(crate) async fn count_people(&self) -> Vec<Event> {
        let Some(ActiveRevision { revision, loaded }) = &self.active else { return Vec::new() };
        let works = loaded.tenants.iter().map(|TenantPolicy { tenant, policy, .. }| async move {
            let event = |message: String| Event {
                tenant: Some(tenant.clone()),
                revision: revision.clone(),
                reason: Reason::LosesReset,
                well: false,
                message,
                drift: Vec::new(),
                at: self.clock.now(),
            };
            self.count_tenant(tenant, revision, policy).await.into_iter().map(event).collect()
        });
        let counted: Vec<Vec<Event>> = stream::iter(works).buffer_unordered(self.parallel.max(1)).collect().await;
        let events = counted.concat();
        for event in &events {
            self.shared.log_entries().push(event.clone());
        }
        events
    }

    /// Counts the people of one tenant into its state, if that is due. Returns the notices.
    async fn count_tenant(
        &self,
        tenant: &str,
        revision: &str,
        (desired, config): &<TenantReconciler<'_> as Reconcile>::Spec,
    ) -> Vec<String> {
        let (context, today, now) = (self.work.context, self.work.today(), self.clock.now());
        if !self.work.count_people {
            // Numbers of an earlier run would become old, and the notices of one are not sent again.
            self.with(tenant, |state| state.people.as_mut().map(PeopleStatus::forget_counts));
            return Vec::new();
        }
        let is_due =
            self.with(tenant, |state| !state.is_suspended() && state.people.get_or_insert_default().is_due(today, now));
        if self.shared.signals.is_stopped() || is_due != Some(true) {
            return Vec::new();
        }
        self.shared.heartbeat(now, STALL_AFTER);
        // The share is one that only `forecast` speaks about.
        let question = ForecastQuestion { range: ForecastRange::Until(None), by: None, ready: 90 };
        let config = config.on_date(today);
        let counting = forecast_all(context, vec![desired.clone()], &config, question);
        let counted = context.cancel.run_until_cancelled(counting).await.and_then(|mut tenants| tenants.pop());
        let Some(counted) = counted.map(|counted| counted.result) else { return Vec::new() };
        let now = self.clock.now();
        let notices = self.with(tenant, |state| {
            let people = state.people.get_or_insert_default();
            match counted {
                Ok(forecast) => people.set_counted(&forecast.counts, revision, today, now),
                Err(error) => {
                    let why = error_message(&error);
                    tracing::warn!("the people of {tenant} were not counted: {why}");
                    people.set_failed(why, today, now);
                    Vec::new()
                }
            }
        });
        self.shared.save();
        notices.unwrap_or_default()
    }
}

//! Metrics for Prometheus. Counters live as long as the process; gauges are computed from the state on each scrape, so
//! that a removed tenant leaves no series. The values of labels are closed lists, except for the tenant's name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use prometheus::core::Collector;
use prometheus::{
    Encoder, Gauge, GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder,
};

use crate::controller::condition::{ConditionStatus, Conditions};
use crate::controller::reconcile::ReconcileOutcome;
use crate::controller::state::{ControllerState, TenantState};
use crate::policy::repository::controller::ReceiverKind;
use crate::tenant::surface::Service;

/// Upper bounds of the histogram's buckets, in seconds.
const BUCKETS: [f64; 10] = [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// Counters since the process started.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    durations: HistogramVec,
    reconciles: IntCounterVec,
    written: IntCounter,
    fetches: IntCounterVec,
    notifications: IntCounterVec,
    sign_ins: Mutex<BTreeMap<String, Vec<(Service, Timestamp)>>>,
}

/// Facts of the process that are not in the state.
#[derive(Clone, Copy, Debug)]
pub struct ProcessInfo {
    /// When the process started.
    pub started: Timestamp,
    /// Whether it may write.
    pub remediate: bool,
    /// Whether the tenants are the embedded ones of `--sandbox`.
    pub sandbox: bool,
    /// Whether it counts people (`--count-people`).
    pub count_people: bool,
}

impl Metrics {
    /// Creates and registers every metric.
    ///
    /// # Errors
    /// Never: the names are fixed and valid. The type says so because the library does.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| IntCounterVec::new(Opts::new(name, help), labels);
        let options = HistogramOpts::new(
            "ssprctl_reconcile_duration_seconds",
            "Duration of a reconciliation, writes and verification included.",
        );
        let metrics = Self {
            durations: HistogramVec::new(options.buckets(BUCKETS.to_vec()), &["outcome"])?,
            reconciles: counter("ssprctl_reconciles_total", "Reconciliations by outcome.", &["outcome"])?,
            written: IntCounter::new("ssprctl_settings_written_total", "Settings that were written and verified.")?,
            fetches: counter("ssprctl_source_fetches_total", "Reads of the source by outcome.", &["outcome"])?,
            notifications: counter(
                "ssprctl_notifications_total",
                "Notifications by outcome.",
                &["receiver", "outcome"],
            )?,
            sign_ins: Mutex::default(),
            registry,
        };
        let collectors: [Box<dyn Collector>; 5] = [
            Box::new(metrics.durations.clone()),
            Box::new(metrics.reconciles.clone()),
            Box::new(metrics.written.clone()),
            Box::new(metrics.fetches.clone()),
            Box::new(metrics.notifications.clone()),
        ];
        for collector in collectors {
            metrics.registry.register(collector)?;
        }
        metrics.begin();
        Ok(metrics)
    }

    /// Initializes every series with 0: for Prometheus, a series that first appears with 1 is no increase.
    fn begin(&self) {
        for outcome in OUTCOMES {
            self.reconciles.with_label_values(&[outcome]).inc_by(0);
        }
        for outcome in ["ok", "failed"] {
            self.fetches.with_label_values(&[outcome]).inc_by(0);
        }
        for receiver in [ReceiverKind::Teams, ReceiverKind::Slack, ReceiverKind::Webhook] {
            for outcome in ["delivered", "failed"] {
                self.notifications.with_label_values(&[word(receiver), outcome]).inc_by(0);
            }
        }
    }

    /// Counts a reconciliation and its duration.
    pub fn reconciled(&self, outcome: &ReconcileOutcome, took: Duration) {
        let label = metric_label(outcome);
        self.durations.with_label_values(&[label]).observe(took.as_secs_f64());
        self.reconciles.with_label_values(&[label]).inc();
        if let ReconcileOutcome::Applied(settings) = outcome {
            self.written.inc_by(*settings as u64);
        }
    }

    /// Sets when the saved sign-ins of a tenant expire unless they are used before.
    pub(crate) fn signed_in(&self, tenant: &str, ends: Vec<(Service, Timestamp)>) {
        self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), ends);
    }

    /// When the saved sign-ins of a tenant expire; `None` if it was not reconciled since the process started.
    pub(crate) fn sign_ins_of(&self, tenant: &str) -> Option<Vec<(Service, Timestamp)>> {
        self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    /// Counts a read of the source.
    pub(crate) fn fetched(&self, well: bool) {
        self.fetches.with_label_values(&[if well { "ok" } else { "failed" }]).inc();
    }

    pub(crate) fn notified(&self, receiver: ReceiverKind, delivered: bool) {
        let outcome = if delivered { "delivered" } else { "failed" };
        self.notifications.with_label_values(&[word(receiver), outcome]).inc();
    }

    /// Everything in the text format of Prometheus.
    ///
    /// # Errors
    /// Never for what is in it; the type says so because the library does.
    pub fn text(&self, state: &ControllerState, facts: ProcessInfo) -> Result<String, prometheus::Error> {
        let mut families = self.registry.gather();
        families.extend(now(state, facts)?.gather());
        families.extend(self.ends(state)?.gather());
        families.sort_by(|a, b| a.name().cmp(b.name()));
        let mut text = Vec::new();
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

impl Metrics {
    /// Gauges of the saved sign-ins of the current tenants.
    fn ends(&self, state: &ControllerState) -> Result<Registry, prometheus::Error> {
        let registry = Registry::new();
        let help = "Expiry of a saved sign-in unless it is used before.";
        let gauge = GaugeVec::new(Opts::new("ssprctl_sign_in_expiry_timestamp_seconds", help), &["tenant", "service"])?;
        registry.register(Box::new(gauge.clone()))?;
        let sign_ins = self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, ends) in sign_ins.iter().filter(|(tenant, _)| state.tenants.contains_key(*tenant)) {
            for (system, ends) in ends {
                let service = match system {
                    Service::Portal => "portal",
                    Service::Graph => "graph",
                };
                gauge.with_label_values(&[tenant.as_str(), service]).set(seconds(*ends));
            }
        }
        Ok(registry)
    }
}

const OUTCOMES: [&str; 5] = ["in_line", "differs", "applied", "failed", "interrupted"];

fn metric_label(outcome: &ReconcileOutcome) -> &'static str {
    let [in_sync, differs, applied, failed, interrupted] = OUTCOMES;
    match outcome {
        ReconcileOutcome::InSync => in_sync,
        ReconcileOutcome::Differs => differs,
        ReconcileOutcome::Applied(_) => applied,
        ReconcileOutcome::Failed(_) => failed,
        ReconcileOutcome::Interrupted => interrupted,
    }
}

fn word(receiver: ReceiverKind) -> &'static str {
    match receiver {
        ReceiverKind::Teams => "teams",
        ReceiverKind::Slack => "slack",
        ReceiverKind::Webhook => "webhook",
    }
}

/// Gauges of the current state.
fn now(state: &ControllerState, facts: ProcessInfo) -> Result<Registry, prometheus::Error> {
    let registry = Registry::new();
    let gauge = |name: &str, help: &str, labels: &[&str]| -> Result<GaugeVec, prometheus::Error> {
        let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
        registry.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    };
    gauge("ssprctl_build_info", "The version of the program.", &["version"])?
        .with_label_values(&[env!("CARGO_PKG_VERSION")])
        .set(1.0);
    let one = |name: &str, help: &str, value: f64| -> Result<(), prometheus::Error> {
        let gauge = Gauge::new(name, help)?;
        gauge.set(value);
        registry.register(Box::new(gauge))
    };
    one("ssprctl_start_timestamp_seconds", "When the process started.", seconds(facts.started))?;
    one("ssprctl_remediation_enabled", "Whether tenants are written.", truth(facts.remediate))?;
    one("ssprctl_tenants", "Number of tenants with a policy.", state.tenants.len() as f64)?;
    let source = gauge("ssprctl_source_condition", "Conditions of the source.", &["type", "status"])?;
    conditions(&state.source.conditions, |labels, value| source.with_label_values(&labels).set(value));
    let tenants = gauge("ssprctl_reconcile_condition", "Conditions of a tenant.", &["tenant", "type", "status"])?;
    let drifted = gauge("ssprctl_drifted_settings", "Settings that differ from the policy.", &["tenant"])?;
    let pending = gauge("ssprctl_pending_settings", "Settings of which only the policy changed.", &["tenant"])?;
    let waits = gauge("ssprctl_waiting_for_ring", "Whether a tenant waits for an earlier ring.", &["tenant"])?;
    let suspended = gauge("ssprctl_suspended", "Whether a tenant is suspended.", &["tenant"])?;
    let failures = gauge("ssprctl_consecutive_failures", "Failures since the last success.", &["tenant"])?;
    let attempted = gauge("ssprctl_last_reconcile_timestamp_seconds", "When a tenant was last compared.", &["tenant"])?;
    let people = gauge("ssprctl_people", "People by state, at a moment.", &["tenant", "state", "at"])?;
    let losing =
        gauge("ssprctl_people_losing", "People who could reset until then and no longer can.", &["tenant", "at"])?;
    let counted = gauge("ssprctl_people_counted_timestamp_seconds", "When people were counted.", &["tenant"])?;
    let next = gauge("ssprctl_next_calendar_date_timestamp_seconds", "The next date of the calendar.", &["tenant"])?;
    let failed_counts = gauge("ssprctl_people_count_failed", "Whether people could not be counted.", &["tenant"])?;
    for (name, tenant) in &state.tenants {
        let TenantState { conditions: held, drift, failures: failed, last_attempted, .. } = tenant;
        conditions(held, |[kind, status], value| tenants.with_label_values(&[name, kind, status]).set(value));
        let waiting = drift.iter().filter(|one| one.pending).count();
        drifted.with_label_values(&[name]).set((drift.len() - waiting) as f64);
        pending.with_label_values(&[name]).set(waiting as f64);
        waits.with_label_values(&[name]).set(truth(tenant.waits_for_ring.is_some()));
        suspended.with_label_values(&[name]).set(truth(tenant.is_suspended()));
        failures.with_label_values(&[name]).set(f64::from(*failed));
        if let Some(mark) = last_attempted {
            attempted.with_label_values(&[name]).set(seconds(mark.at));
        }
        let Some(known) = tenant.people() else { continue };
        if known.counts.is_some() || known.error.is_some() {
            failed_counts.with_label_values(&[name]).set(truth(known.error.is_some()));
        }
        let Some(counts) = &known.counts else { continue };
        counted.with_label_values(&[name]).set(seconds(counts.counted));
        for (at, moment) in counts.moments() {
            losing.with_label_values(&[name, at]).set(moment.losing as f64);
            for (state, many) in &moment.states {
                people.with_label_values(&[name, state, at]).set(*many as f64);
            }
        }
        if let Some(date) = &counts.next_calendar_date {
            let begins = TimeZone::UTC.to_timestamp(date.date.at(0, 0, 0, 0)).map_or(0.0, seconds);
            next.with_label_values(&[name]).set(begins);
        }
    }
    Ok(registry)
}

/// Sets one sample for each condition and status: 1 for the current status, 0 for the others, so
/// that no series disappears.
fn conditions(conditions: &Conditions, mut set: impl FnMut([&str; 2], f64)) {
    for (kind, condition) in conditions.named() {
        for status in ConditionStatus::ALL {
            set([kind, status.name()], truth(condition.status == status));
        }
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

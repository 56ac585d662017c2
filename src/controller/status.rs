//! The document of `/status`.

use std::collections::BTreeMap;
use std::ops::Not;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::controller::condition::{ConditionStatus, Reason};
use crate::controller::shared::SharedState;
use crate::controller::state::{ControllerState, SourceState, TenantState};
use crate::controller::wakeup::RoundCount;
use crate::policy::schema;

/// The status of the controller, its source and its tenants, as `/status` answers it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl controller status")]
pub(crate) struct Status {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The version of the program.
    pub(crate) version: String,
    /// When the process started (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(crate) started: Timestamp,
    /// Whether it may write (`--remediate`).
    pub(crate) remediate: bool,
    /// `true` where the tenants are the embedded ones of `--sandbox`, not real ones; absent elsewhere.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) sandbox: bool,
    /// Whether policies are active and every tenant was reconciled once.
    pub(crate) ready: bool,
    /// The rounds of the loop since the process started.
    pub(crate) rounds: RoundCount,
    /// The number of tenants by state.
    summary: StatusSummary,
    /// Where the policies come from.
    pub(crate) source: SourceState,
    /// Each tenant, as its policy names it.
    pub(crate) tenants: BTreeMap<String, TenantState>,
}

/// The number of tenants by state. Each is counted once: a suspended tenant is neither in sync nor differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusSummary {
    /// How many there are.
    tenants: usize,
    /// In sync with their policies.
    #[serde(rename = "inLine")]
    in_sync: usize,
    /// Of those in sync, the ones of which a fact could not be read.
    #[serde(default)]
    in_sync_as_read: usize,
    /// Known to differ from their policies.
    differing: usize,
    /// Of those that differ, the ones that wait for an earlier ring.
    waiting_for_ring: usize,
    /// Failing, and retried.
    failing: usize,
    /// Stalled until somebody changes something.
    stalled: usize,
    /// Not reconciled yet.
    unknown: usize,
    /// Suspended by somebody or by `ssprctl.yaml`.
    suspended: usize,
}

/// The document of `/status`.
#[must_use]
pub(crate) fn status(shared: &SharedState) -> Status {
    let mut state: ControllerState = shared.state().clone();
    // The digests of notifications are only for the controller itself.
    state.source.notified = None;
    state.tenants.values_mut().for_each(|tenant| tenant.notified = None);
    Status {
        format_version: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: shared.facts.started,
        remediate: shared.facts.remediate,
        sandbox: shared.facts.sandbox,
        ready: shared.is_ready(),
        rounds: shared.signals.rounds(),
        summary: summary(&state),
        source: state.source,
        tenants: state.tenants,
    }
}

fn summary(state: &ControllerState) -> StatusSummary {
    let mut sum = StatusSummary { tenants: state.tenants.len(), ..StatusSummary::default() };
    for tenant in state.tenants.values() {
        if tenant.is_suspended() {
            sum.suspended += 1;
            continue;
        }
        let is_in_sync = tenant.conditions.ready.status == ConditionStatus::True;
        sum.in_sync_as_read += usize::from(is_in_sync && !tenant.unread.is_empty());
        sum.waiting_for_ring += usize::from(tenant.waits_for_ring.is_some());
        let ready = &tenant.conditions.ready;
        let count = match (ready.status, ready.reason) {
            (ConditionStatus::Unknown, _) => &mut sum.unknown,
            (ConditionStatus::True, _) => &mut sum.in_sync,
            (ConditionStatus::False, Reason::Drifted | Reason::Pending | Reason::Frozen) => &mut sum.differing,
            (ConditionStatus::False, _) if tenant.conditions.stalled.status == ConditionStatus::True => {
                &mut sum.stalled
            }
            (ConditionStatus::False, _) => &mut sum.failing,
        };
        *count += 1;
    }
    sum
}

/// The JSON Schema of [`Status`].
#[must_use]
pub(crate) fn status_schema() -> Json {
    schema::of::<Status>()
}

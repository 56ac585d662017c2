//! The document of `/status`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::controller::condition::{ConditionStatus, Reason};
use crate::controller::shared::SharedState;
use crate::controller::state::{ControllerState, SourceState, TenantState};
use crate::policy::schema;

/// How the controller and everything it follows is, as `/status` tells it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl controller status")]
pub(crate) struct Status {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The version of the program.
    version: String,
    /// When the process started (RFC 3339, UTC).
    #[schemars(with = "String", extend("format" = "date-time"))]
    started: Timestamp,
    /// Whether it may write (`--remediate`).
    remediate: bool,
    /// Whether policies are in force and every tenant was looked at once.
    ready: bool,
    /// What the tenants add up to.
    summary: StatusSummary,
    /// Where the policies come from.
    source: SourceState,
    /// Each tenant, as its policy names it.
    tenants: BTreeMap<String, TenantState>,
}

/// What the tenants add up to. Each is counted once, but for those that are suspended, which are also counted as what they
/// were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusSummary {
    /// How many there are.
    tenants: usize,
    /// As their policies say.
    in_line: usize,
    /// Not as their policies say, and known.
    differing: usize,
    /// Failing, and tried again.
    failing: usize,
    /// Waiting for somebody to change something.
    stalled: usize,
    /// Not looked at yet.
    unknown: usize,
    /// Left alone.
    suspended: usize,
}

/// The document of `/status`.
#[must_use]
pub(crate) fn status(shared: &SharedState) -> Status {
    let mut state: ControllerState = shared.state().clone();
    // What people were told is of use to the controller alone.
    state.source.notified = None;
    state.tenants.values_mut().for_each(|tenant| tenant.notified = None);
    Status {
        format_version: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: shared.facts.started,
        remediate: shared.facts.remediate,
        ready: shared.is_ready(),
        summary: summary(&state),
        source: state.source,
        tenants: state.tenants,
    }
}

fn summary(state: &ControllerState) -> StatusSummary {
    let mut sum = StatusSummary { tenants: state.tenants.len(), ..StatusSummary::default() };
    for tenant in state.tenants.values() {
        sum.suspended += usize::from(tenant.is_suspended());
        let ready = &tenant.conditions.ready;
        let count = match (ready.status, ready.reason) {
            (ConditionStatus::Unknown, _) => &mut sum.unknown,
            (ConditionStatus::True, _) => &mut sum.in_line,
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

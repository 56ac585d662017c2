//! Who changed the settings that drifted, by the tenant's audit log.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};

use crate::client::TenantReader;
use crate::engine::context::RunContext;
use crate::engine::drift_state;
use crate::plan::attribution::{self, Attribution};
use crate::plan::change::Plan;

/// Who changed each setting that drifted, by the setting's name. The log is asked only about those settings; an error of the
/// log is part of the answer. Observes the plan in the drift state.
pub(crate) async fn attribute_drift(
    context: &RunContext,
    log: &TenantReader,
    plan: &Plan,
) -> BTreeMap<&'static str, Attribution> {
    let drifted = attribution::drifted_settings(plan, &drift_state::observe(context, plan));
    // One after another: the service allows five requests in ten seconds.
    let queries = stream::iter(attribution::queries(&drifted));
    let answers: Vec<_> = queries
        .then(async |query| {
            let answer = log.audit(&query).await;
            (query, answer)
        })
        .collect()
        .await;
    let now = context.clock.now();
    drifted.iter().map(|one| (one.setting.name, attribution::attribute(one, &answers, now))).collect()
}

//! Builds plans: from a policy and a snapshot, or from the requests that a rollback reverses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::base::cloud::Cloud;
use crate::base::finding::Finding;
use crate::base::ids::{TenantId, TenantName};
use crate::base::source::{Place, Source, Span};
use crate::catalog::desired::Desired;
use crate::plan::change::Plan;
use crate::plan::reversal::{DivergedKeys, Reversal, SentRequest};
use crate::plan::{actual, diff, effects, order, references, reversal};
use crate::tenant::error::TenantError;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// The plan that brings a tenant in sync with a policy, and the findings that need the tenant, such as a group that does not
/// exist. A plan whose findings are errors must not be applied.
#[must_use]
pub fn build(desired: &Desired, snapshot: &Snapshot) -> (Plan, Vec<Finding>) {
    let difference = diff::diff(desired, snapshot);
    let read = snapshot.documents.iter().filter_map(|(surface, found)| Some((*surface, found.as_ref().ok()?.clone())));
    let seen = read.collect();
    let effects = effects::effective_after(snapshot, &difference.changes);
    let plan = Plan {
        tenant: desired.tenant.clone(),
        tenant_id: snapshot.tenant,
        cloud: desired.cloud,
        source: desired.source.clone(),
        files: desired.files(),
        taken: snapshot.taken,
        steps: order::order_steps(difference.changes, &seen),
        seen,
        unchanged: difference.unchanged,
        unmanaged: desired.unmanaged().collect(),
        skipped: desired.left_out.clone(),
        unknown: difference.unknown,
        actual: actual::actual_values(snapshot),
        effects_now: effects::effective_now(snapshot),
        effects,
        ended: Vec::new(),
        unread: snapshot.facts.unread.clone(),
        new_keys: snapshot.unknown_keys(),
        rolled_back: BTreeSet::new(),
        group_names: references::names(snapshot),
    };
    (plan, difference.findings)
}

impl Plan {
    /// The plan of a tenant that is not read: it has no step, no setting and no document.
    #[must_use]
    pub(crate) fn empty(
        tenant: TenantName,
        tenant_id: TenantId,
        cloud: Cloud,
        source: &Arc<Source>,
        taken: Timestamp,
    ) -> Self {
        Self {
            tenant,
            tenant_id,
            cloud,
            source: Arc::clone(source),
            files: Vec::new(),
            taken,
            steps: Vec::new(),
            seen: BTreeMap::new(),
            unchanged: Vec::new(),
            unmanaged: Vec::new(),
            skipped: Vec::new(),
            unknown: Vec::new(),
            actual: BTreeMap::new(),
            effects_now: Vec::new(),
            effects: Vec::new(),
            ended: Vec::new(),
            unread: Vec::new(),
            new_keys: Vec::new(),
            rolled_back: BTreeSet::new(),
            group_names: BTreeMap::new(),
        }
    }

    /// The plan that reverses the requests of earlier runs, with the keys that it leaves because somebody has changed
    /// them since. `source` names the policy that the runs applied. The plan manages no settings, and it predicts no
    /// effects of its changes.
    ///
    /// # Errors
    /// When a document that was written cannot be read.
    pub(crate) fn for_rollback(
        sent: &[SentRequest],
        snapshot: &Snapshot,
        cloud: Cloud,
        source: &Arc<Source>,
    ) -> Result<(Self, Vec<DivergedKeys>), TenantError> {
        let mut seen = BTreeMap::new();
        for request in sent {
            seen.insert(request.surface, snapshot.document(request.surface)?.clone());
        }
        // How the password reset policy is written depends on how far the tenant has migrated.
        let methods = Surface::AuthenticationMethods;
        seen.extend(snapshot.document(methods).ok().map(|document| (methods, document.clone())));
        let place = Place { source: Arc::clone(source), span: Span { start: 0, end: 0 } };
        let Reversal { steps, diverged } = reversal::reverse(sent, &seen, |_| place.clone());
        let plan = Self {
            steps,
            seen,
            actual: actual::actual_values(snapshot),
            new_keys: snapshot.unknown_keys(),
            rolled_back: sent.iter().map(|request| request.surface).collect(),
            group_names: references::names(snapshot),
            ..Self::empty(TenantName::Id(snapshot.tenant), snapshot.tenant, cloud, source, snapshot.taken)
        };
        Ok((plan, diverged))
    }
}

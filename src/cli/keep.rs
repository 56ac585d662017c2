//! What the controller does with tenants: the same as `drift` and `apply`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::apply::journal::Journal;
use crate::base::digest::hash_texts;
use crate::catalog::desired::Desired;
use crate::cli::compose::Context;
use crate::cli::stop::Shutdown;
use crate::cli::write_options::WriteArgs;
use crate::cli::{carry_out, drift, gather, policies, sign_ins, stand, unfinished, upshot, verdict};
use crate::client::TenantReader;
use crate::controller::reconcile::{DriftEntry, LoadedRevision, Reconcile, ReconcileResult, Verdict};
use crate::controller::round::interrupted;
use crate::render::report::TenantResult;
use crate::review::approve::Review;
use crate::review::config::ReviewConfig;
use crate::tenant::error::TenantError;
use crate::tenant::surface::Service;

/// Looks after tenants with what the other commands have.
pub struct TenantReconciler<'a> {
    /// What every command works with.
    pub setup: &'a Context,
    /// Where the policies are, below the folder of the source.
    pub paths: &'a [PathBuf],
    /// How to write.
    pub write: &'a WriteArgs,
    /// The wish to stop.
    pub stop: &'a Shutdown,
}

impl Reconcile for TenantReconciler<'_> {
    type Policy = (Desired, Arc<ReviewConfig>);

    fn load(&self, folder: &Path) -> LoadedRevision<Self::Policy> {
        let gathered = policies::load_from(folder, self.paths, &self.setup.options);
        let upkeep = gathered.upkeep.clone();
        let invalid = upshot::outside(folder, self.paths).or_else(|| upshot::errors(&gathered.findings));
        // What is wrong counts as well: of a file that cannot be read nothing else is known.
        let digest = hash_texts([gathered.digest.as_str(), invalid.as_deref().unwrap_or_default()]);
        let wishes = gathered.require_any(self.setup.options.tenant.as_ref());
        let (tenants, invalid) = match (invalid, wishes) {
            (Some(why), _) => (Vec::new(), Some(why)),
            (None, Err(failure)) => (Vec::new(), Some(failure.trouble.message)),
            (None, Ok((desired, standards))) => (upshot::wanted(desired, &Arc::new(standards)), None),
        };
        LoadedRevision { tenants, upkeep, digest, invalid }
    }

    async fn reconcile(&self, (desired, standards): &Self::Policy, may_write: bool) -> ReconcileResult {
        let (reader, review, drift) =
            match self.stop.run_until_requested(self.compare(desired, standards, may_write)).await {
                Err(_) => return interrupted(),
                Ok(Err(why)) => {
                    return ReconcileResult { verdict: Verdict::Failed(upshot::of_trouble(&why)), drift: Vec::new() };
                }
                Ok(Ok(compared)) => compared,
            };
        if review.refusal().is_some() || review.plan.steps.is_empty() || !may_write {
            return ReconcileResult { verdict: verdict::of_review(&review), drift };
        }
        let (tenant, path) = (desired.tenant.to_string(), desired.source.path.clone());
        let planned = TenantResult { tenant, path, result: Ok((reader, review)) };
        unfinished::warn_of_unreadable(self.setup, &self.write.journal);
        let journal = Journal::new(&self.write.journal, &self.setup.clock);
        let applied = carry_out::apply_tenant(self.setup, planned, true, self.write, self.stop, &journal).await;
        ReconcileResult { verdict: verdict::of_applied(&applied), drift }
    }

    fn sign_ins(&self, (desired, _): &Self::Policy) -> Vec<(Service, Timestamp)> {
        sign_ins::ends(self.setup, desired)
    }

    fn limit_exceeded(&self, (_, standards): &Self::Policy, tenants: usize) -> Option<String> {
        standards.limit_exceeded(tenants).map(|finding| upshot::one(&finding))
    }
}

impl TenantReconciler<'_> {
    async fn compare(
        &self,
        desired: &Desired,
        standards: &ReviewConfig,
        may_write: bool,
    ) -> Result<(TenantReader, Review, Vec<DriftEntry>), TenantError> {
        // Rules and waivers that depend on the day go by this one, however long ago the policy was loaded. Whoever only looks
        // is told of drift, whatever it would take to move it back.
        let standards = standards.on_date(stand::today(&self.setup.options));
        let standards = if may_write { standards } else { standards.report_only() };
        let reader = self.setup.reader(&desired.tenant, desired.cloud)?;
        let work = async {
            let review = gather::review_tenant(self.setup, &reader, desired, &standards).await?;
            let drift = upshot::drift(&review, &drift::attributions(self.setup, &reader, &review.plan).await);
            Ok((review, drift))
        };
        let (review, drift) = upshot::within(self.setup.options.tenant_timeout, work).await?;
        Ok((reader, review, drift))
    }
}

//! From paths to what is wanted: load, resolve, judge, and read tenants side by side.

use std::future::Future;
use std::path::PathBuf;

use futures::{StreamExt, stream};
use glob::Pattern;

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::{self, Desired};
use crate::cli::compose::Setup;
use crate::cli::failure::Failure;
use crate::client::Reader;
use crate::policy::load::{self, Options};
use crate::render::report::PerTenant;
use crate::review::approve::{self, Review};
use crate::review::rules;
use crate::review::subject::Subject;
use crate::tenant::snapshot;
use crate::tenant::trouble::Trouble;

/// The policies of a run.
pub struct Gathered {
    /// What each policy wants, in the order of the files.
    pub desired: Vec<Desired>,
    /// What is wrong with the files, sorted by place.
    pub findings: Vec<Finding>,
    /// How many files were read.
    pub files: usize,
}

impl Gathered {
    /// Hands the wishes over, when there are any: a run over no tenant at all must not look like one without changes.
    ///
    /// # Errors
    /// When no policy is for a tenant, or none for one that is asked for.
    pub fn some(self, only: Option<&Pattern>) -> Result<Vec<Desired>, Failure> {
        match (self.desired.is_empty(), only) {
            (false, _) => Ok(self.desired),
            (true, Some(only)) => Err(Failure::no_tenant(only)),
            (true, None) => Err(Failure::failed("no policy is for a tenant: every file is a baseline")
                .hint("write `tenant:` in the file that is for one")),
        }
    }

    /// Whether nothing may be sent, because a policy is invalid.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Loads, resolves and judges the policies, without any tenant.
#[must_use]
pub fn gather(paths: &[PathBuf], only: Option<&Pattern>) -> Gathered {
    let folder = std::env::current_dir().unwrap_or_default();
    let loaded = load::load(paths, &Options { folder, root: None });
    let mut findings = loaded.findings;
    let mut wanted: Vec<Desired> = loaded.policies.iter().map(desired::resolve).collect();
    for desired in &wanted {
        findings.extend(rules::judge(&Subject::offline(desired)));
    }
    wanted.retain(|desired| only.is_none_or(|only| only.matches(&desired.tenant.to_string())));
    findings.sort();
    Gathered { desired: wanted, findings, files: loaded.files }
}

/// Does something for every tenant, several at once, and keeps the order. One that fails does not stop the others.
pub async fn each<T, F, Fut>(setup: &Setup, desired: Vec<Desired>, work: F) -> Vec<PerTenant<T>>
where
    F: Fn(Reader, Desired) -> Fut,
    Fut: Future<Output = Result<T, Trouble>>,
{
    let works = desired.into_iter().map(|desired| {
        let (tenant, path) = (desired.tenant.to_string(), desired.source.path.clone());
        let reader = setup.reader(&desired.tenant, desired.cloud);
        let work = reader.map(|reader| work(reader, desired));
        async move {
            let result = match work {
                Ok(work) => work.await,
                Err(trouble) => Err(trouble),
            };
            PerTenant { tenant, path, result }
        }
    });
    stream::iter(works).buffered(setup.options.parallel.into()).collect().await
}

/// Reads a tenant and reviews what the policy would change in it.
///
/// # Errors
/// When the tenant cannot be read at all, or is another one than the policy names.
pub async fn review(setup: &Setup, reader: &Reader, desired: &Desired) -> Result<Review, Trouble> {
    let snapshot = snapshot::take(reader, &desired.tenant, &desired.wanted(), &setup.clock).await?;
    Ok(approve::review(desired, &snapshot))
}

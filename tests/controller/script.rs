//! Tenants that do as a test says, and a repository with policies for two of them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::controller::metrics::{Metrics, ProcessInfo};
use ssprctl::testing::controller::reconcile::{
    DriftEntry, LoadedRevision, Reconcile, ReconcileOutcome, ReconcileResult, TenantPolicy,
};
use ssprctl::testing::controller::round::Controller;
use ssprctl::testing::controller::schedule::Schedule;
use ssprctl::testing::controller::shared::SharedState;
use ssprctl::testing::controller::source::PolicySource;
use ssprctl::testing::controller::source_files::SourceFiles;
use ssprctl::testing::controller::store::StateStore;
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::tenant::surface::Service;
use tempfile::TempDir;

use crate::repository::{Repository, TestResult};

pub(crate) const CONTOSO: &str = "contoso.onmicrosoft.com";
pub(crate) const FABRIKAM: &str = "fabrikam.onmicrosoft.com";

/// Tenants whose answers are given, and who asked for them.
pub(crate) struct Script {
    /// The most tenants that may change at once.
    pub(crate) most: Cell<usize>,
    /// Whether Contoso is in a ring before the others.
    pub(crate) rings: Cell<bool>,
    answers: RefCell<BTreeMap<String, ReconcileOutcome>>,
    asked: RefCell<Vec<(String, bool)>>,
}

impl Reconcile for &Script {
    type Spec = String;

    /// A policy is a file whose text is the tenant's name; one that says `wrong` is invalid.
    fn load(&self, files: &SourceFiles) -> LoadedRevision<String> {
        let folder = files.folder();
        let mut tenants = Vec::new();
        let mut invalid = None;
        let mut entries: Vec<_> =
            fs::read_dir(folder.join("policies")).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            let tenant = fs::read_to_string(&path).unwrap_or_default().trim().to_owned();
            if tenant == "wrong" {
                invalid = Some("policies/contoso.yaml:1:1: wrong".to_owned());
            }
            let ring = if tenant == CONTOSO { (0, "canary".to_owned()) } else { (1, "rest".to_owned()) };
            let ring = self.rings.get().then_some(ring);
            tenants.push(TenantPolicy { path: path.display().to_string(), ring, policy: tenant.clone(), tenant });
        }
        let digest = format!("{tenants:?}");
        LoadedRevision { tenants, controller: load::discover(folder).controller, digest, invalid }
    }

    async fn reconcile(&self, tenant: &String, may_write: bool) -> ReconcileResult {
        self.asked.borrow_mut().push((tenant.clone(), may_write));
        let outcome = self.answers.borrow().get(tenant).cloned().unwrap_or(ReconcileOutcome::InSync);
        let outcome =
            if outcome == ReconcileOutcome::Differs && may_write { ReconcileOutcome::Applied(1) } else { outcome };
        let drift = match outcome {
            ReconcileOutcome::Differs | ReconcileOutcome::Applied(_) => vec![DriftEntry {
                pending: false,
                drifted: false,
                setting: "methods.required".to_owned(),
                expected: "2".to_owned(),
                found: "1".to_owned(),
                place: "policies/contoso.yaml:4:13".to_owned(),
                who: None,
            }],
            _ => Vec::new(),
        };
        ReconcileResult { outcome, drift, unread: Vec::new() }
    }

    fn sign_ins(&self, tenant: &String) -> Vec<(Service, Timestamp)> {
        let ends = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 90);
        if tenant == CONTOSO { vec![(Service::Portal, ends)] } else { Vec::new() }
    }

    /// Two tenants at once are too many where a file says so.
    fn limit_exceeded(&self, policies: &[&String]) -> Option<String> {
        let tenants = policies.len();
        (tenants > self.most.get()).then(|| format!("{tenants} tenants would change"))
    }
}

impl Script {
    /// Sets the answer about a tenant.
    pub(crate) fn answer(&self, tenant: &str, outcome: ReconcileOutcome) {
        self.answers.borrow_mut().insert(tenant.to_owned(), outcome);
    }

    /// Who was asked for since this was called last, and whether writing was allowed.
    pub(crate) fn asked(&self) -> Vec<(String, bool)> {
        let mut asked = self.asked.take();
        asked.sort();
        asked
    }
}

/// A repository with policies for two tenants, and a loop that follows it.
pub(crate) struct Harness {
    pub(crate) repository: Repository,
    state: TempDir,
    pub(crate) script: &'static Script,
}

impl Harness {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let harness = Self {
            repository: Repository::new()?,
            state: tempfile::tempdir()?,
            script: Box::leak(Box::new(Script {
                most: Cell::new(100),
                rings: Cell::new(false),
                answers: RefCell::default(),
                asked: RefCell::default(),
            })),
        };
        harness.repository.write("policies/contoso.yaml", CONTOSO)?;
        harness.repository.commit("policies/fabrikam.yaml", FABRIKAM)?;
        Ok(harness)
    }

    /// Has git remove what no reference needs any more, as it does by itself after some weeks.
    pub(crate) fn tidy_up(&self) -> TestResult {
        let clone = self.state.path().join("source/repository.git");
        let clone = clone.to_str().ok_or("a path that is not UTF-8")?;
        self.repository.git(&["--git-dir", clone, "gc", "--quiet", "--prune=now"]).map(drop)
    }

    /// A process that starts now.
    pub(crate) fn start(&self, remediate: bool) -> Result<Controller<&'static Script>, Box<dyn Error>> {
        let (store, state) = StateStore::open(self.state.path()).map_err(|error| error.message)?;
        let facts = ProcessInfo { started: Timestamp::UNIX_EPOCH, remediate, sandbox: false, count_people: false };
        let shared = Arc::new(SharedState::new(store, state, Metrics::new()?, facts));
        let source = PolicySource::Branch(self.repository.followed(self.state.path())?);
        let pace = Schedule { interval: SignedDuration::from_mins(5), jitter: 0, seed: 0 };
        Ok(Controller::new(source, self.script, pace, 2, Clock::Fixed(Timestamp::UNIX_EPOCH), shared))
    }
}

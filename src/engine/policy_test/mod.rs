//! Policy tests: finds the test files, loads the policies that they are about, and judges every expectation. No tenant is read.

pub(crate) mod applied;
pub(crate) mod case;
mod check;
mod tenant;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::Desired;
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::policies::folder_of;
use crate::engine::policy_test::applied::AppliedPolicy;
use crate::engine::policy_test::case::TestCase;
use crate::policy::find::{self, TESTS};
use crate::policy::located_tests::{self, LocatedTests, TEST_INVALID};
use crate::policy::repository::load as repository;
use crate::policy::roots::{Roots, normalize};
use crate::policy::{gate, load};
use crate::review::config::ReviewConfig;

/// The cases of one test file.
#[derive(Clone, Debug)]
pub(crate) struct TestedFile {
    /// The path of the file, as it is shown.
    pub(crate) path: String,
    /// Its cases, in the order of the file, policy by policy.
    pub(crate) cases: Vec<TestCase>,
}

/// The files that a run tested, sorted by path.
#[derive(Clone, Debug)]
pub(crate) struct TestReport {
    /// Each file with its cases.
    pub(crate) files: Vec<TestedFile>,
}

impl TestReport {
    pub(crate) fn cases(&self) -> impl Iterator<Item = &TestCase> {
        self.files.iter().flat_map(|file| &file.cases)
    }

    /// How many cases failed.
    #[must_use]
    pub(crate) fn failed(&self) -> usize {
        self.cases().filter(|case| case.failure.is_some()).count()
    }
}

/// Runs the tests at `paths`, files or folders, for the tenants that the run selects.
///
/// # Errors
/// When the working directory cannot be read, or no policy under test is for a tenant that the run selects. The inner error is
/// everything that is wrong with the files, because of which no test was run.
pub(crate) fn run(context: &RunContext, paths: &[PathBuf]) -> Result<Result<TestReport, Vec<Finding>>, RunError> {
    let roots = Roots::new(folder_of(context)?, None);
    let (listed, mut findings) = find::find_files(paths, &roots, &TESTS);
    let repository = repository::discover_in(&roots);
    let (config, wrong) = ReviewConfig::from_repository(&repository, context.today);
    findings.extend(wrong);
    let mut tested = Vec::new();
    let mut policies = TestedPolicies { roots: &roots, known: BTreeMap::new(), findings: Vec::new() };
    for file in &listed {
        match located_tests::read(&file.path, &file.shown) {
            Err(wrong) => findings.extend(wrong),
            Ok(tests) => {
                findings.extend(check::check(&tests));
                let under_test = policies.under_test(&tests, &file.path);
                let before = policies.before(&tests, &file.path);
                findings.extend(check::methods(&tests, under_test.iter().chain(&before)));
                tested.push((tests, under_test, before));
            }
        }
    }
    findings.extend(policies.findings);
    findings.retain(|finding| finding.severity == Severity::Error);
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        return Ok(Err(findings));
    }
    let files = tested.into_iter().map(|(tests, under_test, before)| {
        let config = config.on_date(tests.file.date);
        let selected = under_test.iter().filter(|desired| context.selection.names(&desired.tenant));
        let cases = selected.flat_map(|desired| {
            // Where only the dates differ, the tenant is in sync with the policy already.
            let same = (!tests.file.before.is_unmanaged()).then_some(desired);
            let applied = AppliedPolicy::new(&tests.file, desired, before.as_ref().or(same), &config);
            case::cases(&tests, desired, &applied)
        });
        TestedFile { path: tests.source.path.clone(), cases: cases.collect() }
    });
    let report = TestReport { files: files.filter(|file| !file.cases.is_empty()).collect() };
    match &context.selection.tenant {
        Some(only) if report.files.is_empty() => Err(RunError::no_tenant(only)),
        Some(_) | None => Ok(Ok(report)),
    }
}

/// The policies that test files name, each read once.
struct TestedPolicies<'a> {
    roots: &'a Roots,
    known: BTreeMap<PathBuf, Vec<Desired>>,
    findings: Vec<Finding>,
}

impl TestedPolicies<'_> {
    /// The policies that a test file is about.
    fn under_test(&mut self, tests: &LocatedTests, file: &Path) -> Vec<Desired> {
        match tests.file.policy.get() {
            Some(named) => self.named(tests, file, named, "/policy"),
            None => {
                let folder = self.roots.repository_of(file).join("policies");
                let found = self.load(&folder);
                if found.is_empty() && self.findings.is_empty() {
                    let message = format!("no policy in `{}` is for a tenant", self.roots.display(&folder));
                    let finding = Finding::error(TEST_INVALID, message).at(tests.place(""), "");
                    self.findings.push(finding.hint("name the policy under test with `policy`"));
                }
                found
            }
        }
    }

    /// The policy that the tenant of a test file is in sync with.
    fn before(&mut self, tests: &LocatedTests, file: &Path) -> Option<Desired> {
        let named = tests.file.before.get()?.policy.get()?;
        self.named(tests, file, named, "/before/policy").pop()
    }

    /// The one policy that a test file names; none if it cannot be read.
    fn named(&mut self, tests: &LocatedTests, file: &Path, named: &str, pointer: &str) -> Vec<Desired> {
        let path = normalize(&file.parent().unwrap_or(file).join(named));
        let wrong =
            |message: String, hint: &str| Finding::error(TEST_INVALID, message).at(tests.place(pointer), "").hint(hint);
        let shown = self.roots.display(&path);
        let real = path.canonicalize();
        let problem = match &real {
            Err(_) => Some(wrong(format!("`{shown}` does not exist"), "correct the path; it is relative to this file")),
            Ok(real) if !real.starts_with(self.roots.repository_of(file)) => {
                Some(wrong(format!("`{shown}` is outside of the repository"), "name a policy of this repository"))
            }
            Ok(real) if !real.is_file() => {
                Some(wrong(format!("`{shown}` is no file"), "name one policy, or leave `policy` out to test all"))
            }
            Ok(real) => gate::check(real, self.roots)
                .err()
                .map(|refusal| wrong(format!("`{shown}` {}", refusal.reason()), refusal.hint())),
        };
        if let Some(problem) = problem {
            self.findings.push(problem);
            return Vec::new();
        }
        let before = self.findings.len();
        let found = self.load(&path);
        if found.is_empty() && self.findings.len() == before {
            let hint = "name the policy of a tenant: one with `tenant:`, which may extend this one";
            self.findings.push(wrong(format!("`{shown}` is for no tenant"), hint));
        }
        found
    }

    fn load(&mut self, path: &Path) -> Vec<Desired> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let loaded = load::load_in(&[path.to_owned()], self.roots);
        self.findings.extend(loaded.findings.into_iter().filter(|finding| finding.severity == Severity::Error));
        let desired: Vec<_> = loaded.policies.iter().map(Desired::from_policy).collect();
        self.known.insert(path.to_owned(), desired.clone());
        desired
    }
}

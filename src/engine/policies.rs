//! From paths to the desired settings of each tenant: load, resolve, judge by the rules. Reads no tenant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::base::cloud::Cloud;
use crate::base::digest::hash_texts;
use crate::base::file::{ReadError, text};
use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::signature::Digest;
use crate::base::source::{Source, portable};
use crate::catalog::desired::{Desired, LocatedWaiver};
use crate::engine::changed_since::{ChangedSince, EarlierFiles, TenantFiles};
use crate::engine::context::RunContext;
use crate::engine::error::RunError;
use crate::engine::progress::Progress;
use crate::engine::result::ValidationReport;
use crate::engine::selection::Selection;
use crate::policy::gate;
use crate::policy::load;
use crate::policy::repository::controller::ControllerConfig;
use crate::policy::repository::load::{self as repository, Repository};
use crate::policy::roots::{Roots, normalize};
use crate::review::config::ReviewConfig;
use crate::review::evaluate::{RuleResults, run_rules};
use crate::review::exceptions::{self, Exception, ExceptionSources};
use crate::review::rule_context::RuleContext;
use crate::review::waivers::WaivedFinding;

/// The policies of a run.
pub(crate) struct LoadedPolicies {
    /// The desired settings of each selected tenant, in the order of the files.
    pub(crate) desired: Vec<Desired>,
    /// Settings that the policies manage and that this run skips, because it does not use their service; sorted, each once.
    pub(crate) skipped: Vec<&'static str>,
    /// The problems of the files, sorted by place.
    pub(crate) findings: Vec<Finding>,
    /// The findings about baselines with the tenants that share them, as [`ValidationReport::shared`] has them.
    shared: Vec<(Finding, Vec<TenantName>)>,
    /// The findings that the policies waive, in the order of the files.
    pub(crate) waived: Vec<WaivedFinding>,
    /// The findings of rules that the repository turns off, sorted by place.
    pub(crate) silenced: Vec<Finding>,
    /// The waivers of all policies, whichever tenants the run selects.
    waivers: Vec<(TenantName, LocatedWaiver)>,
    /// Every tenant with a policy, whichever the run selects.
    tenants: Vec<(TenantName, Cloud)>,
    /// How many files were read.
    pub(crate) files: usize,
    /// The files that were read whole, sorted by path.
    sources: Vec<Arc<Source>>,
    /// How many policies are for a tenant that `--tenant` names. The run's shard and ring may have fewer of them, or none.
    pub(crate) asked_for: usize,
    /// The ring of `--ring` that `ssprctl.yaml` does not have.
    pub(crate) unknown_ring: Option<String>,
    /// How the repository configures rules, limits and rings.
    pub(crate) config: ReviewConfig,
    /// The folder in which the run started, relative to the repository's own folder, with `/`.
    pub(crate) start_folder: String,
    /// The section `controller` of `ssprctl.yaml`.
    pub(crate) controller: ControllerConfig,
    /// A digest of every file that was read.
    pub(crate) digest: String,
    /// The files that decide about the tenants, whichever the run selects.
    pub(crate) origins: TenantFiles,
    /// The digest of what `ssprctl.yaml` says about reviews; `None` where it says nothing about them.
    pub(crate) config_digest: Option<Digest>,
}

impl LoadedPolicies {
    /// The result of checking the policies, with the exceptions that they were checked with.
    #[must_use]
    pub(crate) fn report<'a>(&'a self, exceptions: &'a [Exception]) -> ValidationReport<'a> {
        ValidationReport {
            findings: &self.findings,
            waived: &self.waived,
            silenced: &self.silenced,
            exceptions,
            policies: &self.sources,
            shared: &self.shared,
            full: false,
            files: self.files,
            tenants: self.desired.len(),
        }
    }

    /// Every tenant with a policy, whichever the run selects, with its cloud.
    #[must_use]
    pub(crate) fn tenants(&self) -> &[(TenantName, Cloud)] {
        &self.tenants
    }

    /// The desired settings with the configuration to review them by. A run over no tenant at all must not look like
    /// one without changes, so a selection without any policy is an error; a shard or a ring without a tenant is none,
    /// it has nothing to do.
    ///
    /// # Errors
    /// When no policy is for a tenant, none is for one that `--tenant` names, or there is no such ring.
    pub(crate) fn require_any(self, selection: &Selection) -> Result<(Vec<Desired>, ReviewConfig), RunError> {
        if let Some(ring) = &self.unknown_ring {
            let known = self.config.rings().names().join(", ");
            let known =
                if known.is_empty() { "ssprctl.yaml has no rings".to_owned() } else { format!("one of {known}") };
            return Err(RunError::failed(format!("there is no ring `{ring}`")).hint(format!("correct --ring: {known}")));
        }
        match (self.asked_for == 0, &selection.tenant) {
            (false, _) => Ok((self.desired, self.config)),
            (true, Some(only)) => Err(RunError::no_tenant(only)),
            (true, None) => Err(RunError::failed("no policy is for a tenant: every file is a baseline")
                .hint("write `tenant:` in the file that is for one")),
        }
    }

    /// The files of the run's tenants, baselines and `ssprctl.yaml` included, sorted by path.
    #[must_use]
    pub(crate) fn sources_of_selected(&self) -> Vec<Arc<Source>> {
        let files = self.desired.iter().flat_map(|desired| self.origins.of(&desired.tenant));
        let files = self.origins.config().into_iter().chain(files);
        let by_path: BTreeMap<&str, &Arc<Source>> = files.map(|source| (source.path.as_str(), source)).collect();
        by_path.into_values().cloned().collect()
    }

    /// Leaves only those tenants of the run that a change since an earlier commit touches. Limits still count all tenants.
    pub(crate) fn retain_changed(&mut self, earlier: EarlierFiles, selection: &Selection) -> ChangedSince {
        let EarlierFiles { since, commit, files } = earlier;
        let of = self.desired.len();
        self.desired.retain(|desired| self.origins.differ(&files, &desired.tenant));
        let left = files.tenants().filter(|tenant| !self.origins.has(tenant));
        let left = left.filter(|tenant| selection.has(tenant, self.config.rings())).cloned().collect();
        ChangedSince { since, commit, touched: self.desired.len(), of, left }
    }

    /// The exceptions of all policies, with the findings of this check that are about them.
    #[must_use]
    pub(crate) fn exceptions(&self, base: Option<&BasePolicies>) -> Vec<Exception> {
        let now = ExceptionSources { config: &self.config, waivers: &self.waivers, tenants: &self.tenants };
        let mut found = exceptions::exceptions(now, base.map(BasePolicies::sources));
        exceptions::count(&mut found, &self.findings, &self.waived, &self.silenced);
        found
    }

    /// The exceptions for the tenants that the run selects, where its caller allows the changes with these codes.
    #[must_use]
    pub(crate) fn exceptions_of_selected(&self, allowed: &[String], base: Option<&BasePolicies>) -> Vec<Exception> {
        let selected: BTreeSet<&TenantName> = self.desired.iter().map(|desired| &desired.tenant).collect();
        let waivers: Vec<_> = self.waivers.iter().filter(|(tenant, _)| selected.contains(tenant)).cloned().collect();
        let config = self.config.clone().allow(allowed.iter().map(String::as_str));
        let tenants: Vec<_> = self.desired.iter().map(|desired| (desired.tenant.clone(), desired.cloud)).collect();
        let now = ExceptionSources { config: &config, waivers: &waivers, tenants: &tenants };
        exceptions::exceptions(now, base.map(BasePolicies::sources))
    }

    /// What a later run compares its exceptions with.
    #[must_use]
    pub(crate) fn into_base(self) -> BasePolicies {
        BasePolicies {
            is_invalid: self.is_invalid(),
            config: self.config,
            waivers: self.waivers,
            tenants: self.tenants,
        }
    }

    /// Whether nothing may be sent, because a policy is invalid.
    #[must_use]
    pub(crate) fn is_invalid(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Reports the settings that this run skips because it does not use their service.
    pub(crate) fn report_skipped(&self, context: &RunContext) {
        if !self.skipped.is_empty() {
            context.report(Progress::SettingsSkipped(&self.skipped));
        }
    }
}

/// What the policies of an earlier commit excuse.
pub(crate) struct BasePolicies {
    config: ReviewConfig,
    waivers: Vec<(TenantName, LocatedWaiver)>,
    tenants: Vec<(TenantName, Cloud)>,
    /// Whether a file of that commit has errors, so that what it excuses is not known and counts as nothing.
    pub(crate) is_invalid: bool,
}

impl BasePolicies {
    fn sources(&self) -> ExceptionSources<'_> {
        ExceptionSources { config: &self.config, waivers: &self.waivers, tenants: &self.tenants }
    }
}

/// Loads, resolves and judges the policies at `paths`, which are relative to the folder of `roots`.
#[must_use]
pub(crate) fn load_from(roots: &Roots, paths: &[PathBuf], selection: &Selection, today: Date) -> LoadedPolicies {
    let repository = repository::discover_in(roots);
    let (config, mut findings) = ReviewConfig::from_repository(&repository, today);
    let counts_percent = repository.limits.percent.is_some();
    let Repository {
        start_folder,
        rules: _,
        limits: _,
        rings: _,
        calendar: _,
        controller,
        file,
        digest: config_digest,
        findings: _,
    } = repository;
    let loaded = load::load_each(paths, roots, |policy| {
        let desired = Desired::from_policy(&policy);
        let results = run_rules(RuleContext::policy_only(&desired), &config);
        (desired, results)
    });
    let text = file.as_ref().map_or("", |file| &file.text);
    let digest = hash_texts([loaded.digest.as_str(), &*portable(text)]);
    findings.extend(loaded.findings);
    let mut sources = loaded.sources;
    sources.extend(file.clone());
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    let origins = TenantFiles::new(file.clone(), loaded.origins);
    let (mut desired, results): (Vec<Desired>, Vec<RuleResults>) = loaded.policies.into_iter().unzip();
    let (mut waived, mut silenced) = (Vec::new(), Vec::new());
    let mut outside: Vec<(Finding, TenantName)> = Vec::new();
    for (of, one) in desired.iter().zip(results) {
        let found = one.findings.iter().filter(|finding| finding.is_outside(&of.source));
        outside.extend(found.map(|finding| (finding.without_other_places(), of.tenant.clone())));
        findings.extend(one.findings);
        waived.extend(one.waived);
        silenced.extend(one.silenced);
    }
    let waivers = desired.iter().flat_map(|one| one.waivers.iter().map(|at| (one.tenant.clone(), at.clone())));
    let waivers = waivers.collect();
    let tenants = desired.iter().map(|one| (one.tenant.clone(), one.cloud)).collect();
    // Limits count the whole fleet, whichever tenants this run selects.
    let counted = file.as_ref().filter(|_| counts_percent);
    let fleet = counted.map_or(desired.len(), |file| fleet_size(roots, &file.path, paths, &desired));
    let config = config.with_fleet_size(fleet);
    let asked_for = desired.iter().filter(|desired| selection.names(&desired.tenant)).count();
    let unknown_ring = selection.ring.clone().filter(|ring| !config.rings().names().contains(&ring.as_str()));
    desired.retain(|desired| selection.has(&desired.tenant, config.rings()));
    let skipped: BTreeSet<_> = desired.iter_mut().flat_map(|one| one.retain_services(selection.services)).collect();
    findings.par_sort();
    findings.dedup();
    silenced.sort();
    silenced.dedup();
    LoadedPolicies {
        desired,
        skipped: skipped.into_iter().collect(),
        findings,
        shared: shared_findings(outside),
        waived,
        silenced,
        waivers,
        tenants,
        files: loaded.files,
        sources,
        asked_for,
        unknown_ring,
        config,
        start_folder,
        controller,
        digest,
        origins,
        config_digest,
    }
}

/// The findings that more than one policy has, with their tenants, sorted.
fn shared_findings(mut found: Vec<(Finding, TenantName)>) -> Vec<(Finding, Vec<TenantName>)> {
    found.par_sort();
    let same = found.chunk_by(|(one, _), (other, _)| one == other).filter(|same| same.len() > 1);
    let shared = same.filter_map(|same| {
        let (finding, _) = same.first()?;
        Some((finding.clone(), same.iter().map(|(_, tenant)| tenant.clone()).collect()))
    });
    shared.collect()
}

/// How many tenants have a policy, out of whom a limit in percent counts: those of the run, and all in the folders directly
/// below that of `ssprctl.yaml`, the file at `config`, in which the run's paths are, and in `policies` there. A run that names
/// some of the policies would otherwise count out of these alone. What is wrong in the others is reported when they are run.
fn fleet_size(roots: &Roots, config: &str, paths: &[PathBuf], desired: &[Desired]) -> usize {
    let config = normalize(&roots.folder().join(config));
    let top = config.parent().unwrap_or(roots.folder());
    let named: BTreeSet<PathBuf> = paths.iter().map(|path| normalize(&roots.folder().join(path))).collect();
    let folder = |path: &PathBuf| {
        let first = top.join(path.strip_prefix(top).ok()?.components().next()?);
        Some(if first.is_dir() { first } else { top.to_owned() })
    };
    let own = Some(top.join("policies")).filter(|own| own.is_dir());
    let folders: BTreeSet<PathBuf> = named.iter().filter_map(folder).chain(own).collect();
    let others: Vec<PathBuf> = folders.into_iter().filter(|folder| !named.contains(folder)).collect();
    let mut tenants: BTreeSet<TenantName> = desired.iter().map(|one| one.tenant.clone()).collect();
    if !others.is_empty() {
        tenants.extend(load::load_in(&others, roots).origins.into_iter().map(|origin| origin.tenant));
    }
    tenants.len()
}

/// Reads the text of a file of at most `max` bytes that is named and is no policy.
///
/// # Errors
/// When it cannot be read, is larger, or a symbolic link of a repository leads to it that may not.
pub(crate) fn read_named(context: &RunContext, path: &Path, max: u64) -> Result<String, ReadError> {
    let folder = context.working_folder.as_ref().map_or(Path::new("."), PathBuf::as_path);
    gate::read_named(path, max, folder).and_then(text)
}

/// How the repository in which a run started configures reviews, and what is wrong with its file.
///
/// # Errors
/// When the working directory cannot be read.
pub(crate) fn repository_config(context: &RunContext) -> Result<(ReviewConfig, Vec<Finding>), RunError> {
    let repository = repository::discover_in(&Roots::new(folder_of(context)?, None));
    Ok(ReviewConfig::from_repository(&repository, context.today))
}

/// Loads the policies of a run from the folder in which it started.
///
/// # Errors
/// When the working directory cannot be read.
pub(crate) fn load(context: &RunContext, paths: &[PathBuf]) -> Result<LoadedPolicies, RunError> {
    Ok(load_from(&Roots::new(folder_of(context)?, None), paths, &context.selection, context.today))
}

/// Every tenant with a policy in the folder `policies` where a run starts, and in that of its repository.
///
/// # Errors
/// When the working directory cannot be read, or a policy there is invalid, so that it is not known which tenant it is for.
pub(crate) fn managed_tenants(context: &RunContext) -> Result<Vec<TenantName>, RunError> {
    let roots = Roots::new(folder_of(context)?, None);
    let start = roots.folder().join("policies");
    let folders = [roots.repository_of(&start).join("policies"), start];
    let mut folders: Vec<PathBuf> = folders.into_iter().filter(|folder| folder.is_dir()).collect();
    folders.dedup();
    if folders.is_empty() {
        return Ok(Vec::new());
    }
    let loaded = load::load_in(&folders, &roots);
    let unknown = |finding: &Finding| finding.severity == Severity::Error && finding.code != "empty-folder";
    if loaded.findings.iter().any(unknown) {
        return Err(RunError::failed(
            "the policies of this repository are invalid, so it is not known which tenants they manage",
        )
        .hint("`ssprctl validate` lists the problems; or run in a folder without policies"));
    }
    Ok(loaded.policies.iter().map(|policy| Desired::from_policy(policy).tenant).collect())
}

/// The folder in which a run started.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn folder_of(context: &RunContext) -> Result<&Path, RunError> {
    context.working_folder.as_deref().map_err(|error| {
        RunError::failed(format!("the working directory cannot be read: {error}"))
            .hint("run in a folder that exists and that you may read")
    })
}

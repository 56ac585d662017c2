//! From paths to what is wanted: load, resolve, judge. Touches no tenant.

use std::path::{Path, PathBuf};

use crate::base::digest::hash_texts;
use crate::catalog::desired::{self, Desired};
pub use crate::cli::gathered::LoadedPolicies;
use crate::cli::options::GlobalArgs;
use crate::cli::stand::{self, Stand};
use crate::policy::load::{self, LoadOptions};
use crate::review::evaluate::run_rules;
use crate::review::rule_context::RuleContext;

/// Loads, resolves and judges the policies, without any tenant.
#[must_use]
pub fn load(paths: &[PathBuf], options: &GlobalArgs) -> LoadedPolicies {
    load_from(&std::env::current_dir().unwrap_or_default(), paths, options)
}

/// The same for paths that start from another folder than that of the run.
#[must_use]
pub fn load_from(folder: &Path, paths: &[PathBuf], options: &GlobalArgs) -> LoadedPolicies {
    let Stand { standards, mut findings, below, upkeep, text } = stand::stand(folder, options);
    let loaded = load::load(paths, &LoadOptions { folder: folder.to_owned(), root: None });
    let digest = hash_texts([loaded.digest.as_str(), text.as_str()]);
    findings.extend(loaded.findings);
    // Each policy goes as soon as it is resolved: of a fleet's there are many.
    let mut desired: Vec<Desired> = loaded.policies.into_iter().map(|policy| desired::resolve(&policy)).collect();
    let mut waived = Vec::new();
    for one in &desired {
        let judged = run_rules(RuleContext::policy_only(one), &standards);
        findings.extend(judged.findings);
        waived.extend(judged.waived);
    }
    let (only, part) = (options.tenant.as_ref(), options.selection.shard().ok().flatten());
    // Limits are of all tenants, whichever this run is about.
    let standards = standards.with_fleet_size(desired.len());
    desired.retain(|desired| only.is_none_or(|only| only.matches(&desired.tenant.to_string())));
    let asked_for = desired.len();
    desired.retain(|desired| part.is_none_or(|part| part.contains(&desired.tenant)));
    let no_ring = options.selection.ring.clone().filter(|ring| !standards.rings().names().contains(&ring.as_str()));
    if let Some(ring) = &options.selection.ring {
        let names = standards.rings().names();
        desired.retain(|desired| names.get(standards.rings().of(&desired.tenant)) == Some(&ring.as_str()));
    }
    let left_out: Vec<_> =
        desired.iter_mut().flat_map(|one| one.retain_services(options.surfaces.services())).collect();
    findings.sort();
    findings.dedup();
    LoadedPolicies {
        desired,
        left_out,
        findings,
        waived,
        files: loaded.files,
        asked_for,
        no_ring,
        standards,
        below,
        upkeep,
        digest,
    }
}

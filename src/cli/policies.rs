//! From paths to what is wanted: load, resolve, judge. Touches no tenant.

use std::path::PathBuf;

use glob::Pattern;

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::{self, Desired};
use crate::cli::failure::Failure;
use crate::cli::options::Global;
use crate::cli::stand::{self, Stand};
use crate::policy::load::{self, Options};
use crate::review::judge::judge;
use crate::review::standards::Standards;
use crate::review::subject::Subject;
use crate::review::waivers::Waived;

/// The policies of a run.
pub struct Gathered {
    /// What each policy wants, in the order of the files.
    pub desired: Vec<Desired>,
    /// Settings that the policies manage and that this run leaves out, because it does not use the service they need.
    pub left_out: Vec<&'static str>,
    /// What is wrong with the files, sorted by place.
    pub findings: Vec<Finding>,
    /// What the policies accept for a while, in the order of the files.
    pub waived: Vec<Waived>,
    /// How many files were read.
    pub files: usize,
    /// How many of them are asked for. The part that this run does may hold fewer of them, or none.
    pub asked_for: usize,
    /// The ring that is asked for and does not exist.
    pub no_ring: Option<String>,
    /// By which standards the repository judges.
    pub standards: Standards,
    /// Where the run started, below the repository's own folder.
    pub below: String,
}

impl Gathered {
    /// Hands the wishes over with the standards to review them by, when there are any: a run over no
    /// tenant at all must not look like one without changes. A part of the tenants that holds none is no mistake: it has
    /// nothing to do.
    ///
    /// # Errors
    /// When no policy is for a tenant, or none for one that is asked for, or there is no such ring.
    pub fn some(self, only: Option<&Pattern>) -> Result<(Vec<Desired>, Standards), Failure> {
        if let Some(ring) = &self.no_ring {
            let known = self.standards.rings().names().join(", ");
            let known =
                if known.is_empty() { "ssprctl.yaml has no rings".to_owned() } else { format!("one of {known}") };
            return Err(Failure::failed(format!("there is no ring `{ring}`")).hint(format!("correct --ring: {known}")));
        }
        match (self.asked_for == 0, only) {
            (false, _) => Ok((self.desired, self.standards)),
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
pub fn gather(paths: &[PathBuf], options: &Global) -> Gathered {
    let folder = std::env::current_dir().unwrap_or_default();
    let Stand { standards, mut findings, below } = stand::stand(&folder, options);
    let loaded = load::load(paths, &Options { folder, root: None });
    findings.extend(loaded.findings);
    // Each policy goes as soon as it is resolved: of a fleet's there are many.
    let mut desired: Vec<Desired> = loaded.policies.into_iter().map(|policy| desired::resolve(&policy)).collect();
    let mut waived = Vec::new();
    for one in &desired {
        let judged = judge(Subject::offline(one), &standards);
        findings.extend(judged.findings);
        waived.extend(judged.waived);
    }
    let (only, part) = (options.tenant.as_ref(), options.selection.part().ok().flatten());
    // Limits are of all tenants, whichever this run is about.
    let standards = standards.for_fleet(desired.len());
    desired.retain(|desired| only.is_none_or(|only| only.matches(&desired.tenant.to_string())));
    let asked_for = desired.len();
    desired.retain(|desired| part.is_none_or(|part| part.holds(&desired.tenant)));
    let no_ring = options.selection.ring.clone().filter(|ring| !standards.rings().names().contains(&ring.as_str()));
    if let Some(ring) = &options.selection.ring {
        let names = standards.rings().names();
        desired.retain(|desired| names.get(standards.rings().of(&desired.tenant)) == Some(&ring.as_str()));
    }
    let left_out: Vec<_> = desired.iter_mut().flat_map(|one| one.keep_to(options.surfaces.systems())).collect();
    findings.sort();
    findings.dedup();
    Gathered { desired, left_out, findings, waived, files: loaded.files, asked_for, no_ring, standards, below }
}

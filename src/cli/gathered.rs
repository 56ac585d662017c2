//! The policies of a run, once they are loaded, resolved and judged.

use glob::Pattern;

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::Desired;
use crate::cli::failure::RunError;
use crate::policy::repository::controller::ControllerConfig;
use crate::render::terminal::validate::ValidationReport;
use crate::review::config::ReviewConfig;
use crate::review::waivers::WaivedFinding;

/// The policies of a run.
pub struct LoadedPolicies {
    /// What each policy wants, in the order of the files.
    pub desired: Vec<Desired>,
    /// Settings that the policies manage and that this run leaves out, because it does not use the service they need.
    pub left_out: Vec<&'static str>,
    /// What is wrong with the files, sorted by place.
    pub findings: Vec<Finding>,
    /// What the policies accept for a while, in the order of the files.
    pub waived: Vec<WaivedFinding>,
    /// How many files were read.
    pub files: usize,
    /// How many of them are asked for. The part that this run does may hold fewer of them, or none.
    pub asked_for: usize,
    /// The ring that is asked for and does not exist.
    pub no_ring: Option<String>,
    /// By which standards the repository judges.
    pub standards: ReviewConfig,
    /// Where the run started, below the repository's own folder.
    pub below: String,
    /// How the controller keeps the repository's tenants.
    pub upkeep: ControllerConfig,
    /// A digest of every file that was read.
    pub digest: String,
}

impl LoadedPolicies {
    /// What is told of the files where no tenant is asked.
    #[must_use]
    pub fn checked(&self) -> ValidationReport<'_> {
        ValidationReport {
            findings: &self.findings,
            waived: &self.waived,
            files: self.files,
            tenants: self.desired.len(),
        }
    }

    /// Hands the wishes over with the standards to review them by, when there are any: a run over no
    /// tenant at all must not look like one without changes. A part of the tenants that holds none is no mistake: it has
    /// nothing to do.
    ///
    /// # Errors
    /// When no policy is for a tenant, or none for one that is asked for, or there is no such ring.
    pub fn require_any(self, only: Option<&Pattern>) -> Result<(Vec<Desired>, ReviewConfig), RunError> {
        if let Some(ring) = &self.no_ring {
            let known = self.standards.rings().names().join(", ");
            let known =
                if known.is_empty() { "ssprctl.yaml has no rings".to_owned() } else { format!("one of {known}") };
            return Err(RunError::failed(format!("there is no ring `{ring}`")).hint(format!("correct --ring: {known}")));
        }
        match (self.asked_for == 0, only) {
            (false, _) => Ok((self.desired, self.standards)),
            (true, Some(only)) => Err(RunError::no_tenant(only)),
            (true, None) => Err(RunError::failed("no policy is for a tenant: every file is a baseline")
                .hint("write `tenant:` in the file that is for one")),
        }
    }

    /// Whether nothing may be sent, because a policy is invalid.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

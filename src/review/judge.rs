//! Everything that is to be told about a policy, by the standards of its repository.

use crate::base::finding::Finding;
use crate::review::rules;
use crate::review::standards::Standards;
use crate::review::subject::Subject;
use crate::review::waivers::{Waived, waive};

/// What is to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What counts, sorted by place.
    pub findings: Vec<Finding>,
    /// What is accepted for a while, sorted by place.
    pub waived: Vec<Waived>,
}

/// Judges a policy: its rules, weighed by the repository, without what is waived, and its waivers.
#[must_use]
pub fn judge(subject: Subject<'_>, standards: &Standards) -> Judged {
    let subject = subject.on(standards.today());
    let findings = standards.weigh(rules::judge(&subject));
    let (findings, waived) = waive(findings, &subject, standards.today());
    let mut findings = standards.weigh(findings);
    findings.sort();
    Judged { findings, waived }
}

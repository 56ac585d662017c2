//! Waivers: which findings are accepted for a while, and what is wrong with the waivers themselves.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::LocatedWaiver;
use crate::policy::codes::FindingCode;
use crate::policy::suggest::nearest;
use crate::policy::waiver::Waiver;
use crate::review::rule_context::RuleContext;
use crate::review::rules;
use crate::tenant::surface::Service;

const EXPIRED: &str = "waiver-expired";
const NOT_ALLOWED: &str = "waiver-not-allowed";
const TOO_LONG: &str = "waiver-too-long";
const UNKNOWN: &str = "waiver-unknown-rule";
const UNUSED: &str = "waiver-unused";

/// What can be wrong with a waiver.
pub const CODES: &[FindingCode] = &[
    FindingCode {
        code: EXPIRED,
        severity: Severity::Warning,
        means: "A waiver has ended, so what it accepted is told again.",
        fix: "Mend what the rule says, or agree again: a new reason and a new day.",
        example: None,
    },
    FindingCode {
        code: NOT_ALLOWED,
        severity: Severity::Error,
        means: "A waiver names a rule about what the service itself refuses or ignores. No agreement changes that.",
        fix: "Take the waiver out, and mend what the rule says.",
        example: None,
    },
    FindingCode {
        code: TOO_LONG,
        severity: Severity::Error,
        means: "A waiver holds for more than a year from today. What nobody looks at for so long is no exception any more.",
        fix: "Write a nearer day. If the rule is wrong for the whole repository, say so in `ssprctl.yaml`.",
        example: None,
    },
    FindingCode {
        code: UNKNOWN,
        severity: Severity::Error,
        means: "A waiver names a rule that does not exist, so it accepts nothing.",
        fix: "Correct the code; `ssprctl explain` lists all of them.",
        example: None,
    },
    FindingCode {
        code: UNUSED,
        severity: Severity::Warning,
        means: "A waiver accepts nothing: the policy keeps the rule, an earlier waiver is for the same rule, or the repository has \
                silenced it. Waivers of a baseline are not counted, because another tenant may need them.",
        fix: "Take the waiver out.",
        example: None,
    },
];

/// A finding that somebody has accepted for a while. It counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaivedFinding {
    /// What the rule says.
    pub finding: Finding,
    /// Why and how long it is accepted, and by whom.
    pub waiver: Waiver,
}

/// Parts findings into those that count and those that are waived, and adds what is wrong with the waivers.
#[must_use]
pub(crate) fn waive(
    findings: Vec<Finding>,
    subject: &RuleContext<'_>,
    today: Date,
) -> (Vec<Finding>, Vec<WaivedFinding>) {
    let waivers = &subject.policy().waivers;
    let mut counting = Vec::new();
    let mut in_force = Vec::new();
    for waiver in waivers {
        match wrong(waiver, today) {
            Some(finding) => counting.push(finding),
            None => in_force.push((waiver, false)),
        }
    }
    let mut waived = Vec::new();
    for finding in findings {
        match in_force.iter_mut().find(|(at, _)| at.waiver.rule == finding.code) {
            Some((at, used)) => {
                *used = true;
                waived.push(WaivedFinding { finding, waiver: at.waiver.clone() });
            }
            None => counting.push(finding),
        }
    }
    let idle = in_force.into_iter().filter(|(at, used)| !used && is_certain(at, subject));
    counting.extend(idle.map(|(at, _)| unused(at)));
    (counting, waived)
}

/// What is wrong with a waiver by itself.
fn wrong(at: &LocatedWaiver, today: Date) -> Option<Finding> {
    let Waiver { rule, reason: _, owner, expires } = &at.waiver;
    let Some(known) = rules::find(rule) else { return Some(unknown(at)) };
    if known.enforced {
        let finding =
            Finding::error(NOT_ALLOWED, format!("{rule} is about what the service itself refuses or ignores"));
        return Some(finding.at(at.rule.clone(), "cannot be waived").hint("take the waiver out, and mend the policy"));
    }
    if *expires < today {
        let finding = Finding::warning(EXPIRED, format!("the waiver of {rule} ended on {expires}"));
        let hint = format!("mend the policy, or ask {owner} to agree again");
        return Some(finding.at(at.expires.clone(), "is over").hint(hint));
    }
    let latest = today.saturating_add(1.year());
    (*expires > latest).then(|| {
        let finding = Finding::error(TOO_LONG, format!("the waiver of {rule} holds until {expires}, more than a year"));
        finding.at(at.expires.clone(), "too far away").hint(format!("write {latest} or an earlier day"))
    })
}

fn unknown(at: &LocatedWaiver) -> Finding {
    let waivable = rules::ALL.iter().filter(|rule| !rule.enforced).map(|rule| rule.code);
    let hint = match nearest(&at.waiver.rule, waivable) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "`ssprctl explain` lists all rules".to_owned(),
    };
    Finding::error(UNKNOWN, format!("there is no rule `{}`", at.waiver.rule)).at(at.rule.clone(), "unknown").hint(hint)
}

/// Whether it is certain that a waiver accepts nothing: its rule has seen what it needs, and no other tenant shares it.
fn is_certain(at: &LocatedWaiver, subject: &RuleContext<'_>) -> bool {
    let seen = rules::find(&at.waiver.rule).is_some_and(|rule| subject.knows(rule.needs));
    // A run that leaves settings out cannot know what would be said about them.
    let whole = Service::ALL.iter().all(|system| subject.policy().systems.contains(system));
    seen && whole && at.rule.source == subject.policy().source
}

fn unused(at: &LocatedWaiver) -> Finding {
    Finding::warning(UNUSED, format!("the waiver of {} accepts nothing", at.waiver.rule))
        .at(at.rule.clone(), "nothing to waive")
        .hint("take the waiver out")
}

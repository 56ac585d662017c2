//! Applies waivers to findings, and checks the waivers themselves.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::base::finding::{Finding, Severity};
use crate::base::source::Place;
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

/// The findings about waivers.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: EXPIRED,
        severity: Severity::Warning,
        means: "A waiver has ended, so the finding that it accepted counts again.",
        fix: "Fix the finding, or renew the waiver with a new reason and a new date.",
        example: None,
    },
    FindingCode {
        code: NOT_ALLOWED,
        severity: Severity::Error,
        means: "A waiver names a rule about what the service itself refuses or ignores. No waiver changes that.",
        fix: "Remove the waiver, and fix the finding.",
        example: None,
    },
    FindingCode {
        code: TOO_LONG,
        severity: Severity::Error,
        means: "A waiver is valid for more than a year from today. What nobody reviews for so long is no exception any more.",
        fix: "Write an earlier date. If the rule is wrong for the whole repository, set its level in `ssprctl.yaml`.",
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
        means: "A waiver accepts no finding: the policy follows the rule, an earlier waiver is for the same rule, or the repository \
                turns it off. Waivers of a baseline are not counted, because another tenant may need them.",
        fix: "Remove the waiver.",
        example: None,
    },
];

/// A finding that a policy accepts until a date. It never prevents an apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaivedFinding {
    /// The finding of the rule.
    pub finding: Finding,
    /// The waiver that accepts it.
    pub waiver: Waiver,
    /// The place where the waiver names the rule.
    pub place: Place,
}

/// Separates findings that count from those that are waived, and adds the findings about the waivers.
#[must_use]
pub(crate) fn waive(
    findings: Vec<Finding>,
    subject: &RuleContext<'_>,
    today: Date,
) -> (Vec<Finding>, Vec<WaivedFinding>) {
    let waivers = &subject.policy().waivers;
    let mut counting = Vec::new();
    let mut valid = Vec::new();
    for waiver in waivers {
        match invalid(waiver, today) {
            Some(finding) => counting.push(finding),
            None => valid.push((waiver, false)),
        }
    }
    let mut waived = Vec::new();
    for finding in findings {
        match valid.iter_mut().find(|(at, _)| at.waiver.rule == finding.code) {
            Some((at, used)) => {
                *used = true;
                waived.push(WaivedFinding { finding, waiver: at.waiver.clone(), place: at.rule.clone() });
            }
            None => counting.push(finding),
        }
    }
    let unused_waivers = valid.into_iter().filter(|(at, used)| !used && is_certain(at, subject));
    counting.extend(unused_waivers.map(|(at, _)| unused(at)));
    (counting, waived)
}

/// Whether a waiver accepts findings on this day.
#[must_use]
pub(crate) fn is_in_force(at: &LocatedWaiver, today: Date) -> bool {
    invalid(at, today).is_none()
}

/// The finding about a waiver that is not valid.
fn invalid(at: &LocatedWaiver, today: Date) -> Option<Finding> {
    let Waiver { rule, reason: _, owner, expires } = &at.waiver;
    let Some(known) = rules::find(rule) else { return Some(unknown(at)) };
    if known.enforced {
        let finding =
            Finding::error(NOT_ALLOWED, format!("{rule} is about what the service itself refuses or ignores"));
        return Some(finding.at(at.rule.clone(), "cannot be waived").hint("remove the waiver, and fix the policy"));
    }
    if *expires < today {
        let finding = Finding::warning(EXPIRED, format!("the waiver of {rule} ended on {expires}"));
        let hint = format!("fix the policy, or ask {owner} to renew the waiver");
        return Some(finding.at(at.expires.clone(), "has passed").hint(hint));
    }
    let latest = today.saturating_add(1.year());
    (*expires > latest).then(|| {
        let finding =
            Finding::error(TOO_LONG, format!("the waiver of {rule} is valid until {expires}, more than a year"));
        finding.at(at.expires.clone(), "too late").hint(format!("write {latest} or an earlier date"))
    })
}

fn unknown(at: &LocatedWaiver) -> Finding {
    let waivable = rules::ALL.iter().filter(|rule| !rule.enforced).map(|rule| rule.code);
    let hint = match nearest(&at.waiver.rule, waivable) {
        Some(similar) => format!("did you mean `{similar}`?"),
        None => "`ssprctl explain` lists all rules".to_owned(),
    };
    Finding::error(UNKNOWN, format!("there is no rule `{}`", at.waiver.rule)).at(at.rule.clone(), "unknown").hint(hint)
}

/// Whether a waiver certainly accepts nothing: its rule knows what it needs, and no other tenant shares the waiver.
fn is_certain(at: &LocatedWaiver, subject: &RuleContext<'_>) -> bool {
    let knows = rules::find(&at.waiver.rule).is_some_and(|rule| subject.knows(rule.needs));
    // A run that leaves settings out does not know the findings about them.
    let whole = Service::ALL.iter().all(|service| subject.policy().services.contains(service));
    knows && whole && at.rule.source == subject.policy().source
}

fn unused(at: &LocatedWaiver) -> Finding {
    Finding::warning(UNUSED, format!("the waiver of {} accepts nothing", at.waiver.rule))
        .at(at.rule.clone(), "no finding to waive")
        .hint("remove the waiver")
}

//! What is switched off is never lost: a finding counts, or it is silenced, or it is waived.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;

use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::evaluate::{RuleResults, run_rules};
use ssprctl::testing::review::rule_context::RuleContext;
use ssprctl::testing::review::rules;
use ssprctl::testing::tenant::facts::{Hybrid, Licence, ResetLicence, TenantFacts};

use crate::written::{TODAY, TestResult, wanted};

/// What is done about a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Excuse {
    Nothing,
    Off,
    Lowered,
    Waived,
}

const EXCUSES: [Excuse; 4] = [Excuse::Nothing, Excuse::Off, Excuse::Lowered, Excuse::Waived];

/// The results for a policy with these sections in a tenant without licences, but perhaps that for a reset, and without an
/// on-premises directory.
fn results(
    sections: &str,
    reset: ResetLicence,
    excuse: impl Fn(&str) -> Excuse,
) -> Result<RuleResults, Box<dyn Error>> {
    let (mut levels, mut waivers) = (String::new(), String::new());
    for rule in rules::ALL.iter().filter(|rule| !rule.enforced) {
        match excuse(rule.code) {
            Excuse::Nothing => {}
            Excuse::Off => levels.push_str(&format!("  {}: off\n", rule.code)),
            Excuse::Lowered => levels.push_str(&format!("  {}: warning\n", rule.code)),
            Excuse::Waived => waivers.push_str(&format!(
                "  - {{ rule: {}, reason: agreed for this test, owner: x, expires: 2027-01-31 }}\n",
                rule.code
            )),
        }
    }
    let folder = tempfile::tempdir()?;
    let levels = if levels.is_empty() { levels } else { format!("rules:\n{levels}") };
    fs::write(folder.path().join("ssprctl.yaml"), format!("version: 1\n{levels}"))?;
    let (config, findings) = ReviewConfig::from_repository(&load::discover(folder.path()), TODAY);
    assert_eq!(findings, []);
    let waivers = if waivers.is_empty() { waivers } else { format!("waivers:\n{waivers}") };
    let desired = wanted(&format!("{sections}\n{waivers}"))?;
    let facts = TenantFacts {
        licence: Some(Licence { reset, writeback: false }),
        hybrid: Some(Hybrid { synchronised: false, writeback_up: None }),
        ..TenantFacts::default()
    };
    Ok(run_rules(RuleContext::with_tenant(&desired, &BTreeMap::new(), &facts), &config))
}

fn codes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<&'static str> {
    let codes = findings.into_iter().map(|finding| finding.code);
    let mut codes: Vec<_> = codes.filter(|code| !code.starts_with("waiver-")).collect();
    codes.sort_unstable();
    codes
}

#[test]
fn every_finding_counts_or_is_listed_with_what_excuses_it() -> TestResult {
    let (mut silenced, mut waived) = (0, 0);
    for rule in rules::ALL {
        let disputed = rule.code == "reset-licence-not-known";
        let reset = if disputed { ResetLicence::NotKnown } else { ResetLicence::ChangeOnly };
        let before = codes(&results(rule.broken, reset, |_| Excuse::Nothing)?.findings);
        for round in 0..EXCUSES.len() {
            let excuse = |code: &str| {
                let index = rules::ALL.iter().position(|rule| rule.code == code).unwrap_or_default();
                EXCUSES[(index + round) % EXCUSES.len()]
            };
            let found = results(rule.broken, reset, excuse)?;
            let waived_findings = || found.waived.iter().map(|waived| &waived.finding);
            let all = codes(found.findings.iter().chain(&found.silenced).chain(waived_findings()));
            assert_eq!(all, before, "{} round {round}", rule.code);
            assert!(codes(&found.silenced).iter().all(|code| excuse(code) == Excuse::Off), "{found:#?}");
            assert!(codes(waived_findings()).iter().all(|code| excuse(code) == Excuse::Waived), "{found:#?}");
            let lowered = found.findings.iter().filter(|finding| excuse(finding.code) == Excuse::Lowered);
            let enforced = |code| rules::ALL.iter().any(|rule| rule.code == code && rule.enforced);
            let mut lowered = lowered.filter(|finding| !enforced(finding.code));
            assert!(lowered.all(|finding| finding.severity == Severity::Warning), "{found:#?}");
            silenced += found.silenced.len();
            waived += found.waived.len();
        }
    }
    assert!(silenced > 20 && waived > 20, "{silenced} {waived}");
    Ok(())
}

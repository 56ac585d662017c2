//! Policies that are written for a test, and what is said about them.

use std::error::Error;
use std::fs;
use std::path::Path;

use jiff::civil::{Date, date};
use ssprctl::testing::base::finding::Finding;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::policy::load::{LoadOptions, load};

/// How every test ends.
pub(crate) type TestResult = Result<(), Box<dyn Error>>;

/// The day of the tests.
pub(crate) const TODAY: Date = date(2026, 11, 22);

/// What sections of a policy for Contoso want.
pub(crate) fn wanted(sections: &str) -> Result<Desired, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    wanted_in(folder.path(), &format!("version: 1\ntenant: contoso.onmicrosoft.com\n{sections}\n"))
}

/// The desired settings of a policy in a folder with its baselines.
pub(crate) fn wanted_in(folder: &Path, text: &str) -> Result<Desired, Box<dyn Error>> {
    fs::write(folder.join("policy.yaml"), text)?;
    let options = LoadOptions { folder: folder.into(), root: Some(folder.into()) };
    let loaded = load(&["policy.yaml".into()], &options);
    let policy = loaded.policies.first().ok_or_else(|| format!("{text}\n{:#?}", loaded.findings))?;
    Ok(Desired::from_policy(policy))
}

/// The codes of findings, in their order.
pub(crate) fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

/// The text that a finding points at, with its line.
pub(crate) fn spot(finding: &Finding) -> Option<(usize, &str)> {
    let place = &finding.at.as_ref()?.place;
    Some((place.line_column().0, place.source.text.get(place.span.start..place.span.end)?))
}

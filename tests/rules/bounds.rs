//! The bounds of `ssprctl.yaml`, each at the value where it begins to count: limits on a run, and the percentages of rings.

use std::error::Error;
use std::fs;

use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::rule_context::RuleContext;
use ssprctl::testing::review::rules::check_all;

use crate::written::{TODAY, TestResult, codes, wanted};

fn standards(sections: &str) -> Result<ReviewConfig, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("ssprctl.yaml"), format!("version: 1\n{sections}\n"))?;
    let (standards, findings) = ReviewConfig::from_repository(&load::discover(folder.path()), TODAY);
    assert_eq!(findings, [], "{sections}");
    Ok(standards)
}

/// Why a run that changes some tenants of a fleet is refused.
fn refusal(limits: &str, changing: usize, fleet: usize) -> Result<Option<String>, Box<dyn Error>> {
    let standards = standards(&format!("limits: {{ {limits} }}"))?.with_fleet_size(fleet);
    Ok(standards.limit_exceeded(changing).map(|finding| finding.message))
}

#[test]
fn a_control_character_in_a_link_is_an_error() -> TestResult {
    for (link, expected) in [
        (r"https://help.contoso.com/\x07reset", vec!["helpdesk-link-invalid"]),
        (r"https://help.contoso.com/\x1b[2J", vec!["helpdesk-link-invalid"]),
        (r"help\x00desk@contoso.com", vec!["helpdesk-link-invalid"]),
        (r"https://help.contoso.com/\u00e9", vec![]),
    ] {
        let desired = wanted(&format!("helpdesk: {{ link: \"{link}\" }}"))?;
        assert_eq!(codes(&check_all(&RuleContext::policy_only(&desired))), expected, "{link}");
    }
    Ok(())
}

#[test]
fn a_number_of_tenants_may_be_reached_and_not_exceeded() -> TestResult {
    assert_eq!(refusal("tenants: 3", 3, 4)?, None);
    let report = "4 of 4 tenants would change, more than the 3 that `limits.tenants` allows";
    assert_eq!(refusal("tenants: 3", 4, 4)?.as_deref(), Some(report));
    Ok(())
}

#[test]
fn a_percentage_of_tenants_may_be_reached_and_not_exceeded() -> TestResult {
    assert_eq!(refusal("percent: 25", 3, 12)?, None, "3 of 12 are 25 %");
    let report = "4 of 12 tenants would change, 33.3 %: more than the 25 % that `limits.percent` allows";
    assert_eq!(refusal("percent: 25", 4, 12)?.as_deref(), Some(report));
    let report = "26 of 103 tenants would change, 25.2 %: more than the 25 % that `limits.percent` allows";
    assert_eq!(refusal("percent: 25", 26, 103)?.as_deref(), Some(report), "a part of one percent is more");
    Ok(())
}

#[test]
fn a_percentage_counts_from_ten_tenants_on_or_from_what_the_file_says() -> TestResult {
    assert_eq!(refusal("percent: 10", 9, 9)?, None);
    assert!(refusal("percent: 10", 2, 10)?.is_some());
    assert_eq!(refusal("percent: 10, percentFrom: 4", 3, 3)?, None);
    assert!(refusal("percent: 10, percentFrom: 4", 1, 4)?.is_some());
    Ok(())
}

/// What is published cannot change: a tenant that moved to an earlier ring would be changed before its canaries.
#[test]
fn the_percentage_of_a_ring_takes_the_tenants_below_it_by_the_published_hash() -> TestResult {
    // The upper half of the hash of each name, modulo 100.
    for (name, percentile) in [("contoso", 5), ("fabrikam", 79), ("northwind", 3), ("adatum", 49), ("tailspin", 89)] {
        let tenant = TenantName::parse(&format!("{name}.onmicrosoft.com"));
        for (percent, ring) in [(percentile, "rest"), (percentile + 1, "some")] {
            let standards = standards(&format!("rings: [{{ name: some, percent: {percent} }}]"))?;
            let rings = standards.rings();
            assert_eq!(rings.names().get(rings.of(&tenant)).copied(), Some(ring), "{name} at {percent} %");
        }
    }
    Ok(())
}

#[test]
fn percentages_of_rings_add_up_and_a_ring_without_one_takes_its_names_alone() -> TestResult {
    let standards = standards(
        "rings:
  - { name: first, percent: 4 }
  - { name: named, tenants: [fabrikam.*] }
  - { name: second, percent: 46 }",
    )?;
    let rings = standards.rings();
    let ring = |name: &str| rings.names()[rings.of(&TenantName::parse(&format!("{name}.onmicrosoft.com")))].to_owned();
    let found = ["northwind", "contoso", "adatum", "fabrikam", "tailspin"].map(ring);
    assert_eq!(found, ["first", "second", "second", "named", "rest"]);
    Ok(())
}

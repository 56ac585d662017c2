//! The group of a scope: by name or id, and what is wrong with it before anything is sent.

use ssprctl::testing::review::approve::Refusal;

use crate::harness::{FABRIKAM, Harness, TestResult, changed, policy};

async fn finding_for(group: &str) -> Result<(Vec<&'static str>, usize), Box<dyn std::error::Error>> {
    let harness = Harness::start()?;
    let review = harness.review(&policy(FABRIKAM, &format!("scope: {{ users: selected, group: {group} }}"))).await?;
    let refused = review.refusal();
    let codes: Vec<_> = review.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(refused == Some(Refusal::Errors), !codes.is_empty());
    Ok((codes, harness.writes().len()))
}

#[tokio::test]
async fn a_group_that_will_not_do_is_an_error_before_any_write() -> TestResult {
    for (group, code) in [
        ("Nobody Knows", "group-not-found"),
        ("11111111-2222-4333-8444-555555555555", "group-not-found"),
        ("All Employees", "group-ambiguous"),
        ("Marketing", "group-not-security"),
    ] {
        assert_eq!(finding_for(group).await?, (vec![code], 0), "{group}");
    }
    Ok(())
}

#[tokio::test]
async fn a_name_is_found_whatever_quotes_and_case_it_has() -> TestResult {
    for group in ["\"müller's team\"", "SSPR BRANCH OFFICES"] {
        assert_eq!(finding_for(group).await?, (Vec::new(), 0), "{group}");
    }
    Ok(())
}

#[tokio::test]
async fn the_group_is_compared_by_id_in_any_case() -> TestResult {
    let harness = Harness::start()?;
    let id = "55BC0002-0600-4000-8000-000000000001";
    let review = harness.review(&policy(FABRIKAM, &format!("scope: {{ users: selected, group: {id} }}"))).await?;
    assert_eq!((changed(&review), review.findings), (Vec::new(), Vec::new()));
    assert_eq!(review.plan.group_names.values().collect::<Vec<_>>(), ["SSPR Users"]);
    Ok(())
}

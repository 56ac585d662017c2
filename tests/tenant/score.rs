//! What a policy would do to the Secure Score control: said where it can be, and never guessed.

use ssprctl::testing::plan::score::{Forecast, forecast};
use ssprctl::testing::tenant::score::SecureScore;

use crate::harness::{ADATUM, CONTOSO, Harness, TAILSPIN, TestResult, policy};

async fn after(tenant: &str, sections: &str, points: Option<f64>) -> Result<Forecast, Box<dyn std::error::Error>> {
    let review = Harness::start()?.review(&policy(tenant, sections)).await?;
    let now = points.map(|points| SecureScore { taken: None, points, status: None });
    Ok(forecast(now.as_ref(), &review.plan))
}

#[tokio::test]
async fn everybody_is_full_and_nobody_is_nothing() -> TestResult {
    let nobody = "scope:\n  users: none\n  administrators: false";
    for points in [None, Some(0.5)] {
        assert_eq!(after(CONTOSO, "scope:\n  users: all", points).await?, Forecast::Points(1.0));
        assert_eq!(after(CONTOSO, nobody, points).await?, Forecast::Points(0.0));
    }
    Ok(())
}

#[tokio::test]
async fn a_scope_that_stays_does_not_change_the_points() -> TestResult {
    let whole = "scope:\n  administrators: true\n  users: none";
    assert_eq!(after(TAILSPIN, whole, Some(0.25)).await?, Forecast::Points(0.25));
    let part = after(TAILSPIN, "methods:\n  required: 2", Some(0.25)).await?;
    assert_eq!(part, Forecast::Unknown("it is not known whether administrators may reset"), "that was not read");
    let unknown = after(TAILSPIN, whole, None).await?;
    assert_eq!(unknown, Forecast::Unknown("it stays as it is, which is unknown"));
    Ok(())
}

#[tokio::test]
async fn how_many_users_a_group_has_is_not_guessed() -> TestResult {
    let group = "scope:\n  users: selected\n  group: SSPR-Pilot\n  administrators: true";
    let found = after(CONTOSO, group, Some(0.5)).await?;
    assert_eq!(found, Forecast::Unknown("it depends on how many users the group has"));
    let none = after(ADATUM, "scope:\n  users: none\n  administrators: true", Some(1.0)).await?;
    assert_eq!(none, Forecast::Unknown("administrators may still reset, and it is not known how many they are"));
    Ok(())
}

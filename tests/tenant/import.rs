//! Import: every seeded tenant becomes a policy that loads, validates and plans clean.

use jiff::civil::date;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::plan::import::import_policy;
use ssprctl::testing::policy::write;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::import_check::first_invalid_setting;

use crate::harness::{ADATUM, Harness, NORTHWIND, TAILSPIN, TENANTS, TestResult, errors, wanted};

async fn imported(harness: &Harness, tenant: &str) -> Result<(String, Vec<&'static str>), Box<dyn std::error::Error>> {
    let snapshot = harness.snapshot(tenant).await?;
    let config = ReviewConfig::new(date(2026, 11, 22));
    let check = |draft: &_| first_invalid_setting(draft, &config);
    let (policy, left_out) = import_policy(&snapshot, &TenantName::parse(tenant), Cloud::Global, check);
    let policy = policy.ok_or_else(|| format!("{left_out:#?}"))?;
    Ok((write::to_yaml(&policy, "schemas/policy.json", &[])?, left_out.iter().map(|left| left.setting).collect()))
}

#[tokio::test]
async fn what_is_imported_validates_and_plans_no_changes() -> TestResult {
    let harness = Harness::start()?;
    for tenant in TENANTS {
        let (text, _) = imported(&harness, tenant).await?;
        let desired = wanted(&text)?;
        assert_eq!(errors(&desired), [], "{tenant}: {text}");
        let review = harness.review(&text).await?;
        assert!(review.plan.is_empty() && review.refusal().is_none(), "{tenant}: {text}\n{review:#?}");
    }
    Ok(())
}

/// What a tenant without Entra ID P1 does not show; the last is what Northwind's legacy policy cannot say.
const WITHOUT_PREMIUM: [&str; 8] = [
    "registration.allowedFrom.locations",
    "registration.allowedFrom.excludedGroups",
    "registration.allowedFrom.state",
    "writeback.passwords",
    "writeback.unlockWithoutReset",
    "windowsSignIn.resetLink",
    "windowsSignIn.group",
    "methods.allowed",
];

#[tokio::test]
async fn only_what_cannot_be_said_is_left_out() -> TestResult {
    let harness = Harness::start()?;
    for tenant in TENANTS {
        let expected: &[&str] = match tenant {
            NORTHWIND => &WITHOUT_PREMIUM,
            TAILSPIN => WITHOUT_PREMIUM.split_last().map_or(&[], |(_, others)| others),
            ADATUM => &["methods.allowed"],
            _ => &[],
        };
        assert_eq!(imported(&harness, tenant).await?.1, expected, "{tenant}");
    }
    Ok(())
}

//! Saved reviews: what is in the file, what makes it stale, and that no damage goes by unnoticed.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use ssprctl::testing::base::signature::SharedKey;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::review::approve::Review;
use ssprctl::testing::review::file::compare::{ReviewMismatch, is_done, mismatches};
use ssprctl::testing::review::file::format::{ReviewedTenant, SavedRefusal, SavedReview};
use ssprctl::testing::review::file::read::{ReviewFileError, read};
use ssprctl::testing::review::file::write::{ReviewBasis, reviewed, text};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{CONTOSO, FABRIKAM, Harness, TestResult, policy};

const POLICY: &str = "methods: { required: 2, allowed: [email, mobileAppCode, mobilePhone] }
scope: { users: selected, group: SSPR-Pilot }
notifications: { administrators: true }";

fn saved(review: &Review) -> Result<SavedReview, Box<dyn std::error::Error>> {
    Ok(reviewed([review], ReviewBasis::default(), "2026-11-22T10:00:00Z".parse()?))
}

fn tenant(review: &Review) -> Result<ReviewedTenant, Box<dyn std::error::Error>> {
    let text = text(saved(review)?, None)?;
    Ok(read(&text, None)?.tenants.pop().ok_or("no tenant")?)
}

fn key(letter: &str) -> Result<SharedKey, ssprctl::testing::base::signature::KeyTooShort> {
    letter.repeat(40).parse()
}

#[tokio::test]
async fn what_is_saved_is_read_back_and_is_the_same_review() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, POLICY)).await?;
    let tenant = tenant(&review)?;
    assert_eq!(tenant.requests.len(), review.plan.steps.len());
    for (saved, step) in tenant.requests.iter().zip(&review.plan.steps) {
        assert_eq!(serde_json::to_string(&saved.body)?, serde_json::to_string(&step.body)?, "the very bytes");
    }
    assert_eq!(mismatches(&tenant, &review), []);
    assert_eq!(mismatches(&tenant, &harness.review(&policy(CONTOSO, POLICY)).await?), [], "read again, nothing moved");
    assert!(!is_done(&tenant, &review));
    Ok(())
}

#[tokio::test]
async fn an_edit_in_the_portal_is_named_by_its_setting() -> TestResult {
    let harness = Harness::start()?;
    let saved = tenant(&harness.review(&policy(CONTOSO, POLICY)).await?)?;
    harness.set(CONTOSO, "registration.reconfirmAfterDays", "90")?;
    let now = harness.review(&policy(CONTOSO, POLICY)).await?;
    let report = mismatches(&saved, &now);
    let [ReviewMismatch::Setting { setting, was, is }] = report.as_slice() else {
        return Err(format!("{report:#?}").into());
    };
    assert_eq!(setting.name, "registration.reconfirmAfterDays", "also a setting that the policy does not manage");
    assert_eq!((was, is), (&Some(Value::Number(180)), &Some(Value::Number(90))));
    Ok(())
}

#[tokio::test]
async fn a_key_that_no_setting_knows_is_named_too() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, POLICY)).await?;
    let saved = tenant(&review)?;
    let mut now = review.clone();
    for document in now.plan.seen.values_mut() {
        *document = document.with("skipRegistrationMaxAllowedDays", &30.into());
    }
    let key = |surface| ReviewMismatch::Key { surface, key: "skipRegistrationMaxAllowedDays".to_owned() };
    assert_eq!(mismatches(&saved, &now), now.plan.seen.keys().copied().map(key).collect::<Vec<_>>());
    now = review.clone();
    now.plan.seen.remove(&Surface::PasswordReset);
    assert_eq!(mismatches(&saved, &now), [ReviewMismatch::Document(Surface::PasswordReset)]);
    Ok(())
}

#[tokio::test]
async fn other_tenants_other_requests_and_new_findings_are_stale() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, POLICY)).await?;
    let saved = tenant(&review)?;
    let mut other = review.clone();
    other.plan.tenant_id = harness.review(&policy(FABRIKAM, "methods: { required: 2 }")).await?.plan.tenant_id;
    assert_eq!(mismatches(&saved, &other), [ReviewMismatch::Tenant]);

    let mut other = review.clone();
    for step in &mut other.plan.steps {
        step.body = step.body.with("notifyUsersOnPasswordReset", &false.into());
    }
    assert_eq!(mismatches(&saved, &other), [ReviewMismatch::Requests]);

    let other = harness.review(&policy(CONTOSO, &POLICY.replace("required: 2", "required: 1"))).await?;
    let report = mismatches(&saved, &other);
    assert!(report.iter().any(
        |one| matches!(one, ReviewMismatch::DesiredSetting { setting, .. } if setting.name == "methods.required")
    ));

    let mut quiet = review.clone();
    quiet.findings.clear();
    let quiet = tenant(&quiet)?;
    let report = mismatches(&quiet, &review);
    assert!(!review.findings.is_empty(), "this policy has a finding");
    assert_eq!(report.len(), review.findings.len());
    assert!(report.iter().all(|one| matches!(one, ReviewMismatch::Finding(_))), "{report:#?}");
    Ok(())
}

#[tokio::test]
async fn what_was_applied_is_done() -> TestResult {
    let harness = Harness::start()?;
    let saved = tenant(&harness.review(&policy(CONTOSO, POLICY)).await?)?;
    harness.apply(&policy(CONTOSO, POLICY)).await?;
    let now = harness.review(&policy(CONTOSO, POLICY)).await?;
    assert!(!mismatches(&saved, &now).is_empty());
    assert!(is_done(&saved, &now));
    Ok(())
}

#[tokio::test]
async fn a_refused_review_stays_refused() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, "scope: { users: selected, group: No such group }")).await?;
    assert_eq!(tenant(&review)?.refused, Some(SavedRefusal::Errors));
    Ok(())
}

#[tokio::test]
async fn seals_are_checked() -> TestResult {
    let harness = Harness::start()?;
    let review = saved(&harness.review(&policy(CONTOSO, POLICY)).await?)?;
    let plain = text(review.clone(), None)?;
    let signed = text(review.clone(), Some(&key("a")?))?;
    assert!(read(&plain, None).is_ok() && read(&signed, Some(&key("a")?)).is_ok() && read(&signed, None).is_ok());
    let why = |text: &str, key: Option<&SharedKey>| read(text, key).err().ok_or("it is taken");
    assert_eq!(why(&plain, Some(&key("a")?))?, ReviewFileError::Unsigned);
    assert_eq!(why(&signed, Some(&key("b")?))?, ReviewFileError::Forged);
    assert_eq!(why(&plain.replace("\"formatVersion\": 1", "\"formatVersion\": 2"), None)?, ReviewFileError::Format(2));
    assert_eq!(why(&plain.replace("\"formatVersion\": 1", "\"formatVersion\": 0"), None)?, ReviewFileError::Format(0));
    assert_eq!(
        why(&plain.replace("contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com"), None)?,
        ReviewFileError::Changed
    );
    assert!(matches!(why(&plain[..plain.len() / 2], None)?, ReviewFileError::Damaged(_)));
    assert!(matches!(why("{}", None)?, ReviewFileError::Foreign(_)));
    assert!(matches!(why("", None)?, ReviewFileError::Damaged(_)));

    // Whoever means to deceive can make a new digest, and not a new signature.
    let mut forged = review.clone();
    for tenant in &mut forged.tenants {
        tenant.requests.clear();
    }
    let forged = text(forged, None)?;
    assert!(read(&forged, None).is_ok());
    let signature = signed.lines().find(|line| line.contains("\"signature\"")).ok_or("no signature")?;
    let forged = forged.replacen("  \"review\"", &format!("{signature}\n  \"review\""), 1);
    assert_eq!(why(&forged, Some(&key("a")?))?, ReviewFileError::Forged);

    let mut older = review.clone();
    older.tool = "0.0.1".to_owned();
    assert_eq!(why(&text(older, None)?, None)?, ReviewFileError::Tool("0.0.1".to_owned()));
    let mut other = review;
    other.rules = ssprctl::testing::base::signature::Digest::of(b"other rules");
    assert_eq!(why(&text(other, None)?, None)?, ReviewFileError::Rules);
    Ok(())
}

/// 4,096 damaged files: bits flipped, cut off, pieces taken out, put in or doubled. Each is refused, or says the same as
/// before (white space, the spelling of a key's letter in an escape); none makes the reader panic.
#[tokio::test]
async fn damage_never_goes_by_unnoticed() -> TestResult {
    let harness = Harness::start()?;
    let review = saved(&harness.review(&policy(CONTOSO, POLICY)).await?)?;
    let (whole, same) = (text(review.clone(), None)?, serde_json::to_string(&review)?);
    let config = Config { cases: 4096, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let length = whole.len();
    let damage = (0_usize..6, 0..length, 0..length, 0_u32..8, "[ -~]{0,12}");
    let ran = runner.run(&damage, |(how, at, other, bit, piece)| {
        let mut bytes = whole.clone().into_bytes();
        let (from, to) = (at.min(other), at.max(other));
        match how {
            0 => bytes[at] ^= 1 << bit,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(from..to)),
            3 => drop(bytes.splice(at..at, piece.bytes())),
            4 => bytes.extend_from_within(from..to),
            _ => bytes.swap(from, to),
        }
        if let Ok(damaged) = String::from_utf8(bytes)
            && let Ok(read) = read(&damaged, None)
        {
            prop_assert_eq!(serde_json::to_string(&read).ok(), Some(same.clone()));
        }
        Ok(())
    });
    Ok(ran.map_err(|error| error.to_string())?)
}

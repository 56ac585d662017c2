//! Public snapshots: a plan against one is the plan against the tenant, nobody finds in it what is nobody's business, and
//! no damage goes by unnoticed.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use ssprctl::testing::base::signature::{SigningKey, VerifyingKey, new_keys};
use ssprctl::testing::base::value::Value;
use ssprctl::testing::plan::public_snapshot::publish::{publish, text};
use ssprctl::testing::plan::public_snapshot::read::{SnapshotError, read};
use ssprctl::testing::review::approve::plan_and_review;

use crate::harness::{ADATUM, CONTOSO, FABRIKAM, Harness, TENANTS, TestResult, policy, standards, wanted};

const SECTIONS: [&str; 4] = [
    "scope: { users: all, administrators: true }
methods: { required: 2, allowed: [email, mobileAppCode, mobilePhone] }
registration: { requiredAtSignIn: true, reconfirmAfterDays: 90 }",
    "helpdesk: { link: https://help.contoso.com/password }
notifications: { users: true, administrators: true }
writeback: { passwords: true }",
    // What is wrong with it depends on how far the tenant has migrated.
    "methods: { required: 1, allowed: [mobileAppNotification, email] }",
    "securityQuestions:
  toRegister: 5
  toReset: 4
  questions: [{ custom: What is your badge number? }, { predefined: In what city was your first job? }]",
];

fn moment() -> Result<Timestamp, jiff::Error> {
    "2026-11-22T10:00:00Z".parse()
}

const QUESTIONS: &str = r#"[{"custom":"Who is our secret customer?"}]"#;

/// The text of a snapshot that was taken for a policy.
async fn taken(
    harness: &Harness,
    policy: &str,
    key: Option<&SigningKey>,
) -> Result<String, Box<dyn std::error::Error>> {
    let desired = wanted(policy)?;
    let snapshot = harness.everything(&desired).await?;
    Ok(text(vec![publish(&desired, &snapshot)], false, moment()?, key)?)
}

/// Groups that are targets of a method and mean nothing to a policy are not in a public snapshot.
fn without_targets(value: &Value) -> Value {
    match value {
        Value::Set(words) => {
            let public = words.iter().filter(|word| !word.contains(": ") || word.ends_with("all_users"));
            Value::Set(public.cloned().collect())
        }
        other => other.clone(),
    }
}

#[tokio::test]
async fn a_plan_against_it_is_the_plan_against_the_tenant() -> TestResult {
    let harness = Harness::start()?;
    for (tenant, sections) in TENANTS.iter().flat_map(|tenant| SECTIONS.map(|sections| (tenant, sections))) {
        let policy = policy(tenant, sections);
        let real = harness.review(&policy).await?;
        let against = read(&taken(&harness, &policy, None).await?, None, moment()?)?;
        let desired = wanted(&policy)?;
        let public = plan_and_review(&desired, &against.snapshot(&desired)?, &standards());
        let redacted = |text: String| text.contains("(redacted)");
        for (real, public) in real.plan.changes().iter().zip(&public.plan.changes()) {
            assert_eq!((real.setting, &real.place), (public.setting, &public.place));
            assert_eq!(without_targets(&real.after), without_targets(&public.after));
            assert!(
                without_targets(&real.before) == without_targets(&public.before)
                    || redacted(format!("{:?}", public.before)),
                "{tenant}: {real:#?}"
            );
        }
        assert_eq!(real.plan.changes().len(), public.plan.changes().len(), "{tenant}");
        assert_eq!(real.plan.steps.len(), public.plan.steps.len(), "{tenant}: the same number of requests");
        assert_eq!(real.plan.unchanged, public.plan.unchanged, "{tenant}");
        // Whether texts sign anybody in, and by which rules groups have their members, is not published.
        let unpublished = ["sms-sign-in-retirement", "dynamic-group-memberof"];
        let mut known = real.findings.clone();
        known.retain(|finding| !unpublished.contains(&finding.code));
        assert_eq!(known, public.findings, "{tenant}");
        assert_eq!(real.plan.unknown.len(), public.plan.unknown.len(), "{tenant}");
    }
    Ok(())
}

#[tokio::test]
async fn what_no_policy_says_is_not_in_it() -> TestResult {
    let harness = Harness::start()?;
    let before = harness.snapshot(CONTOSO).await?;
    harness.set(CONTOSO, "scope.group", "SSPR-Pilot")?;
    harness.set(CONTOSO, "scope.users", "selected")?;
    harness.set(CONTOSO, "helpdesk.link", "mailto.person@contoso.com")?;
    harness.set(CONTOSO, "securityQuestions.questions", QUESTIONS)?;
    let quiet = taken(&harness, &policy(CONTOSO, "methods: { required: 2 }"), None).await?;
    let names = before.identities.values().filter_map(|known| known.as_ref().ok()).map(|known| known.name.clone());
    let untold = ["person@contoso.com", "secret customer", "SSPR-Pilot", "allowInvitesFrom", "displayName", "Fido2"];
    for word in untold.iter().map(|word| (*word).to_owned()).chain(names) {
        assert!(!quiet.contains(&word), "`{word}` is in it: {quiet}");
    }
    assert!(quiet.contains("(redacted)"), "{quiet}");

    let says = "helpdesk: { link: mailto.person@contoso.com }
securityQuestions: { questions: [{ custom: Who is our secret customer? }] }
scope: { users: selected, group: SSPR-Pilot }";
    let report = taken(&harness, &policy(CONTOSO, says), None).await?;
    for word in ["person@contoso.com", "secret customer", "SSPR-Pilot"] {
        assert!(report.contains(word), "`{word}` is said by the policy: {report}");
    }
    assert!(!report.contains("(redacted)"), "{report}");
    Ok(())
}

#[tokio::test]
async fn a_group_that_was_not_resolved_and_another_tenant_are_reported() -> TestResult {
    let harness = Harness::start()?;
    let file = taken(&harness, &policy(CONTOSO, "scope: { users: selected, group: SSPR-Pilot }"), None).await?;
    let against = read(&file, None, "2026-11-24T10:00:00Z".parse()?)?;
    assert_eq!(against.age, SignedDuration::from_hours(49));
    let other = wanted(&policy(CONTOSO, "scope: { users: selected, group: Break-glass accounts }"))?;
    let other = plan_and_review(&other, &against.snapshot(&other)?, &standards());
    assert_eq!(other.plan.unknown.len(), 1, "{:#?}", other.plan.unknown);
    assert!(other.plan.unknown[0].why.message.contains("not in the snapshot"));
    for tenant in [FABRIKAM, ADATUM] {
        assert!(against.snapshot(&wanted(&policy(tenant, SECTIONS[0]))?).is_err(), "{tenant}");
    }
    assert!(against.snapshot(&wanted(&policy(CONTOSO, "cloud: usGov\nmethods: { required: 2 }"))?).is_err());
    Ok(())
}

#[tokio::test]
async fn signatures_are_checked() -> TestResult {
    let harness = Harness::start()?;
    let (private, public) = new_keys()?;
    let (signs, checks): (SigningKey, VerifyingKey) = (private.parse()?, public.parse()?);
    let policy = policy(CONTOSO, SECTIONS[0]);
    let (plain, signed) = (taken(&harness, &policy, None).await?, taken(&harness, &policy, Some(&signs)).await?);
    let why = |text: &str, key| Ok::<_, Box<dyn std::error::Error>>(read(text, key, moment()?).err());
    assert_eq!(why(&signed, Some(&checks))?, None);
    assert_eq!((why(&signed, None)?, why(&plain, None)?), (None, None));
    assert_eq!(why(&plain, Some(&checks))?, Some(SnapshotError::Unsigned));
    let other: VerifyingKey = new_keys()?.1.parse()?;
    assert_eq!(why(&signed, Some(&other))?, Some(SnapshotError::Forged));
    let changed = signed.replace("\"enablementType\": 0", "\"enablementType\": 2");
    assert_ne!(changed, signed);
    assert_eq!(why(&changed, None)?, Some(SnapshotError::Changed));
    assert_eq!(
        why(&signed.replace("\"formatVersion\": 1", "\"formatVersion\": 7"), None)?,
        Some(SnapshotError::Format(7))
    );
    assert!(matches!(why(&signed[..signed.len() - 9], None)?, Some(SnapshotError::Damaged(_))));
    assert!(matches!(why("{}", None)?, Some(SnapshotError::Foreign(_))));
    Ok(())
}

/// 4,096 damaged snapshots with a key: each is refused, or says the same as before; none makes the reader panic.
#[tokio::test]
async fn damage_never_goes_by_unnoticed() -> TestResult {
    let harness = Harness::start()?;
    let (private, public) = new_keys()?;
    let (signs, checks): (SigningKey, VerifyingKey) = (private.parse()?, public.parse()?);
    let policy = policy(CONTOSO, SECTIONS[0]);
    let whole = taken(&harness, &policy, Some(&signs)).await?;
    let (now, length) = (moment()?, whole.len());
    let desired = wanted(&policy)?;
    let same = read(&whole, Some(&checks), now)?.snapshot(&desired)?;
    let config = Config { cases: 4096, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let damage = (0_usize..5, 0..length, 0..length, 0_u32..8, "[ -~]{0,12}");
    let ran = runner.run(&damage, |(how, at, other, bit, piece)| {
        let mut bytes = whole.clone().into_bytes();
        let (from, to) = (at.min(other), at.max(other));
        match how {
            0 => bytes[at] ^= 1 << bit,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(from..to)),
            3 => drop(bytes.splice(at..at, piece.bytes())),
            _ => bytes.extend_from_within(from..to),
        }
        if let Ok(damaged) = String::from_utf8(bytes)
            && let Ok(read) = read(&damaged, Some(&checks), now)
        {
            prop_assert_eq!(read.snapshot(&desired).ok(), Some(same.clone()));
        }
        Ok(())
    });
    Ok(ran.map_err(|error| error.to_string())?)
}

//! Numbers beyond 2^53, long decimals and nested keys that occur twice: what a JSON library rounds or drops. An edit there
//! is seen, and nothing of it is lost by a write.

use entra_sandbox::Person;
use ssprctl::testing::apply::precondition::PreconditionFailed;

use crate::harness::{FABRIKAM, Harness, TestResult, policy};

/// All questions of Fabrikam but one.
const QUESTIONS: [&str; 5] = [
    "predefined: In what city was your first job?",
    "predefined: What was the name of the hospital in which you were born?",
    "predefined: What was your childhood nickname?",
    "predefined: What was the name of your first pet?",
    "custom: What was the first project you worked on at Fabrikam?",
];

const PAIRS: [(&str, &str); 5] = [
    ("9007199254740992", "9007199254740993"),
    ("0.12345678901234567891", "0.12345678901234567892"),
    ("1e400", "2e400"),
    (r#"{"a":1,"a":2}"#, r#"{"a":3,"a":2}"#),
    (r#"[{"a":[1],"a":2}]"#, r#"[{"a":2}]"#),
];

/// Replaces a text in the portal's document of Fabrikam.
fn replace(harness: &Harness, from: &str, to: &str) -> TestResult {
    harness.world.change(FABRIKAM, |tenant| {
        let text = tenant.password_reset.text();
        assert!(text.contains(from), "{from} is not in {text}");
        serde_json::from_str(&text.replacen(from, to, 1)).map(|edited| tenant.password_reset = edited)
    })??;
    Ok(())
}

#[tokio::test]
async fn an_edit_of_a_value_that_would_be_rounded_or_dropped_stops_the_apply() -> TestResult {
    let text = policy(FABRIKAM, "notifications: { users: false }");
    for (before, after) in PAIRS {
        let harness = Harness::start()?;
        replace(&harness, "{", &format!("{{\"riskProfile\":{{\"weight\":{before}}},"))?;
        let review = harness.review(&text).await?;
        replace(&harness, before, after)?;
        let closed = harness.apply_as(review, &Person::Administrator).await?;
        let Err(PreconditionFailed::TenantChanged(changed)) = closed else {
            return Err(format!("{before} became {after}: {closed:?}").into());
        };
        assert!(changed.moved.iter().all(|(_, keys)| keys == &["riskProfile"]), "{changed:?}");
        assert_eq!(harness.writes(), []);
    }
    Ok(())
}

#[tokio::test]
async fn such_an_edit_makes_a_saved_review_outdated() -> TestResult {
    use ssprctl::testing::base::clock::Clock;
    use ssprctl::testing::review::file::{compare, write};
    let text = policy(FABRIKAM, "notifications: { users: false }");
    for (before, after) in PAIRS {
        let harness = Harness::start()?;
        replace(&harness, "{", &format!("{{\"riskProfile\":{{\"weight\":{before}}},"))?;
        let review = harness.review(&text).await?;
        let saved = write::reviewed([&review], write::ReviewBasis::default(), Clock::System.now());
        let [saved] = saved.tenants.as_slice() else { return Err("one tenant was reviewed".into()) };
        assert_eq!(compare::mismatches(saved, &review), []);
        replace(&harness, before, after)?;
        assert_eq!(compare::mismatches(saved, &harness.review(&text).await?).len(), 1, "{before} became {after}");
    }
    Ok(())
}

#[tokio::test]
async fn an_entry_that_stays_is_sent_back_to_the_byte() -> TestResult {
    let harness = Harness::start()?;
    replace(
        &harness,
        "\"securityQuestions\":[{",
        "\"securityQuestions\":[{\"weight\":9007199254740993,\"risk\":1.10,",
    )?;
    let questions: String = QUESTIONS.iter().map(|question| format!("    - {question}\n")).collect();
    let text = policy(FABRIKAM, &format!("securityQuestions:\n  questions:\n{questions}    - custom: What is new?\n"));
    let review = harness.review(&text).await?;
    let [step] = review.plan.steps.as_slice() else { return Err(format!("{:?}", review.plan.steps).into()) };
    let questions = step.body.raw("securityQuestions").unwrap_or_default();
    assert!(questions.contains("\"weight\":9007199254740993,\"risk\":1.10"), "{questions}");
    assert!(questions.contains("What is new?"), "{questions}");
    Ok(())
}

//! Security questions: a set by kind and text, with the ids that the tenant gave.

use serde_json::Value;

use crate::harness::{FABRIKAM, Harness, TestResult, changed, policy};

const QUESTIONS: [&str; 6] = [
    "predefined: In what city was your first job?",
    "predefined: What was the name of the hospital in which you were born?",
    "predefined: What was your childhood nickname?",
    "predefined: What was the name of your first pet?",
    "custom: What was the first project you worked on at Fabrikam?",
    "custom: \"Wie hieß Ihre erste Teamleitung?\"",
];

fn with(questions: &[&str]) -> String {
    let list: String = questions.iter().map(|question| format!("    - {question}\n")).collect();
    policy(FABRIKAM, &format!("securityQuestions:\n  questions:\n{list}"))
}

async fn entries(harness: &Harness) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let shown: Value = serde_json::from_str(&harness.world.show(FABRIKAM)?)?;
    let list = shown.pointer("/passwordReset/securityQuestions").and_then(Value::as_array);
    Ok(list.ok_or_else(|| shown.to_string())?.clone())
}

#[tokio::test]
async fn order_does_not_count() -> TestResult {
    let harness = Harness::start()?;
    let mut reversed = QUESTIONS;
    reversed.reverse();
    assert_eq!(changed(&harness.review(&with(&QUESTIONS)).await?), Vec::<&str>::new());
    assert_eq!(changed(&harness.review(&with(&reversed)).await?), Vec::<&str>::new());
    Ok(())
}

#[tokio::test]
async fn one_question_goes_and_one_comes_and_the_other_entries_stay() -> TestResult {
    let harness = Harness::start()?;
    let before = entries(&harness).await?;
    let mut wanted = QUESTIONS.to_vec();
    wanted[1] = "custom: In what city was your first job?";
    harness.apply(&with(&wanted)).await?;
    let after = entries(&harness).await?;
    let gone = "What was the name of the hospital in which you were born?";
    let rest: Vec<_> = before.iter().filter(|entry| entry["questionText"] != gone).cloned().collect();
    assert_eq!(after[..rest.len()], rest[..]);
    let [new] = &after[rest.len()..] else { return Err(format!("{after:#?}").into()) };
    assert_eq!(
        (&new["questionText"], &new["isCustomQuestion"]),
        (&"In what city was your first job?".into(), &true.into())
    );
    assert!(new["objectId"].as_str().is_some_and(|id| id.len() == 32), "the service gives an id: {new}");
    Ok(())
}

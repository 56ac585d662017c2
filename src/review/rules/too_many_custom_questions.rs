//! There are at most 20 questions of your own.

use crate::base::finding::{Finding, Severity};
use crate::base::value::{Question, Value};
use crate::catalog::security_questions;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "too-many-custom-questions",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "There are at most 20 questions of your own.",
    help: "The service takes no more. Remove some, or use predefined ones.",
    source: "Security questions authentication method (concept-authentication-security-questions)",
    benchmark: &[],
    about: &[security_questions::QUESTIONS.name],
    broken: "securityQuestions:\n  questions:\n    - custom: What was project number 1 about?\n    - custom: What was project number 2 about?\n    - custom: What was project number 3 about?\n    - custom: What was project number 4 about?\n    - custom: What was project number 5 about?\n    - custom: What was project number 6 about?\n    - custom: What was project number 7 about?\n    - custom: What was project number 8 about?\n    - custom: What was project number 9 about?\n    - custom: What was project number 10 about?\n    - custom: What was project number 11 about?\n    - custom: What was project number 12 about?\n    - custom: What was project number 13 about?\n    - custom: What was project number 14 about?\n    - custom: What was project number 15 about?\n    - custom: What was project number 16 about?\n    - custom: What was project number 17 about?\n    - custom: What was project number 18 about?\n    - custom: What was project number 19 about?\n    - custom: What was project number 20 about?\n    - custom: What was project number 21 about?",
    fixed: "securityQuestions:\n  questions:\n    - custom: What was project number 1 about?\n    - custom: What was project number 2 about?\n    - custom: What was project number 3 about?\n    - custom: What was project number 4 about?\n    - custom: What was project number 5 about?\n    - custom: What was project number 6 about?\n    - custom: What was project number 7 about?\n    - custom: What was project number 8 about?\n    - custom: What was project number 9 about?\n    - custom: What was project number 10 about?\n    - custom: What was project number 11 about?\n    - custom: What was project number 12 about?\n    - custom: What was project number 13 about?\n    - custom: What was project number 14 about?\n    - custom: What was project number 15 about?\n    - custom: What was project number 16 about?\n    - custom: What was project number 17 about?\n    - custom: What was project number 18 about?\n    - custom: What was project number 19 about?\n    - custom: What was project number 20 about?",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let Some(Value::Questions(questions)) = subject.value(security_questions::QUESTIONS.name) else { return None };
    let custom = questions.iter().filter(|question| matches!(question, Question::Custom(_))).count();
    (subject.manages(security_questions::QUESTIONS.name) && custom > MAX_QUESTIONS).then(|| {
        Finding::error(RULE.code, format!("there are {custom} custom questions, but the service takes {MAX_QUESTIONS}"))
            .at(subject.place(RULE.about), "too many of your own")
            .hint("remove some, or use predefined questions")
    })
}

/// How many custom questions a tenant may have.
const MAX_QUESTIONS: usize = 20;

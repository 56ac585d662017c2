//! There are at most 20 questions of your own.

use crate::base::finding::{Finding, Severity};
use crate::base::value::{Question, Value};
use crate::review::rules::rule::Rule;
use crate::review::subject::Subject;

pub(super) static RULE: Rule = Rule {
    code: "too-many-custom-questions",
    severity: Severity::Error,
    says: "There are at most 20 questions of your own.",
    help: "The service takes no more. Remove some, or use predefined ones.",
    source: "Security questions authentication method (concept-authentication-security-questions)",
    about: &["securityQuestions.questions"],
    check,
};

fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Some(Value::Questions(questions)) = subject.value("securityQuestions.questions") else { return None };
    let custom = questions.iter().filter(|question| matches!(question, Question::Custom(_))).count();
    (subject.manages("securityQuestions.questions") && custom > MOST).then(|| {
        Finding::error(RULE.code, format!("there are {custom} custom questions, but the service takes {MOST}"))
            .at(subject.place(RULE.about), "too many of your own")
            .hint("remove some, or use predefined questions")
    })
}

/// How many custom questions a tenant may have.
const MOST: usize = 20;

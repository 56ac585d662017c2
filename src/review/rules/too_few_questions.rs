//! There are at least as many questions to choose from as people must register.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::security_questions;
use crate::policy::document::Method;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "too-few-questions",
    severity: Severity::Error,
    enforced: true,
    needs: RequiredFacts::Policy,
    says: "There are at least as many questions to choose from as people must register.",
    help: "Add questions, or lower `toRegister`. A choice wider than the number is kinder to people.",
    source: "Security questions authentication method (concept-authentication-security-questions)",
    benchmark: &[],
    about: &[security_questions::QUESTIONS.name, security_questions::TO_REGISTER.name],
    broken: "securityQuestions:\n  toRegister: 4\n  questions:\n    - predefined: What was your first job?\n    - predefined: What was your childhood nickname?\n    - custom: What was the first project you worked on here?",
    fixed: "securityQuestions:\n  toRegister: 3\n  questions:\n    - predefined: What was your first job?\n    - predefined: What was your childhood nickname?\n    - custom: What was the first project you worked on here?",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let allowed = subject.methods().is_some_and(|methods| methods.contains(&Method::SecurityQuestions));
    let Some(Value::Questions(questions)) = subject.value(security_questions::QUESTIONS.name) else { return None };
    let register = subject.number(security_questions::TO_REGISTER.name)?;
    let managed =
        subject.manages(security_questions::QUESTIONS.name) || subject.manages(security_questions::TO_REGISTER.name);
    (managed && (allowed || !questions.is_empty()) && questions.len() < register as usize).then(|| {
        let message = format!("people must register {register} questions, but there are only {}", questions.len());
        Finding::error(RULE.code, message)
            .at(subject.place(RULE.about), "too few")
            .hint(format!("give at least {register} questions, or lower toRegister"))
    })
}

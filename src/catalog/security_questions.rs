//! Security questions: the lower half of the portal's Authentication methods page.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, json};

use crate::base::value::{Question, Value};
use crate::catalog::scalar::{decode_number, encode_number, in_section};
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::policy::document;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::Surface;

const TO_REGISTER_KEY: &str = "numberOfQuestionsToRegister";
const TO_RESET_KEY: &str = "numberOfQuestionsToReset";
const QUESTIONS_KEY: &str = "securityQuestions";
const QUESTIONS_SHAPE: &str = "a list of questions, each with `questionText` and `isCustomQuestion`";
const SOURCE: &str = "Security questions authentication method (concept-authentication-security-questions)";

/// How many questions a person must answer to register.
pub(crate) static TO_REGISTER: Setting = Setting {
    name: "securityQuestions.toRegister",
    page: PortalPage::AuthenticationMethods,
    portal: "Number of questions required to register",
    surface: Surface::PasswordReset,
    keys: &[TO_REGISTER_KEY],
    kind: ValueKind::Number { min: 3, max: 5 },
    default: "5",
    needs: &[],
    source: SOURCE,
    audit_names: &["NumberOfSecurityQuestionsToRegister"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope, NoEffectReason::NoQuestions],
    desired: |policy| in_section(&policy.security_questions, |q| &q.to_register, |count| Value::Number(*count)),
    decode: |document| decode_number(document, TO_REGISTER_KEY),
    encode: |value, _| encode_number(value, TO_REGISTER_KEY),
};

/// How many questions a person must answer to reset.
pub(crate) static TO_RESET: Setting = Setting {
    name: "securityQuestions.toReset",
    page: PortalPage::AuthenticationMethods,
    portal: "Number of questions required to reset",
    surface: Surface::PasswordReset,
    keys: &[TO_RESET_KEY],
    kind: ValueKind::Number { min: 3, max: 5 },
    default: "3",
    needs: &[],
    source: SOURCE,
    audit_names: &["NumberOfSecurityQuestionsToVerify"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope, NoEffectReason::NoQuestions],
    desired: |policy| in_section(&policy.security_questions, |q| &q.to_reset, |count| Value::Number(*count)),
    decode: |document| decode_number(document, TO_RESET_KEY),
    encode: |value, _| encode_number(value, TO_RESET_KEY),
};

/// The questions people choose from.
pub(crate) static QUESTIONS: Setting = Setting {
    name: "securityQuestions.questions",
    page: PortalPage::AuthenticationMethods,
    portal: "Select security questions",
    surface: Surface::PasswordReset,
    keys: &[QUESTIONS_KEY],
    kind: ValueKind::Questions,
    default: "none",
    needs: &[],
    source: SOURCE,
    audit_names: &[],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope, NoEffectReason::NoQuestions],
    desired: |policy| {
        in_section(
            &policy.security_questions,
            |q| &q.questions,
            |questions| Value::Questions(questions.iter().map(from_policy).collect()),
        )
    },
    decode: |document| Ok(Value::Questions(wire_questions(document)?.iter().map(from_wire).collect())),
    encode,
};

/// The keys of a question that this program reads. Writes leave its other keys as they are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireQuestion {
    question_text: String,
    is_custom_question: bool,
}

fn from_policy(question: &document::QuestionText) -> Question {
    match question {
        document::QuestionText::Predefined(text) => Question::Predefined(text.clone()),
        document::QuestionText::Custom(text) => Question::Custom(text.clone()),
    }
}

fn from_wire(question: &WireQuestion) -> Question {
    if question.is_custom_question {
        Question::Custom(question.question_text.clone())
    } else {
        Question::Predefined(question.question_text.clone())
    }
}

fn wire_questions(document: &Document) -> Result<Vec<WireQuestion>, DecodeError> {
    document.get_or_empty(QUESTIONS_KEY, QUESTIONS_SHAPE)
}

/// Writes the list of questions. A question that the tenant has already is sent with its own entry, id included, and in the
/// tenant's order; new ones come last and without an id, which the service assigns.
fn encode(value: &Value, document: &Document) -> Vec<Patch> {
    let Value::Questions(wanted) = value else { return Vec::new() };
    let entries: Vec<serde_json::Value> = document.get(QUESTIONS_KEY, QUESTIONS_SHAPE).unwrap_or_default();
    let known: Vec<Question> = wire_questions(document).unwrap_or_default().iter().map(from_wire).collect();
    let mut written = BTreeSet::new();
    let mut list: Vec<serde_json::Value> = Vec::new();
    for (question, entry) in known.iter().zip(entries) {
        if wanted.contains(question) && written.insert(question) {
            list.push(entry);
        }
    }
    list.extend(wanted.iter().filter(|question| !written.contains(question)).map(new_entry));
    vec![Patch { key: QUESTIONS_KEY, value: list.into() }]
}

fn new_entry(question: &Question) -> serde_json::Value {
    let (text, custom) = match question {
        Question::Predefined(text) => (text, false),
        Question::Custom(text) => (text, true),
    };
    Map::from_iter([("questionText".to_owned(), json!(text)), ("isCustomQuestion".to_owned(), json!(custom))]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"securityQuestions":[
        {"objectId":"b","questionText":"Second?","isCustomQuestion":true,"new":1},
        {"objectId":"a","questionText":"First?","isCustomQuestion":false}]}"#;

    fn encoded(wanted: &[Question]) -> Result<String, serde_json::Error> {
        let document = Document::parse(DOCUMENT)?;
        let patches = encode(&Value::Questions(wanted.iter().cloned().collect()), &document);
        Ok(patches.iter().map(|patch| patch.value.to_string()).collect())
    }

    #[test]
    fn unchanged_questions_have_the_same_entries_in_the_same_order() -> Result<(), serde_json::Error> {
        let questions = [Question::Predefined("First?".into()), Question::Custom("Second?".into())];
        assert_eq!(
            encoded(&questions)?,
            r#"[{"objectId":"b","questionText":"Second?","isCustomQuestion":true,"new":1},{"objectId":"a","questionText":"First?","isCustomQuestion":false}]"#
        );
        Ok(())
    }

    #[test]
    fn new_questions_come_last_without_an_id() -> Result<(), serde_json::Error> {
        let changed = [Question::Custom("First?".into()), Question::Custom("Second?".into())];
        assert_eq!(
            encoded(&changed)?,
            r#"[{"objectId":"b","questionText":"Second?","isCustomQuestion":true,"new":1},{"questionText":"First?","isCustomQuestion":true}]"#
        );
        Ok(())
    }
}

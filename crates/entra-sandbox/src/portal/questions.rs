//! Security questions, as the service stores and checks them.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::state::raw_json::RawJson;

/// Microsoft's predefined questions in English, one per line, in the order of its documentation.
const PREDEFINED: &str = include_str!("predefined_questions.txt");

/// The only public id of a predefined question, with its line in [`PREDEFINED`], counted from 0.
const KNOWN_ID: (usize, &str) = (4, "8df9f139ad3b44258ef05e5cdf2bd740");
/// The maximum number of custom questions of a tenant.
const MAX_CUSTOM: usize = 20;

/// A question of a body.
struct SentQuestion {
    id: Option<Uuid>,
    text: String,
    custom: bool,
}

/// The id of a predefined question, 32 digits without dashes; `None` for any other text. Only one id is Microsoft's;
/// the others are made up.
#[must_use]
pub(crate) fn predefined_id(text: &str) -> Option<String> {
    let at = PREDEFINED.lines().position(|known| known == text)?;
    Some(if at == KNOWN_ID.0 { KNOWN_ID.1.to_owned() } else { format!("5c570000000040008000{at:012}") })
}

/// The questions of a body with their ids. A question has its own id if the tenant knows it, else a new one.
///
/// # Errors
/// The message of the service.
pub(crate) fn bind(text: &str, old: &str) -> Result<Value, String> {
    let sent: Option<Vec<RawJson>> =
        serde_json::from_str(text).map_err(|_| format!("{text} is not a list of questions."))?;
    let known: Vec<Uuid> =
        serde_json::from_str::<Vec<RawJson>>(old).unwrap_or_default().iter().filter_map(id_of).collect();
    let sent = sent.unwrap_or_default().iter().map(read).collect::<Result<Vec<_>, _>>()?;
    check(&sent)?;
    let mut taken = Vec::new();
    let mut bound = Vec::new();
    for SentQuestion { id, text, custom } in sent {
        let known_id = id.filter(|id| known.contains(id) && !taken.contains(id));
        let fixed = predefined_id(&text).filter(|_| !custom).and_then(|id| Uuid::parse_str(&id).ok());
        let id = fixed.or(known_id).unwrap_or_else(Uuid::new_v4);
        taken.push(id);
        bound.push(json!({"objectId": id.simple(), "questionText": text, "isCustomQuestion": custom}));
    }
    Ok(Value::Array(bound))
}

fn id_of(question: &RawJson) -> Option<Uuid> {
    let id: Option<String> = question.find("objectId").and_then(|text| serde_json::from_str(text).ok());
    id.and_then(|id| Uuid::parse_str(&id).ok())
}

fn read(question: &RawJson) -> Result<SentQuestion, String> {
    let text = question.find("questionText").and_then(|text| serde_json::from_str(text).ok());
    let text: String = text.ok_or_else(|| format!("{} is a question without a text.", question.text()))?;
    let custom = question.find("isCustomQuestion").is_some_and(|flag| flag == "true");
    Ok(SentQuestion { id: id_of(question), text, custom })
}

fn check(sent: &[SentQuestion]) -> Result<(), String> {
    for (at, SentQuestion { text, custom, .. }) in sent.iter().enumerate() {
        if !custom && predefined_id(text).is_none() {
            return Err(format!("'{text}' is not a predefined question."));
        }
        if *custom && !(3..=200).contains(&text.chars().count()) {
            return Err(format!("The question '{text}' must have 3 to 200 characters."));
        }
        if sent.iter().take(at).any(|earlier| earlier.text == *text && earlier.custom == *custom) {
            return Err(format!("The question '{text}' occurs twice."));
        }
    }
    match sent.iter().filter(|question| question.custom).count() {
        many if many > MAX_CUSTOM => Err(format!("{many} custom questions are given, {MAX_CUSTOM} are allowed.")),
        _ => Ok(()),
    }
}

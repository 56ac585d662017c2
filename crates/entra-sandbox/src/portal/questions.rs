//! Security questions on the wire.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::state::raw_json::RawJson;

/// Microsoft's own questions, in English, in the order of its documentation.
const PREDEFINED: [&str; 35] = [
    "In what city did you meet your first spouse/partner?",
    "In what city did your parents meet?",
    "In what city does your nearest sibling live?",
    "In what city was your father born?",
    "In what city was your first job?",
    "In what city was your mother born?",
    "What city were you in on New Year's 2000?",
    "What is the last name of your favorite teacher in high school?",
    "What is the name of a college you applied to but didn't attend?",
    "What is the name of the place in which you held your first wedding reception?",
    "What is your father's middle name?",
    "What is your favorite food?",
    "What is your maternal grandmother's first and last name?",
    "What is your mother's middle name?",
    "What is your oldest sibling's birthday month and year? (for example, November 1985)",
    "What is your oldest sibling's middle name?",
    "What is your paternal grandfather's first and last name?",
    "What is your youngest sibling's middle name?",
    "What school did you attend for sixth grade?",
    "What was the first and last name of your childhood best friend?",
    "What was the first and last name of your first significant other?",
    "What was the last name of your favorite grade school teacher?",
    "What was the make and model of your first car or motorcycle?",
    "What was the name of the first school you attended?",
    "What was the name of the hospital in which you were born?",
    "What was the name of the street of your first childhood home?",
    "What was the name of your childhood hero?",
    "What was the name of your favorite stuffed animal?",
    "What was the name of your first pet?",
    "What was your childhood nickname?",
    "What was your favorite sport in high school?",
    "What was your first job?",
    "What were the last four digits of your childhood telephone number?",
    "When you were young, what did you want to be when you grew up?",
    "Who is the most famous person you have ever met?",
];

/// The only id of a predefined question that is public, with its place in [`PREDEFINED`].
const KNOWN_ID: (usize, &str) = (4, "8df9f139ad3b44258ef05e5cdf2bd740");
/// How many custom questions a tenant may have.
const MAX_CUSTOM: usize = 20;

/// A question as a body brings it.
struct SentQuestion {
    id: Option<Uuid>,
    text: String,
    custom: bool,
}

/// The id of a predefined question, 32 digits without dashes; `None` for any other text. One of them is Microsoft's, the
/// others are the emulator's own.
#[must_use]
pub(crate) fn predefined_id(text: &str) -> Option<String> {
    let at = PREDEFINED.iter().position(|known| *known == text)?;
    Some(if at == KNOWN_ID.0 { KNOWN_ID.1.to_owned() } else { format!("5c570000000040008000{at:012}") })
}

/// The questions of a body, each with an id: its own when the tenant gave it that id before, a fresh one otherwise.
///
/// # Errors
/// What is wrong with them, in words.
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

//! Reads a file of people again, also one that a spreadsheet has saved.

use jiff::civil::Date;
use serde::Deserialize;

use crate::base::csv::{CsvRecord, records};
use crate::base::ids::TenantName;
use crate::engine::people_file::record::{APPLIED, COLUMNS, FORMAT_VERSION, PeopleFormat};
use crate::person::answer::AnswerReason;
use crate::person::state::PersonState;
use crate::policy::document::Method;

/// How many problems of a file are listed.
const MOST_PROBLEMS: usize = 20;

/// One person of a file, without the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AffectedPerson {
    pub(crate) tenant: TenantName,
    /// The sign-in name, or the object id of somebody whom the directory no longer has.
    pub(crate) sign_in_name: String,
    pub(crate) today: PersonState,
    /// The date of the state then; `None` for today with what is planned.
    pub(crate) date: Option<Date>,
    pub(crate) then: PersonState,
    /// Why; `None` where the person can reset then.
    pub(crate) reason: Option<AnswerReason>,
    /// The sets of methods of which one is enough.
    pub(crate) register: Vec<Vec<Method>>,
}

/// One person as the file has it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersonTexts {
    tenant: String,
    user_principal_name: String,
    state_today: String,
    date: String,
    state_then: String,
    reason: String,
    register: Vec<Vec<String>>,
}

/// A file in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PeopleTexts {
    format_version: u32,
    people: Vec<PersonTexts>,
}

/// The people of a file with this text.
///
/// # Errors
/// Every problem of the file with its place, up to twenty. None of them has a text of the file in it.
pub(crate) fn read(format: PeopleFormat, text: &str) -> Result<Vec<AffectedPerson>, Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Vec::new();
    let texts = match format {
        PeopleFormat::Csv => from_csv(text, &mut problems),
        PeopleFormat::Json => from_json(text, &mut problems),
    };
    let mut people = Vec::with_capacity(texts.len());
    for (place, texts) in texts {
        match person(texts) {
            Ok(person) => people.push(person),
            Err(wrong) => problems.extend(wrong.into_iter().map(|wrong| format!("{place}: {wrong}"))),
        }
    }
    if problems.is_empty() {
        return Ok(people);
    }
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    problems.truncate(MOST_PROBLEMS);
    problems.extend((more > 0).then(|| format!("and {more} more")));
    Err(problems)
}

fn from_json(text: &str, problems: &mut Vec<String>) -> Vec<(String, PersonTexts)> {
    match serde_json::from_str::<PeopleTexts>(text) {
        Ok(PeopleTexts { format_version: FORMAT_VERSION, people }) => {
            people.into_iter().enumerate().map(|(index, one)| (format!("person {}", index + 1), one)).collect()
        }
        Ok(PeopleTexts { format_version, people: _ }) => {
            problems
                .push(format!("formatVersion is {format_version}, and this version of ssprctl reads {FORMAT_VERSION}"));
            Vec::new()
        }
        Err(error) if error.is_data() || error.is_syntax() || error.is_eof() => {
            problems.push(format!("line {}: {}", error.line(), json_problem(&error.to_string())));
            Vec::new()
        }
        Err(error) => {
            problems.push(error.to_string());
            Vec::new()
        }
    }
}

/// What is wrong by a message of the parser, which may have a value of the file in it: only the key that is missing or there
/// twice, and what was expected, are repeated.
fn json_problem(message: &str) -> String {
    let key = |begin: &str| message.strip_prefix(begin).and_then(|rest| rest.split_once('`')).map(|(key, _)| key);
    let expected = message.rsplit_once(", expected ").filter(|_| message.starts_with("invalid type: "));
    let expected = expected.and_then(|(_, expected)| expected.split_once(" at line ")).map(|(expected, _)| expected);
    match (key("missing field `"), key("duplicate field `"), expected) {
        (Some(key), _, _) => format!("the object that ends here lacks the key {key}"),
        (None, Some(key), _) => format!("the key {key} is there twice"),
        (None, None, Some(expected)) => format!("a value is not {expected}"),
        (None, None, None) => "this is not the JSON of a file of people".to_owned(),
    }
}

/// Whether a text is a date as a spreadsheet writes it: with dots or slashes, or as a number of days.
fn rewritten(date: &str) -> bool {
    let parts: Vec<_> = date.split(['.', '/']).collect();
    let numbers = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    numbers && (parts.len() == 3 || parts.len() == 1 && date.len() == 5)
}

/// Spreadsheets save with the delimiter of their language.
fn from_csv(text: &str, problems: &mut Vec<String>) -> Vec<(String, PersonTexts)> {
    let title = text.lines().find(|line| line.contains("userPrincipalName")).unwrap_or_default();
    let many = |delimiter: u8| title.bytes().filter(|byte| *byte == delimiter).count();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| many(*delimiter)).unwrap_or(b',');
    let mut records =
        records(text, delimiter).skip_while(|record| record.fields.first().is_some_and(|field| field.starts_with('#')));
    let Some(CsvRecord { line, fields: columns }) = records.next() else {
        problems.push(format!("it has no line with the columns {COLUMNS}"));
        return Vec::new();
    };
    let missing: Vec<_> = COLUMNS.split(',').filter(|column| !columns.iter().any(|known| known == column)).collect();
    if !missing.is_empty() {
        problems.push(format!("line {line}: it has no column {}", missing.join(", ")));
        return Vec::new();
    }
    let mut people = Vec::new();
    for CsvRecord { line, mut fields } in records {
        if fields.len() != columns.len() {
            problems.push(format!(
                "line {line}: it has {} fields, and there are {} columns",
                fields.len(),
                columns.len()
            ));
            continue;
        }
        let mut take = |name: &str| {
            let at = columns.iter().position(|column| column == name);
            at.and_then(|at| fields.get_mut(at)).map(std::mem::take).unwrap_or_default()
        };
        let set = |set: &str| set.split('+').map(str::to_owned).collect();
        let texts = PersonTexts {
            tenant: take("tenant"),
            user_principal_name: take("userPrincipalName"),
            state_today: take("stateToday"),
            date: take("date"),
            state_then: take("stateThen"),
            reason: take("reason"),
            register: take("register").split_whitespace().map(set).collect(),
        };
        people.push((format!("line {line}"), texts));
    }
    people
}

/// The person whom the texts describe, or what is wrong with them. What names a person is in no message.
fn person(texts: PersonTexts) -> Result<AffectedPerson, Vec<String>> {
    let PersonTexts { tenant, user_principal_name: sign_in_name, state_today, date, state_then, reason, register } =
        texts;
    let mut wrong = Vec::new();
    let state = |name: &str, word: &str| {
        PersonState::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| format!("{name} is no state"))
    };
    let mut note = |problem: Result<(), String>| wrong.extend(problem.err());
    let (today, then) = (state("stateToday", &state_today), state("stateThen", &state_then));
    note(today.clone().map(drop));
    note(then.clone().map(drop));
    let date = if date == APPLIED {
        Ok(None)
    } else {
        let rewritten = || {
            "date is as a spreadsheet rewrites it, and day and month could be mistaken: give the column the format \
             `yyyy-mm-dd` there and save it again, or take the file as --people wrote it"
        };
        let neither = || format!("date is neither a date such as 2027-02-01 nor {APPLIED}");
        let wrong = |_| if self::rewritten(&date) { rewritten().to_owned() } else { neither() };
        date.parse().map(Some).map_err(wrong)
    };
    note(date.clone().map(drop));
    let reason = match AnswerReason::ALL.into_iter().find(|known| known.code() == reason) {
        None if !reason.is_empty() => Err("reason is no code of a reason".to_owned()),
        known => Ok(known),
    };
    note(reason.clone().map(drop));
    let set = |set: &Vec<String>| set.iter().map(|word| Method::from_word(word)).collect::<Result<Vec<_>, _>>();
    let register = register.iter().map(set).collect::<Result<Vec<_>, _>>();
    let register = register.map_err(|_| "register has a word that is no method".to_owned());
    note(register.clone().map(drop));
    note(if tenant.is_empty() { Err("tenant is empty".to_owned()) } else { Ok(()) });
    match (today, date, then, reason, register) {
        (Ok(today), Ok(date), Ok(then), Ok(reason), Ok(register)) if wrong.is_empty() => {
            Ok(AffectedPerson { tenant: TenantName::parse(&tenant), sign_in_name, today, date, then, reason, register })
        }
        _ => Err(wrong),
    }
}

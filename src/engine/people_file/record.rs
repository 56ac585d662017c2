//! What a file of people says of each of them, as CSV or as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::base::csv::push_field;
use crate::person::outlook::PersonOutlook;
use crate::policy::schema;
use crate::tenant::account::AccountNames;

/// The word for today with what is planned, in the place of a date.
pub(super) const APPLIED: &str = "onceApplied";
/// The version of the format in JSON.
pub(super) const FORMAT_VERSION: u32 = 1;
/// What everybody has to know who gets such a file. It has no character at which a program splits lines.
const NOTICE: &str = "This file holds personal data: who can reset a password and who cannot. Give it only to those who need it \
                      and delete it afterwards.";
/// The columns, which are the keys in JSON, too.
pub(super) const COLUMNS: &str =
    "tenant,displayName,userPrincipalName,department,stateToday,date,stateThen,reason,register";

/// The formats of a file of people, by the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeopleFormat {
    /// RFC 4180, with a byte order mark, without which spreadsheets take another encoding.
    Csv,
    /// One document, see `ssprctl schema`.
    Json,
}

/// The personal data that `--people` writes where its file ends in `.json`: the people of a forecast or of a plan.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl file of people")]
struct PeopleDocument<'a> {
    /// The version of this format.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// Says that the file holds personal data.
    notice: &'a str,
    /// The people, in the order of the tenants of the run. Nobody is here who can reset at every moment, who may not at any of
    /// them whatever they register, or whose account is in another tenant.
    people: Vec<ListedPerson<'a>>,
}

/// Somebody in the list, and what they can do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListedPerson<'a> {
    /// The tenant, as its policy names it.
    tenant: &'a str,
    /// The display name; empty where the directory has none.
    display_name: &'a str,
    /// The sign-in name; the object id of somebody whom the registration report has and the directory no longer does.
    user_principal_name: &'a str,
    /// The department; empty where the directory has none.
    department: &'a str,
    /// What the person can do.
    #[serde(flatten)]
    outlook: &'a OutlookWords,
}

/// What is the same for people who are alike.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutlookWords {
    /// The state today: able, short, unregistered, notPermitted or unclear.
    state_today: &'static str,
    /// Since when `stateThen` holds: a date (RFC 3339), or `onceApplied` for today with what is planned.
    date: String,
    /// The state at that moment, in the words of `stateToday`.
    state_then: &'static str,
    /// Why, as a code; empty where the person can reset then.
    reason: &'static str,
    /// The methods that the person would have to register: one of these lists is enough, and all methods of a list are needed.
    register: Vec<Vec<&'static str>>,
}

/// What a record says besides the names.
pub(super) struct RecordFrame {
    tenant: String,
    words: OutlookWords,
    /// In CSV, what stands before the names, and after them.
    csv: (Vec<u8>, String),
}

impl RecordFrame {
    pub(super) fn new(tenant: &str, outlook: &PersonOutlook) -> Self {
        let PersonOutlook { today, at, then, reason, register } = outlook;
        let words = OutlookWords {
            state_today: today.word(),
            date: at.map_or_else(|| APPLIED.to_owned(), |at| at.to_string()),
            state_then: then.word(),
            reason: reason.map(|reason| reason.code()).unwrap_or_default(),
            register: register.iter().map(|set| set.iter().map(|method| method.word()).collect()).collect(),
        };
        let OutlookWords { state_today, date, state_then, reason, register } = &words;
        let register: Vec<_> = register.iter().map(|set| set.join("+")).collect();
        let end = format!(",{state_today},{date},{state_then},{reason},{}\r\n", register.join(" "));
        let mut start = Vec::new();
        push_field(&mut start, tenant);
        Self { tenant: tenant.to_owned(), words, csv: (start, end) }
    }
}

impl PeopleFormat {
    /// What the file begins with.
    pub(super) fn head(self) -> String {
        match self {
            Self::Csv => format!("\u{feff}# {NOTICE}\r\n{COLUMNS}\r\n"),
            Self::Json => {
                format!("{{\n\"formatVersion\": {FORMAT_VERSION},\n\"notice\": \"{NOTICE}\",\n\"people\": [")
            }
        }
    }

    /// What the file ends with.
    pub(super) fn tail(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => "\n]\n}\n",
        }
    }

    /// What is between two people.
    pub(super) fn separator(self) -> &'static str {
        match self {
            Self::Csv => "",
            Self::Json => ",",
        }
    }

    pub(super) fn push(self, line: &mut Vec<u8>, names: AccountNames<'_>, frame: &RecordFrame) {
        let AccountNames { display_name, sign_in_name, department } = names;
        let RecordFrame { tenant, words: outlook, csv: (start, end) } = frame;
        match self {
            Self::Csv => {
                line.extend_from_slice(start);
                for text in [display_name, sign_in_name, department] {
                    line.push(b',');
                    push_field(line, text);
                }
                line.extend_from_slice(end.as_bytes());
            }
            Self::Json => {
                let user_principal_name = sign_in_name;
                let person = ListedPerson { tenant, display_name, user_principal_name, department, outlook };
                line.push(b'\n');
                // Texts are always written.
                let _ = serde_json::to_writer(line, &person);
            }
        }
    }
}

/// The JSON Schema of a file of people.
#[must_use]
pub(crate) fn people_schema() -> serde_json::Value {
    schema::of::<PeopleDocument<'_>>()
}

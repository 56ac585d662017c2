//! The messages and hints of schema errors.

use serde_json::Value;

use crate::policy::questions::PREDEFINED;
use crate::policy::schema::FileSchema;
use crate::policy::suggest::nearest;

/// The most characters of a file that a message quotes.
const LONGEST: usize = 60;

/// What `tenant` may be.
const TENANT: &str = "write a verified domain such as `contoso.onmicrosoft.com`, or the tenant id";

/// What `able` of a readiness may be.
const SHARE: &str = "write a percentage from `1%` to `100%`, such as `90%`";

/// What `reportAge` of a readiness may be.
const AGE: &str = "write hours or days, such as `36h` or `2d`";

/// The message about one value.
pub(crate) struct SchemaMessage {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) hint: String,
}

fn schema_message(
    code: &'static str,
    message: String,
    label: impl Into<String>,
    hint: impl Into<String>,
) -> SchemaMessage {
    SchemaMessage { code, message, label: label.into(), hint: hint.into() }
}

/// A value that the schema refuses.
pub(crate) struct InvalidValue<'a> {
    pub(crate) pointer: &'a str,
    /// The bytes of the file.
    pub(crate) written: &'a str,
    pub(crate) instance: &'a Value,
    /// The schema of this value, with `$ref` resolved.
    pub(crate) schema: &'a Value,
    pub(crate) shape: &'a FileSchema,
}

impl InvalidValue<'_> {
    fn name(&self) -> String {
        whole(self.pointer, self.shape.name)
    }

    fn wanted(&self) -> String {
        wanted(self.shape, self.schema)
    }

    pub(crate) fn null(&self) -> SchemaMessage {
        let message = format!("{} has no value", self.name());
        let hint = match self.pointer {
            "/version" => "write `version: 1`".into(),
            "/tenant" => "name the tenant, or leave the key out: a file without it is a baseline".into(),
            pointer if is_item(pointer) => "remove the item, or write its value".into(),
            _ => format!("leave the key out{}, or write {}", self.shape.absent, self.wanted()),
        };
        schema_message("null-value", message, "nothing here", hint)
    }

    pub(crate) fn missing(&self, property: &Value) -> SchemaMessage {
        let key = property.as_str().unwrap_or_default();
        let hint = if key == "version" { "begin the file with `version: 1`".into() } else { format!("add `{key}`") };
        schema_message("missing-key", format!("{} has no `{key}`", self.name()), "", hint)
    }

    pub(crate) fn of_wrong_type(&self) -> SchemaMessage {
        let message = format!("{} is {}, not {}", self.name(), self.found(), self.wanted_kind());
        match self.repair() {
            Some(repair) => schema_message("wrong-type", message, self.label(), repair),
            None => schema_message("wrong-type", message, "", format!("write {}", self.wanted())),
        }
    }

    /// The allowed values, if that is short; used when the hint says something else.
    fn label(&self) -> String {
        let wanted = self.wanted();
        if wanted.len() > LONGEST { String::new() } else { format!("expected {wanted}") }
    }

    fn found(&self) -> String {
        match self.instance {
            Value::Null => "empty".into(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(_) => format!("the number {}", quoted(self.written)),
            Value::String(text) if text.is_empty() => "an empty text".into(),
            Value::String(text) => format!("the text {}", quoted(text)),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "a mapping".into(),
        }
    }

    /// The intended value, if it was written with the wrong YAML type.
    fn repair(&self) -> Option<String> {
        let quote = self.written.starts_with(['"', '\'']);
        if self.pointer.is_empty() {
            return Some("write one mapping, beginning with `version: 1`".into());
        }
        if self.pointer == "/tenant" {
            return Some(TENANT.into());
        }
        if self.pointer.ends_with("/readiness/able") {
            return Some(SHARE.into());
        }
        if self.pointer.ends_with("/readiness/reportAge") {
            return Some(AGE.into());
        }
        match (self.wanted_type(), self.instance) {
            ("boolean", Value::String(text)) => {
                let value = match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "y" | "true" | "1" => true,
                    "no" | "off" | "n" | "false" | "0" => false,
                    _ => return None,
                };
                Some(if quote { format!("write `{value}` without quotes") } else { format!("write `{value}`") })
            }
            ("boolean", Value::Number(number)) => {
                let value = number.as_u64().filter(|number| *number < 2)? == 1;
                Some(format!("write `{value}`"))
            }
            ("integer", Value::String(text)) => {
                let number: i64 = text.replace(['_', ',', ' '], "").parse().ok()?;
                Some(if quote && number.to_string() == *text {
                    format!("write `{number}` without quotes")
                } else {
                    format!("write `{number}`")
                })
            }
            ("string", Value::Bool(_) | Value::Number(_)) if self.shape.words(self.schema).is_empty() => {
                Some(format!("put it in quotes: `\"{}\"`", clip(self.written)))
            }
            ("array", Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
                Some(format!("write a list: `[{}]`", clip(self.written)))
            }
            ("object", Value::String(text)) if self.schema.get("properties")?.get("predefined").is_some() => {
                let kind = if sentence(text, &PREDEFINED).is_some() { "predefined" } else { "custom" };
                Some(format!("write `{kind}: {}`", clip(self.written)))
            }
            _ => None,
        }
    }

    fn wanted_type(&self) -> &str {
        let listed = self.schema.get("oneOf").is_some() || self.schema.get("enum").is_some();
        if listed { "string" } else { self.schema.get("type").and_then(Value::as_str).unwrap_or_default() }
    }

    fn wanted_kind(&self) -> &'static str {
        if self.schema.get("type").is_some_and(Value::is_array) {
            return "a whole number or a percentage";
        }
        match self.wanted_type() {
            "boolean" => "`true` or `false`",
            "integer" => "a whole number",
            "number" => "a number",
            "array" => "a list",
            "object" => "a mapping of keys",
            _ => "text",
        }
    }

    pub(crate) fn unknown(&self) -> SchemaMessage {
        let Some(text) = self.instance.as_str() else { return self.of_wrong_type() };
        let words = self.shape.words(self.schema);
        let message = format!("{} is not a value of `{}`", quoted(text), dotted(self.pointer));
        let meant = nearest(text, words.iter().copied()).or_else(|| sentence(text, &words));
        let listed = words == PREDEFINED;
        let label = if listed { "not one of Microsoft's questions".into() } else { self.label() };
        let label = if words.len() > 10 && !listed { String::new() } else { label };
        match meant {
            Some(meant) => schema_message("unknown-value", message, label, format!("did you mean `{meant}`?")),
            None if listed => {
                schema_message("unknown-value", message, label, "write a question of your own under `custom`")
            }
            None => schema_message("unknown-value", message, "", format!("write {}", choice(&words))),
        }
    }

    pub(crate) fn out_of_range(&self) -> SchemaMessage {
        if self.pointer == "/version" {
            let message = format!("version {} of this format is not known", clip(self.written));
            return schema_message("unsupported-version", message, "", "write `version: 1`, or use a newer ssprctl");
        }
        let wanted = self.wanted();
        let message = format!("{} is out of range for `{}`", quoted(self.written), dotted(self.pointer));
        schema_message("out-of-range", message, "", format!("write {wanted}"))
    }

    pub(crate) fn of_wrong_length(&self) -> SchemaMessage {
        let length = self.instance.as_str().unwrap_or_default().chars().count();
        let bound = |key: &str| self.schema.get(key).and_then(Value::as_u64).unwrap_or_default();
        let (least, most) = (bound("minLength"), bound("maxLength"));
        let name = self.name();
        if length as u64 > most && most > 0 {
            let message = format!("{name} has {length} characters, at most {most} are allowed");
            return schema_message("too-long", message, format!("{length} characters"), "shorten it");
        }
        if length == 0 {
            return schema_message(
                "too-short",
                format!("{name} is empty"),
                "empty",
                "write a value, or leave the key out",
            );
        }
        let message = format!("{name} has {length} characters, at least {least} are needed");
        schema_message(
            "too-short",
            message,
            format!("{length} characters"),
            format!("write at least {least} characters"),
        )
    }

    pub(crate) fn too_many(&self, limit: u64) -> SchemaMessage {
        let length = self.instance.as_array().map_or(0, Vec::len);
        let message = format!("`{}` has {length} items, at most {limit} are allowed", dotted(self.pointer));
        schema_message("too-many", message, "the first one too many", format!("keep at most {limit}"))
    }

    /// The message for a mapping that must have exactly one of several keys.
    pub(crate) fn ambiguous(&self) -> SchemaMessage {
        let keys = self.shape.keys(self.schema);
        let choices = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" or ");
        let name = self.name();
        if self.instance.as_object().is_some_and(serde_json::Map::is_empty) {
            return schema_message("missing-key", format!("{name} is empty"), "", format!("give it {choices}"));
        }
        let message = format!("{name} has more than one of {choices}");
        schema_message("too-many", message, "", "make two items of it, or remove one key")
    }

    pub(crate) fn of_wrong_form(&self) -> SchemaMessage {
        let text = self.instance.as_str().unwrap_or_default();
        let (message, hint) = match self.pointer {
            "/tenant" if text.is_empty() => ("`tenant` is empty".into(), TENANT.to_owned()),
            "/helpdesk/link" if text.is_empty() => ("`helpdesk.link` is empty".into(), link_hint(text)),
            "/tenant" => (format!("{} is neither a domain nor a tenant id", quoted(text)), TENANT.to_owned()),
            "/helpdesk/link" => {
                (format!("{} is neither a web address nor an e-mail address", quoted(text)), link_hint(text))
            }
            pointer if ["/expires", "/firstDay", "/lastDay", "/date"].iter().any(|key| pointer.ends_with(key)) => {
                (format!("{} is no day", quoted(text)), "write year, month and day, such as `2027-01-31`".to_owned())
            }
            pointer if pointer.contains("/groups/") => (
                format!("{} is no object id", quoted(text)),
                "write the object id of the group, as its page in Entra shows it: names are not unique".to_owned(),
            ),
            pointer if pointer.ends_with("/from") || pointer.ends_with("/to") => {
                (format!("{} is no time of day", quoted(text)), "write hour and minute, such as `16:00`".to_owned())
            }
            pointer if pointer.ends_with("/url") || pointer.ends_with("/key") => (
                // The value is not quoted: somebody may have written the secret itself.
                format!("{} is not the name of a variable for notifications", self.name()),
                "write the name of an environment variable that begins with `SSPRCTL_NOTIFY_`".to_owned(),
            ),
            pointer if pointer.ends_with("/readiness/able") => {
                (format!("{} is no share of people", quoted(text)), SHARE.to_owned())
            }
            pointer if pointer.ends_with("/readiness/reportAge") => {
                (format!("{} is no age of a report", quoted(text)), AGE.to_owned())
            }
            pointer if pointer.ends_with("/rule") => (
                format!("{} cannot be the code of a rule", quoted(text)),
                "write a code that `ssprctl explain` lists, such as `sms-voice-retirement`".to_owned(),
            ),
            _ => {
                (format!("{} has the wrong form for {}", quoted(text), self.name()), format!("write {}", self.wanted()))
            }
        };
        schema_message("invalid-format", message, "", hint)
    }

    /// A list with fewer items than it needs.
    pub(crate) fn too_few(&self) -> SchemaMessage {
        let fewest = self.schema.get("minItems").and_then(Value::as_u64).unwrap_or(1);
        let message = match self.instance.as_array().map(Vec::len) {
            Some(0) => format!("{} is an empty list", self.name()),
            Some(_) | None => format!("{} has too few items", self.name()),
        };
        let items = if fewest == 1 { "at least one item".to_owned() } else { format!("at least {fewest} items") };
        let hint = match self.pointer {
            "/expect" => "write at least one thing that must hold, such as `- refused: false`".to_owned(),
            _ => format!("write {items}"),
        };
        schema_message("invalid-format", message, "", hint)
    }

    pub(crate) fn otherwise(&self, keyword: &str) -> SchemaMessage {
        let message = format!("{} does not fit the schema ({keyword})", self.name());
        schema_message("invalid-format", message, "", format!("write {}", self.wanted()))
    }
}

fn link_hint(text: &str) -> String {
    if let Some(address) = text.strip_prefix("mailto:") {
        return format!("write the address without `mailto:`: `{}`", clip(address));
    }
    if text.contains("://") || text.contains([' ', '@']) || !text.contains('.') {
        return "write `https://…`, an address such as `helpdesk@contoso.com`, or `none`".into();
    }
    format!("write `https://{}`", clip(text))
}

fn is_item(pointer: &str) -> bool {
    pointer.rsplit('/').next().is_some_and(|step| step.parse::<usize>().is_ok())
}

/// The name of a setting in messages: `methods.allowed` for `/methods/allowed/2`. The place shows which item.
pub(crate) fn dotted(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err());
    steps.collect::<Vec<_>>().join(".")
}

/// Describes a pointer: the whole file, a setting, or an item of one.
pub(crate) fn whole(pointer: &str, file: &str) -> String {
    match pointer {
        "" => file.into(),
        pointer if is_item(pointer) => format!("an item of `{}`", dotted(pointer)),
        pointer => format!("`{}`", dotted(pointer)),
    }
}

/// One line of at most [`LONGEST`] characters.
pub(crate) fn clip(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(LONGEST).collect();
    if cut.len() < text.trim_end().len() { format!("{cut}…") } else { cut }
}

/// Like [`line`], in backquotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", clip(text))
}

pub(crate) fn keys(words: &[&str]) -> String {
    match words {
        [only] => format!("the only key is `{only}`"),
        words => format!("the keys are {}", join(words, "and")),
    }
}

/// `a`, `b` or `c`
pub(crate) fn choice(words: &[&str]) -> String {
    join(words, "or")
}

fn join(words: &[&str], last: &str) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => words.join(""),
    }
}

/// Describes the allowed values.
fn wanted(shape: &FileSchema, schema: &Value) -> String {
    let words = shape.words(schema);
    if !words.is_empty() {
        return if words.len() > 10 { "one of the listed texts".into() } else { choice(&words) };
    }
    let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
    match schema.get("type").and_then(Value::as_str).unwrap_or_default() {
        "boolean" => "`true` or `false`".into(),
        "integer" => match (bound("minimum"), bound("maximum")) {
            (Some(least), Some(most)) if least == most => format!("`{least}`"),
            (Some(least), Some(most)) if least + 1 == most => format!("`{least}` or `{most}`"),
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            _ => "a whole number".into(),
        },
        // The one value that may be of two types is `limits.losing`.
        "" if schema.get("type").is_some_and(Value::is_array) => "a whole number, or a percentage such as `2%`".into(),
        "array" => "a list".into(),
        "object" => format!("a mapping with {}", choice(&shape.keys(schema))),
        _ => "text".into(),
    }
}

/// Whether two sentences differ only in case, blanks or punctuation.
fn sentence<'a>(text: &str, words: &[&'a str]) -> Option<&'a str> {
    let bare =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let text = bare(&text.chars().take(300).collect::<String>());
    words.iter().find(|word| bare(word) == text).copied()
}

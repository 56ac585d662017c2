//! `$filter`, as much of it as reconcilers use: comparisons for equality, `startswith`, `any`, joined by `and`.

use serde_json::Value;

/// One condition on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// `property eq value`, strings without regard to case.
    Equals(String, Value),
    /// `startswith(property,'text')`, without regard to case.
    StartsWith(String, String),
    /// `property/any(x:x eq 'text')`.
    Any(String, String),
}

impl Condition {
    /// The property that the condition looks at.
    pub(super) fn property(&self) -> &str {
        match self {
            Self::Equals(property, _) | Self::StartsWith(property, _) | Self::Any(property, _) => property,
        }
    }

    /// Whether an object meets it.
    pub(super) fn holds(&self, object: &Value) -> bool {
        let value = &object[self.property()];
        match self {
            Self::Equals(_, Value::String(wanted)) => value.as_str().is_some_and(|text| same(text, wanted)),
            Self::Equals(_, wanted) => value == wanted,
            Self::StartsWith(_, start) => value.as_str().is_some_and(|text| lower(text).starts_with(&lower(start))),
            Self::Any(_, wanted) => value
                .as_array()
                .is_some_and(|items| items.iter().any(|item| item.as_str().is_some_and(|text| same(text, wanted)))),
        }
    }
}

/// Reads a filter.
///
/// # Errors
/// The part that is not understood.
pub(super) fn parse(text: &str) -> Result<Vec<Condition>, String> {
    clauses(text).into_iter().map(|clause| condition(clause.trim()).ok_or_else(|| clause.trim().to_owned())).collect()
}

fn condition(clause: &str) -> Option<Condition> {
    let clause = clause.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(clause).trim();
    if let Some((property, literal)) = clause.split_once(" eq ").filter(|(property, _)| name(property).is_some()) {
        return Some(Condition::Equals(name(property)?, literal_value(literal.trim())?));
    }
    if let Some(inner) = clause.strip_prefix("startswith(").and_then(|rest| rest.strip_suffix(')')) {
        let (property, text) = inner.split_once(',')?;
        return Some(Condition::StartsWith(name(property)?, string(text.trim())?));
    }
    if let Some((property, rest)) = clause.split_once("/any(") {
        let (variable, test) = rest.strip_suffix(')')?.split_once(':')?;
        let (left, right) = test.trim().split_once(" eq ")?;
        return (left.trim() == variable.trim())
            .then(|| Some(Condition::Any(name(property)?, string(right.trim())?)))
            .flatten();
    }
    None
}

fn literal_value(text: &str) -> Option<Value> {
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        quoted => string(quoted).map(Value::String),
    }
}

fn name(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().all(char::is_alphanumeric)).then(|| text.to_owned())
}

/// A quoted string; a quote inside of it is doubled.
fn string(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let unescaped = inner.replace("''", "\u{0}");
    (!unescaped.contains('\'')).then(|| unescaped.replace('\u{0}', "'"))
}

/// Cuts a filter at every ` and ` that stands outside of quotes.
fn clauses(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        quoted ^= c == '\'';
        if !quoted && at >= start && text[at..].starts_with(" and ") {
            parts.push(&text[start..at]);
            start = at + " and ".len();
        }
    }
    parts.push(&text[start..]);
    parts
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

fn same(left: &str, right: &str) -> bool {
    lower(left) == lower(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_ands_inside_of_strings_are_text() {
        let parsed = parse("displayName eq 'Müller''s Team and more' and securityEnabled eq true");
        let wanted = vec![
            Condition::Equals("displayName".to_owned(), "Müller's Team and more".into()),
            Condition::Equals("securityEnabled".to_owned(), true.into()),
        ];
        assert_eq!(parsed, Ok(wanted));
        assert!(parse("groupTypes/any(c:c eq 'Unified')").is_ok());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parse("displayName ne 'x'"), Err("displayName ne 'x'".to_owned()));
        assert!(parse("displayName eq 'it's'").is_err());
        assert!(parse("displayName eq ").is_err());
    }
}

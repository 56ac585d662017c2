//! The part of `$filter` that reconcilers use: equality, timestamps, `startswith`, `any`, joined by `and`.

use jiff::Timestamp;
use serde_json::Value;

/// A condition on an object. A property may be a path such as `initiatedBy/user/id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// `property eq value`; strings match in any casing.
    Equals(String, Value),
    /// `property eq timestamp`, `ge` or `le`.
    Moment(String, Comparison, Timestamp),
    /// `startswith(property,'text')`, in any casing.
    StartsWith(String, String),
    /// `property/any(x:x eq 'text')`, or the same on a property of `x`.
    Any(String, Option<String>, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    At,
    AtLeast,
    AtMost,
}

impl Condition {
    /// The property that the condition compares.
    pub(super) fn property(&self) -> &str {
        match self {
            Self::Equals(property, _)
            | Self::Moment(property, ..)
            | Self::StartsWith(property, _)
            | Self::Any(property, ..) => property,
        }
    }

    /// The property with that of the list's members, as a path.
    pub(super) fn full_path(&self) -> String {
        match self {
            Self::Any(property, Some(inner), _) => format!("{property}/{inner}"),
            other => other.property().to_owned(),
        }
    }

    /// The operator, as `$filter` spells it.
    pub(super) fn operator(&self) -> &'static str {
        match self {
            Self::Equals(..) | Self::Moment(_, Comparison::At, _) => "eq",
            Self::Moment(_, Comparison::AtLeast, _) => "ge",
            Self::Moment(_, Comparison::AtMost, _) => "le",
            Self::StartsWith(..) => "startswith",
            Self::Any(..) => "any",
        }
    }

    /// Whether an object meets the condition.
    pub(super) fn matches(&self, object: &Value) -> bool {
        let value = self.property().split('/').fold(object, |value, name| &value[name]);
        match self {
            Self::Equals(_, Value::String(wanted)) => value.as_str().is_some_and(|text| same(text, wanted)),
            Self::Equals(_, wanted) => value == wanted,
            Self::Moment(_, order, moment) => {
                let own = value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
                own.is_some_and(|own| match order {
                    Comparison::At => own == *moment,
                    Comparison::AtLeast => own >= *moment,
                    Comparison::AtMost => own <= *moment,
                })
            }
            Self::StartsWith(_, start) => value.as_str().is_some_and(|text| lower(text).starts_with(&lower(start))),
            Self::Any(_, inner, wanted) => value.as_array().is_some_and(|items| {
                let own = items.iter().map(|item| inner.as_ref().map_or(item, |inner| &item[inner]));
                own.filter_map(Value::as_str).any(|text| same(text, wanted))
            }),
        }
    }
}

/// Parses a filter into conditions that all have to be met.
///
/// # Errors
/// The clause that is not supported.
pub(super) fn parse(text: &str) -> Result<Vec<Condition>, String> {
    clauses(text).into_iter().map(|clause| condition(clause.trim()).ok_or_else(|| clause.trim().to_owned())).collect()
}

fn condition(clause: &str) -> Option<Condition> {
    let clause = clause.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(clause).trim();
    if let Some((property, rest)) = clause.split_once("/any(") {
        let (variable, test) = rest.strip_suffix(')')?.split_once(':')?;
        let (left, right) = test.trim().split_once(" eq ")?;
        let inner = match left.trim().split_once('/') {
            None if left.trim() == variable.trim() => None,
            Some((start, inner)) if start == variable.trim() => Some(name(inner)?),
            _ => return None,
        };
        return Some(Condition::Any(name(property)?, inner, string(right.trim())?));
    }
    if let Some(inner) = clause.strip_prefix("startswith(").and_then(|rest| rest.strip_suffix(')')) {
        let (property, text) = inner.split_once(',')?;
        return Some(Condition::StartsWith(name(property)?, string(text.trim())?));
    }
    let (property, rest) = clause.split_once(' ')?;
    let (operator, literal) = rest.trim().split_once(' ')?;
    let (property, literal) = (name(property)?, literal.trim());
    let order = match operator {
        "eq" => Comparison::At,
        "ge" => Comparison::AtLeast,
        "le" => Comparison::AtMost,
        _ => return None,
    };
    match literal.parse::<Timestamp>() {
        Ok(moment) => Some(Condition::Moment(property, order, moment)),
        Err(_) if order == Comparison::At => Some(Condition::Equals(property, literal_value(literal)?)),
        Err(_) => None,
    }
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
    let fine = |part: &str| !part.is_empty() && part.chars().all(char::is_alphanumeric);
    text.split('/').all(fine).then(|| text.to_owned())
}

/// The content of a quoted string, in which a quote is doubled.
fn string(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let unescaped = inner.replace("''", "\u{0}");
    (!unescaped.contains('\'')).then(|| unescaped.replace('\u{0}', "'"))
}

/// Splits a filter at every ` and ` outside of quotes.
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
        let inner = Condition::Any("targetResources".to_owned(), Some("id".to_owned()), "x".to_owned());
        assert_eq!(parse("targetResources/any(t:t/id eq 'x')"), Ok(vec![inner]));
        assert!(
            parse("activityDateTime ge 2026-11-01T00:00:00Z and activityDateTime le 2026-11-02T00:00:00.5Z").is_ok()
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parse("displayName ne 'x'"), Err("displayName ne 'x'".to_owned()));
        assert!(parse("displayName eq 'it's'").is_err());
        assert!(parse("displayName eq ").is_err());
        assert!(parse("displayName ge 'x'").is_err());
        assert!(parse("targetResources/any(t:u/id eq 'x')").is_err());
    }
}

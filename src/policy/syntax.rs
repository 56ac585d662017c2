//! Findings for the errors of the YAML parser.

use std::sync::Arc;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::localizer::ExternalMessageSource;
use serde_saphyr::{Error, Location};

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};
use crate::policy::yaml::{self, MAX_ALIASES, MAX_ANCHORS, MAX_DEPTH, MAX_EXPANDED, MAX_NODES};

/// The finding for one error.
pub(crate) fn finding(error: &Error, source: &Arc<Source>) -> Finding {
    let place = error.location().map_or_else(|| Place::start_of(source), |location| place(location, source));
    match error.without_snippet() {
        Error::AliasError { error, .. } => describe(error, place),
        error => describe(error, place),
    }
}

/// The byte offset of an error: the scanner counts characters, the parser also bytes.
fn place(location: Location, source: &Arc<Source>) -> Place {
    if location.span().byte_offset().is_some() {
        let at = yaml::place(location, 0);
        return Place::new(source, at.start as usize, at.end as usize);
    }
    let characters = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
    let start = source.text.char_indices().nth(characters).map_or(source.text.len(), |(start, _)| start);
    Place::new(source, start, start)
}

fn describe(error: &Error, place: Place) -> Finding {
    match error {
        Error::Budget { breach, .. } => breached(breach, place),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_many_aliases(place),
        Error::MultipleDocuments { .. } => several_documents(place),
        Error::UnsupportedTag { tag, .. } | Error::TaggedStructFieldName { tag, .. } => {
            Finding::error("unsupported-tag", format!("the tag `{tag}` has no meaning in a policy"))
                .at(place, "")
                .hint("remove the tag")
        }
        Error::NonFiniteFloat { .. } => Finding::error("wrong-type", "this is not a finite number")
            .at(place, "not a number a policy can hold")
            .hint("write a number; text that looks like one needs quotes"),
        Error::NullIntoString { .. } | Error::Unexpected { expected: "string scalar", .. } => {
            Finding::error("invalid-key", "a key must be text").at(place, "not text").hint("write `key: value`")
        }
        Error::UnknownAnchor { .. } => unknown_anchor(place),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Finding::error("syntax", "the alias refers to a value that contains it")
                .at(place, "")
                .hint("write the value out")
        }
        Error::ExternalMessage { source, msg, .. } => match &**source {
            ExternalMessageSource::Parser(error) => scanned(error.kind(), msg, place),
            _ => malformed(msg, place),
        },
        other => malformed(without_position(&other.to_string()), place),
    }
}

fn breached(breach: &BudgetBreach, place: Place) -> Finding {
    match breach {
        BudgetBreach::Depth { .. } => too_deep(place),
        BudgetBreach::Documents { .. } => several_documents(place),
        BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } | BudgetBreach::ScalarBytes { .. } => {
            Finding::error("too-large", format!("the file holds more than {MAX_NODES} values"))
                .at(place, "")
                .hint("a policy is one tenant; a file this large is probably something else")
        }
        _ => too_many_aliases(place),
    }
}

fn several_documents(place: Place) -> Finding {
    Finding::error("several-documents", "the file holds more than one YAML document")
        .at(place, "the second document")
        .hint("one file is one policy: move what follows `---` to a file of its own")
}

fn too_deep(place: Place) -> Finding {
    Finding::error("too-deep", format!("values are nested more than {MAX_DEPTH} deep"))
        .at(place, "")
        .hint("no part of a policy is more than four levels deep")
}

fn unknown_anchor(place: Place) -> Finding {
    Finding::error("syntax", "the alias refers to no anchor")
        .at(place, "no `&anchor` of this name comes before")
        .hint("a text that begins with `*` needs quotes")
}

fn malformed(words: &str, place: Place) -> Finding {
    Finding::error("syntax", words)
        .at(place, "")
        .hint("check the indentation, quotes and brackets of this line and of the one before")
}

fn too_many_aliases(place: Place) -> Finding {
    let message = format!(
        "the aliases of this file are too many: at most {MAX_ANCHORS} anchors and {MAX_ALIASES} aliases that expand to \
         {MAX_EXPANDED} values"
    );
    Finding::error("too-many-aliases", message).at(place, "").hint("write the values out, or share them with `extends`")
}

/// The message and the hint for an error of the scanner.
fn scanned(kind: &ErrorKind, words: &str, place: Place) -> Finding {
    let place = match kind {
        ErrorKind::UnexpectedCharacter { character } => from_character(place, *character),
        _ => place,
    };
    let (message, hint) = match kind {
        ErrorKind::RecursionLimitExceeded => return too_deep(place),
        ErrorKind::AnchorCountOverflow => return too_many_aliases(place),
        ErrorKind::UnknownAnchor => return unknown_anchor(place),
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            ("the line is indented with a tab".into(), "indent with spaces: YAML does not allow tabs there")
        }
        ErrorKind::MappingValueNotAllowed => (
            "a `:` is where no key can begin".into(),
            "check the indentation of this line; text that holds `: ` needs quotes",
        ),
        ErrorKind::ExpectedBlockMappingKey => (
            "a key is expected here".into(),
            "the keys of one mapping begin in the same column, and lists do not mix with keys",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => {
            ("a list item is expected here".into(), "the items of one list begin with `- ` in the same column")
        }
        ErrorKind::SimpleKeyExpected => ("a key without a `:`".into(), "write `key: value`, and check the indentation"),
        ErrorKind::UnclosedQuotedScalar => {
            ("a quote is opened and never closed".into(), "close it; a `'` inside single quotes is written `''`")
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            ("an unknown escape in double quotes".into(), "write `\\\\` for a backslash, or use single quotes")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("text follows the closing quote".into(), "put the whole value inside the quotes")
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            (format!("a `{open}` is opened and never closed"), "close the list with `]`, the mapping with `}`")
        }
        ErrorKind::InvalidColonPlacement
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping => {
            ("a `,` or a closing bracket is expected here".into(), "close the list with `]`, the mapping with `}`")
        }
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            ("a bracket is closed that was not opened".into(), "remove it, or put the text in quotes")
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => (
            format!("the control character U+{:04X} is not allowed here", u32::from(*character)),
            "remove the character; inside double quotes it can be written as an escape",
        ),
        ErrorKind::UnexpectedCharacter { character } => {
            (format!("no value can begin with `{character}`"), "put the text in quotes")
        }
        _ => (words.to_owned(), "check the indentation, quotes and brackets of this line and of the one before"),
    };
    Finding::error("syntax", message).at(place, "").hint(hint)
}

/// The place of the character that the scanner names: the scanner gives only the place of the text that contains it.
fn from_character(place: Place, character: char) -> Place {
    let rest = place.source.text.get(place.span.start..).unwrap_or_default();
    match rest.find(character) {
        Some(offset) => {
            let start = place.span.start + offset;
            Place::new(&place.source, start, start + character.len_utf8())
        }
        None => place,
    }
}

fn without_position(words: &str) -> &str {
    words.rfind(" at line ").and_then(|at| words.get(..at)).unwrap_or(words)
}

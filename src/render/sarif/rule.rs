//! The rules that a run's results name.

use std::collections::BTreeSet;

use crate::base::finding::Severity;
use crate::render::codes;
use crate::render::codes::CodeEntry;
use crate::render::diagnostics::Diagnostics;
use crate::render::docs_site;
use crate::render::pages::reference;
use crate::render::sarif::document::{Configuration, Descriptor, Message, Properties};
use crate::render::terminal::explain::first_sentence;

/// The rules of all results, sorted.
pub(super) fn rules(diagnostics: &Diagnostics) -> Vec<Descriptor> {
    let codes: BTreeSet<_> = diagnostics.items.iter().map(|item| item.code).collect();
    codes.into_iter().map(|code| codes::find(code).map_or_else(|| bare(code), |entry| descriptor(&entry))).collect()
}

/// The level of a severity in SARIF.
pub(super) fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn descriptor(entry: &CodeEntry) -> Descriptor {
    let CodeEntry { code, severity, means, fix, .. } = entry;
    let more = format!("`ssprctl explain {code}` says the same.");
    Descriptor {
        id: code,
        name: pascal(code),
        short_description: Message::plain(format!("{}.", first_sentence(means))),
        full_description: Message::plain(*means),
        help: Message {
            text: format!("{means} {fix}"),
            markdown: Some(format!("{}\n{more}\n", reference::about(entry))),
        },
        help_uri: docs_site::of_code(code),
        default_configuration: Configuration { level: level(*severity) },
        properties: Properties { tags: tags(entry) },
    }
}

/// A code that no list has; a test ensures that there is none.
fn bare(code: &'static str) -> Descriptor {
    let text = || Message::plain(format!("{code}."));
    Descriptor {
        id: code,
        name: pascal(code),
        short_description: text(),
        full_description: text(),
        help: text(),
        help_uri: None,
        default_configuration: Configuration { level: "warning" },
        properties: Properties { tags: Vec::new() },
    }
}

fn tags(entry: &CodeEntry) -> Vec<String> {
    let benchmark = entry.rule.map(|rule| rule.benchmark).unwrap_or_default();
    let kind = if entry.rule.is_some() { "sspr" } else { "policy-file" };
    std::iter::once(kind).chain(benchmark.iter().copied()).map(str::to_owned).collect()
}

/// The standard wants names in Pascal case, and none where it would only repeat the id.
fn pascal(code: &str) -> Option<String> {
    code.contains('-').then(|| in_pascal_case(code))
}

fn in_pascal_case(code: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    };
    code.split('-').map(word).collect()
}

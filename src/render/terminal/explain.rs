//! Settings and finding codes in words: `explain`, and the pages made from it.

use serde_json::Value as Json;

use crate::catalog;
use crate::catalog::setting::{Setting, ValueKind};
use crate::policy::{schema, suggest};
use crate::render::codes;
use crate::render::codes::CodeEntry;
use crate::render::text::style::{HEADING, paint};

/// The list of settings and codes that can be explained.
#[must_use]
pub(crate) fn list() -> String {
    let settings = catalog::ALL.iter().map(|setting| format!("  {:40}{}", setting.name, setting.portal));
    let codes = codes::entries();
    let codes = codes.iter().map(|entry| format!("  {:40}{}", entry.code, first_sentence(entry.means)));
    let lines =
        [paint(HEADING, "Settings")].into_iter().chain(settings).chain([String::new(), paint(HEADING, "Codes")]);
    lines.chain(codes).collect::<Vec<_>>().join("\n") + "\n"
}

/// A setting: its meaning, values, default, name in the portal, place in the tenant, and the source of these facts.
#[must_use]
pub(crate) fn setting(name: &str) -> Option<String> {
    let setting = catalog::find(name)?;
    let default = if setting.default.is_empty() { "depends on the tenant" } else { setting.default };
    let rows = [
        ("values", values(setting.kind)),
        ("default", default.to_owned()),
        ("portal", format!("{}: {}", setting.page.menu(), setting.portal)),
        ("stored in", format!("{} ({})", setting.surface.name(), setting.keys.join(", "))),
        ("source", setting.source.to_owned()),
    ];
    let rows: Vec<_> = rows.iter().map(|(label, text)| format!("  {label:11}{text}")).collect();
    Some(format!("{}\n\n{}\n\n{}\n", paint(HEADING, name), description(setting), rows.join("\n")))
}

/// Every setting of a section of the policy, such as `methods`.
#[must_use]
pub(crate) fn section(name: &str) -> Option<String> {
    let inside = |setting: &&&Setting| setting.name.split_once('.').is_some_and(|(section, _)| section == name);
    let settings: Vec<_> = catalog::ALL.iter().filter(inside).filter_map(|known| setting(known.name)).collect();
    (!settings.is_empty()).then(|| settings.join("\n"))
}

/// The setting or code that somebody who wrote `name` probably meant.
#[must_use]
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let settings = catalog::ALL.iter().map(|setting| setting.name);
    suggest::nearest(name, settings.chain(codes::entries().into_iter().map(|entry| entry.code)))
}

/// A finding code: what it means and what to do.
#[must_use]
pub fn code(name: &str) -> Option<String> {
    let entry = codes::find(name)?;
    let rows: Vec<_> = entry.facts().iter().map(|(label, text)| format!("  {label:10}{text}")).collect();
    let example = |title: &str, text: &str| format!("\n{title}\n\n{}\n", indent(text));
    let broken = entry.broken.map(|text| example("Breaks it:", text)).unwrap_or_default();
    let fixed = entry.rule.map(|rule| example("Follows it:", rule.fixed)).unwrap_or_default();
    let CodeEntry { means, fix, .. } = entry;
    Some(format!("{}\n\n{means}\n\n{fix}\n\n{}\n{broken}{fixed}", paint(HEADING, name), rows.join("\n")))
}

/// What a setting means: the description of its key in the policy's schema, so that editors and this say the same.
#[must_use]
pub fn description(setting: &Setting) -> String {
    let schema = schema::parse(schema::POLICY);
    let mut node = Some(&schema);
    for key in setting.name.split('.') {
        node = node.map(|node| resolve(&schema, node)).and_then(|node| node.pointer(&format!("/properties/{key}")));
    }
    node.and_then(|node| node.get("description")).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn resolve<'a>(schema: &'a Json, node: &'a Json) -> &'a Json {
    let target = node.get("$ref").and_then(Json::as_str).and_then(|path| schema.pointer(path.strip_prefix('#')?));
    target.unwrap_or(node)
}

/// The values that a kind of setting takes, in words.
#[must_use]
pub(crate) fn values(kind: ValueKind) -> String {
    match kind {
        ValueKind::Switch => "true or false".to_owned(),
        ValueKind::Number { min, max } => format!("a whole number from {min} to {max}"),
        ValueKind::Choice(words) => format!("one of {}", words.join(", ")),
        ValueKind::Words(words) => format!("any of {}", words.join(", ")),
        ValueKind::Questions => "a list of `predefined:` and `custom:` questions".to_owned(),
        ValueKind::Group => "the display name or object id of one security group".to_owned(),
        ValueKind::Groups => "a list of groups, each by display name or object id".to_owned(),
        ValueKind::Locations => "a list of named locations, each by display name or id, or allTrusted".to_owned(),
        ValueKind::Link => "an http or https address, an e-mail address, or none".to_owned(),
    }
}

/// The first of several sentences, without its full stop.
pub(crate) fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

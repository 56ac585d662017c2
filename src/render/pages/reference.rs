//! The reference pages in `docs/`, made from the catalogue, the codes and the rules, so that they cannot go stale.

use crate::catalog;
use crate::catalog::setting::Setting;
use crate::render::codes;
use crate::render::codes::CodeEntry;
use crate::render::pages::personas;
use crate::render::terminal::explain::{description, first_sentence, values};

const MADE: &str =
    "<!-- made by `SSPRCTL_BLESS=1 cargo test --test generated`; do not edit -->\n<!-- markdownlint-disable MD013 -->";

/// Every page with its path below `docs/`.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let settings = sections().into_iter().map(|section| (format!("settings/{section}.md"), settings_page(section)));
    let entries = codes::entries();
    let rules = entries.iter().map(|entry| (format!("rules/{}.md", entry.code), code_page(entry)));
    let others = [("codes.md", codes_page()), ("personas.md", format!("{MADE}\n\n{}", personas::page()))];
    settings.chain(rules).chain(others.map(|(path, page)| (path.to_owned(), page))).collect()
}

/// The sections of a policy that have settings, in the order of the catalogue.
fn sections() -> Vec<&'static str> {
    let mut sections: Vec<_> = catalog::ALL.iter().map(|setting| section_of(setting)).collect();
    sections.dedup();
    sections
}

/// The page about the settings of one section.
fn settings_page(section: &str) -> String {
    let settings = catalog::ALL.iter().filter(|setting| section_of(setting) == section).map(|setting| entry(setting));
    format!("{MADE}\n\n# Settings of `{section}`\n\n{}", settings.collect::<Vec<_>>().join("\n"))
}

/// The page that lists every code that a finding can have.
fn codes_page() -> String {
    let rows = codes::entries().into_iter().map(|entry| {
        let (code, severity) = (entry.code, entry.severity.name());
        format!("| [`{code}`](rules/{code}.md) | {severity} | {} |\n", first_sentence(entry.means))
    });
    let lead =
        "Every finding has one of these codes. They are stable: scripts, waivers and `ssprctl.yaml` may name them.";
    let head = "| code | severity | means |\n|---|---|---|";
    format!("{MADE}\n\n# Finding codes\n\n{lead}\n\n{head}\n{}", rows.collect::<String>())
}

/// The page of one code.
fn code_page(entry: &CodeEntry) -> String {
    format!("{MADE}\n\n# `{}`\n\n{}", entry.code, about(entry))
}

/// What a page says about a code, in Markdown, without its heading.
#[must_use]
pub(crate) fn about(entry: &CodeEntry) -> String {
    let facts: Vec<_> = entry.facts().iter().map(|(label, text)| format!("- {label}: {text}\n")).collect();
    let yaml = |title: &str, text: &str| format!("\n{title}\n\n```yaml\n{text}\n```\n");
    let broken = entry.broken.map(|text| yaml("Breaks it:", text)).unwrap_or_default();
    let fixed = entry.rule.map(|rule| yaml("Follows it:", rule.fixed)).unwrap_or_default();
    format!("{}\n\n{}\n\n{}{broken}{fixed}", entry.means, entry.fix, facts.concat())
}

fn section_of(setting: &Setting) -> &'static str {
    setting.name.split_once('.').map_or(setting.name, |(section, _)| section)
}

fn entry(setting: &Setting) -> String {
    let default = if setting.default.is_empty() { "depends on the tenant" } else { setting.default };
    let keys: Vec<_> = setting.keys.iter().map(|key| format!("`{key}`")).collect();
    format!(
        "## `{}`\n\n{}\n\n- Values: {}\n- Where nobody configured it: {default}\n- Portal page: {}\n- Portal wording: {}\n- Stored in: `{}`, {}\n- Source: {}\n",
        setting.name,
        description(setting),
        values(setting.kind),
        setting.page.title(),
        setting.portal,
        setting.surface.name(),
        keys.join(", "),
        setting.source,
    )
}

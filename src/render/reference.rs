//! The reference pages in `docs/`, made from the catalogue, the codes and the rules, so that they cannot go stale.

use crate::catalog;
use crate::catalog::setting::Setting;
use crate::plan::{pin, route};
use crate::policy::codes;
use crate::render::explained::{description, values};
use crate::review::rules;

const MADE: &str =
    "<!-- made by `SSPRCTL_BLESS=1 cargo test --test generated`; do not edit -->\n<!-- markdownlint-disable MD013 -->";

/// The sections of a policy that have settings, in the order of the catalogue.
#[must_use]
pub fn sections() -> Vec<&'static str> {
    let mut sections: Vec<_> = catalog::ALL.iter().map(|setting| section_of(setting)).collect();
    sections.dedup();
    sections
}

/// The page about the settings of one section.
#[must_use]
pub fn settings_page(section: &str) -> String {
    let settings = catalog::ALL.iter().filter(|setting| section_of(setting) == section).map(|setting| entry(setting));
    format!("{MADE}\n\n# Settings of `{section}`\n\n{}", settings.collect::<Vec<_>>().join("\n"))
}

/// The page about every code that a finding can have.
#[must_use]
pub fn codes_page() -> String {
    let mut entries: Vec<(&str, String)> = Vec::new();
    for code in codes::CODES.iter().chain(pin::CODES).chain(route::CODES) {
        let example = code.example.map(|example| format!("\n```yaml\n{example}\n```\n")).unwrap_or_default();
        entries.push((code.code, format!("{}\n\n{}\n{example}", code.means, code.fix)));
    }
    for rule in rules::ALL {
        entries.push((rule.code, format!("{}\n\n{}\n\nSource: {}.\n", rule.says, rule.help, rule.source)));
    }
    entries.sort_unstable();
    let entries = entries.into_iter().map(|(code, text)| format!("## `{code}`\n\n{text}"));
    let lead = "Every finding has one of these codes. They are stable: scripts and waivers may name them.";
    format!("{MADE}\n\n# Finding codes\n\n{lead}\n\n{}", entries.collect::<Vec<_>>().join("\n"))
}

fn section_of(setting: &Setting) -> &'static str {
    setting.name.split_once('.').map_or(setting.name, |(section, _)| section)
}

fn entry(setting: &Setting) -> String {
    let default = if setting.default.is_empty() { "depends on the tenant" } else { setting.default };
    let keys: Vec<_> = setting.keys.iter().map(|key| format!("`{key}`")).collect();
    format!(
        "## `{}`\n\n{}\n\n- Values: {}\n- Where nobody configured it: {default}\n- Portal page: {}\n- Portal wording: {}\n- Kept in: `{}`, {}\n- Source: {}\n",
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

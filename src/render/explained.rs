//! Settings and finding codes in words: `explain`, and the pages made from it.

use serde_json::Value as Json;

use crate::catalog;
use crate::catalog::setting::{Kind, Setting};
use crate::plan::{pin, route};
use crate::policy::codes::{self, Code};
use crate::policy::schema;
use crate::policy::suggest;
use crate::render::style::{HEADING, paint};
use crate::review::rules;

/// What can be explained.
#[must_use]
pub fn list() -> String {
    let settings = catalog::ALL.iter().map(|setting| format!("  {:32}{}", setting.name, setting.portal));
    let loading = codes::CODES.iter().chain(pin::CODES).chain(route::CODES).map(|code| (code.code, code.means));
    let rules = rules::ALL.iter().map(|rule| (rule.code, rule.says));
    let mut codes: Vec<_> = loading.chain(rules).collect();
    codes.sort_unstable();
    let codes = codes.into_iter().map(|(code, means)| format!("  {code:32}{}", first_sentence(means)));
    let lines =
        [paint(HEADING, "Settings")].into_iter().chain(settings).chain([String::new(), paint(HEADING, "Codes")]);
    lines.chain(codes).collect::<Vec<_>>().join("\n") + "\n"
}

/// A setting: what it means, what it takes, how the portal calls it, where it is kept, how that is known.
#[must_use]
pub fn setting(name: &str) -> Option<String> {
    let setting = catalog::find(name)?;
    let default = if setting.default.is_empty() { "depends on the tenant" } else { setting.default };
    let rows = [
        ("values", values(setting.kind)),
        ("default", default.to_owned()),
        ("portal", format!("Password reset > {}: {}", setting.page.title(), setting.portal)),
        ("kept in", format!("{} ({})", setting.surface.name(), setting.keys.join(", "))),
        ("source", setting.source.to_owned()),
    ];
    let rows: Vec<_> = rows.iter().map(|(label, text)| format!("  {label:9}{text}")).collect();
    Some(format!("{}\n\n{}\n\n{}\n", paint(HEADING, name), description(setting), rows.join("\n")))
}

/// Every setting of a section of the policy, such as `methods`.
#[must_use]
pub fn section(name: &str) -> Option<String> {
    let inside = |setting: &&&Setting| setting.name.split_once('.').is_some_and(|(section, _)| section == name);
    let told: Vec<_> = catalog::ALL.iter().filter(inside).filter_map(|known| setting(known.name)).collect();
    (!told.is_empty()).then(|| told.join("\n"))
}

/// The setting or code that somebody who wrote `name` probably meant.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let codes = codes::CODES.iter().chain(pin::CODES).map(|code| code.code);
    let settings = catalog::ALL.iter().map(|setting| setting.name);
    suggest::nearest(name, settings.chain(codes).chain(rules::ALL.iter().map(|rule| rule.code)))
}

/// A finding code: what it means and what to do.
#[must_use]
pub fn code(name: &str) -> Option<String> {
    let loading =
        codes::CODES.iter().chain(pin::CODES).chain(route::CODES).find(|code| code.code == name).map(|code| {
            let Code { code: _, means, fix, example } = code;
            let example = example.map(|example| format!("\n\n{}", indent(example))).unwrap_or_default();
            format!("{means}\n\n{fix}{example}")
        });
    let rule = rules::ALL.iter().find(|rule| rule.code == name);
    let rule = || rule.map(|rule| format!("{}\n\n{}\n\n  source   {}", rule.says, rule.help, rule.source));
    Some(format!("{}\n\n{}\n", paint(HEADING, name), loading.or_else(rule)?))
}

/// What a setting means: the description of its key in the policy's schema, so that editors and this say the same.
#[must_use]
pub fn description(setting: &Setting) -> String {
    let schema = schema::schema();
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

/// What a kind of setting takes, in words.
#[must_use]
pub fn values(kind: Kind) -> String {
    match kind {
        Kind::Switch => "true or false".to_owned(),
        Kind::Number { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Choice(words) => format!("one of {}", words.join(", ")),
        Kind::Words(words) => format!("any of {}", words.join(", ")),
        Kind::Questions => "a list of `predefined:` and `custom:` questions".to_owned(),
        Kind::Group => "the display name or object id of one security group".to_owned(),
        Kind::Link => "an http or https address, an e-mail address, or none".to_owned(),
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

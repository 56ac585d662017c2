//! Fills a template.

use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde_json::Value as Json;

use crate::render::announcement::escape;
use crate::render::announcement::medium::MailFormat;
use crate::render::text::safe::safe;

/// The largest template, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;
/// How much work a template may make: one for each step, and one for each 64 bytes it makes, so that it never takes
/// more than about 13 MB.
const FUEL: u64 = 200_000;

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Line and column, both from 1, where they are known.
    pub(crate) at: Option<(usize, usize)>,
    /// What is wrong there.
    pub why: String,
    /// What the author of the template can do.
    pub(crate) hint: &'static str,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, why, hint: _ } = self;
        if let Some((line, column)) = at {
            write!(f, "{line}:{column}: ")?;
        }
        f.write_str(why)
    }
}

/// Fills a template with facts.
pub(super) fn fill(template: &str, medium: MailFormat, facts: Json) -> Result<String, TemplateError> {
    if template.len() > MOST_BYTES {
        let why = format!("it has {} bytes, and {MOST_BYTES} are allowed", template.len());
        return Err(TemplateError { at: None, why, hint: "a mail is shorter than that" });
    }
    let environment = environment(medium);
    let filled = environment.template_from_str(template);
    let filled = filled.and_then(|template| template.render(Serde(facts)));
    filled.map_err(|error| broken(&error, template))
}

fn environment(medium: MailFormat) -> Environment<'static> {
    let mut environment = Environment::new();
    // A template prints nothing that is not escaped: markup is what the template itself holds.
    for filter in ["safe", "escape", "e"] {
        environment.remove_filter(filter);
    }
    let mut syntax = SyntaxConfig::builder();
    let syntax = syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.unwrap_or_default());
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| AutoEscape::Custom(medium.name().into()));
    environment.set_formatter(move |out, _, value| {
        let text = match value.as_str() {
            Some(text) if value.is_safe() => text.to_owned(),
            _ if value.is_none() => String::new(),
            _ => escape::text(medium, &value.to_string()),
        };
        Ok(out.write_str(&text)?)
    });
    environment.add_filter("link", move |address: &str| Value::from_safe_string(escape::link(medium, address)));
    environment
}

/// What is wrong with a template, in our words where we have any. What the library says may quote the template.
fn broken(error: &Error, template: &str) -> TemplateError {
    let at = error.range().map(|range| line_column(template, range.start));
    let at = at.or_else(|| error.line().map(|line| (line, 1)));
    let named = error.range().and_then(|range| template.get(range)).map(|text| format!("`{}` ", short(text)));
    let named = named.unwrap_or_default();
    let said = || short(error.detail().unwrap_or("it is not understood"));
    let (why, hint) = match error.kind() {
        ErrorKind::OutOfFuel => ("it makes more work or more text than a mail takes".to_owned(), SHORTER),
        ErrorKind::UndefinedError => (format!("{named}is no variable"), VARIABLES),
        ErrorKind::UnknownFilter => (said(), "the filter for addresses is `link`; nothing switches escaping off"),
        ErrorKind::SyntaxError => (said(), SYNTAX),
        kind => (error.detail().map_or_else(|| kind.to_string(), short), SYNTAX),
    };
    TemplateError { at, why, hint }
}

const SHORTER: &str = "remove the loop or repetition that makes so much text";
const VARIABLES: &str = "docs/announce.md lists the variables; compare one that a policy may leave out with `none`";
const SYNTAX: &str = "`ssprctl announce --print-template` prints a template to start from";

/// What others wrote, as one line of bounded length.
fn short(text: &str) -> String {
    safe(text).chars().take(120).collect()
}

fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

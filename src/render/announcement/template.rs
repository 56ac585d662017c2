//! Fills a template.

use std::fmt::{self, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use minijinja::machinery::{Token, tokenize};
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
/// more than about 3 MB. Every level of a list in a list takes several steps, so that this bounds their depth, too.
const FUEL: u64 = 50_000;
/// The most tokens between `{{` and `}}`, or `{%` and `%}`. The library's parser recurses for each operator in a row.
const MOST_TOKENS: usize = 200;
/// The most `elif` in a template: the parser recurses for each. It bounds all other nesting itself.
const MOST_ELIF: usize = 200;
/// The stack on which a template is filled: what the bounds above allow needs half of it in a build without
/// optimisation. Only the used part takes memory.
const STACK_BYTES: usize = 64 * 1024 * 1024;
/// The longest time that filling takes: comparing lists costs no fuel, however often one list is in another.
const MOST_TIME: Duration = Duration::from_secs(5);

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
    check_nesting(template)?;
    let (sender, receiver) = mpsc::sync_channel(1);
    let text = template.to_owned();
    // The parser and the values of a template recurse deeper than the stack of an ordinary thread allows. The thread is
    // left alone when its time is over, and ends with the program.
    let started = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        // Nobody receives a result that is too late.
        let _ = sender.send(fill_on_this_thread(&text, medium, facts));
    });
    let failed = |why: String| TemplateError { at: None, why, hint: SHORTER };
    started.map_err(|error| failed(format!("no thread can be started for it: {error}")))?;
    receiver.recv_timeout(MOST_TIME).unwrap_or_else(|error| {
        Err(failed(match error {
            RecvTimeoutError::Timeout => format!("it takes longer than {} seconds", MOST_TIME.as_secs()),
            RecvTimeoutError::Disconnected => "it cannot be filled".to_owned(),
        }))
    })
}

fn fill_on_this_thread(template: &str, medium: MailFormat, facts: Json) -> Result<String, TemplateError> {
    let environment = environment(medium);
    let filled = environment.template_from_str(template);
    let filled = filled.and_then(|template| template.render(Serde(facts)));
    filled.map_err(|error| broken(&error, template))
}

/// Bounds what the parser recurses for and does not bound itself.
fn check_nesting(template: &str) -> Result<(), TemplateError> {
    let (mut tokens, mut elif) = (0, 0);
    for token in tokenize(template, false, syntax()) {
        // The parser reports a text that has no tokens, with its place.
        let Ok((token, span)) = token else { return Ok(()) };
        let why = match token {
            Token::TemplateData(_) | Token::VariableEnd | Token::BlockEnd => {
                tokens = 0;
                continue;
            }
            Token::Ident("elif") if elif >= MOST_ELIF => format!("there are more than {MOST_ELIF} `elif`"),
            _ if tokens >= MOST_TOKENS => format!("this has more than {MOST_TOKENS} words and operators"),
            Token::Ident("elif") => {
                elif += 1;
                tokens += 1;
                continue;
            }
            _ => {
                tokens += 1;
                continue;
            }
        };
        return Err(TemplateError {
            at: Some(line_column(template, span.start_offset as usize)),
            why,
            hint: "a mail needs fewer",
        });
    }
    Ok(())
}

/// Blocks on a line of their own leave no empty line.
fn syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build().unwrap_or_default()
}

fn environment(medium: MailFormat) -> Environment<'static> {
    let mut environment = Environment::new();
    // A template prints nothing that is not escaped: markup is what the template itself holds.
    for filter in ["safe", "escape", "e"] {
        environment.remove_filter(filter);
    }
    environment.set_syntax(syntax());
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| AutoEscape::Custom(medium.name().into()));
    environment.set_formatter(move |out, _, value| {
        let text = match value.as_str() {
            Some(text) if value.is_safe() => text.to_owned(),
            _ if value.is_none() => String::new(),
            _ => {
                let mut text = BoundedText(String::new());
                write!(text, "{value}").map_err(|_| Error::from(ErrorKind::OutOfFuel))?;
                escape::text(medium, &text.0)
            }
        };
        Ok(out.write_str(&text)?)
    });
    environment.add_filter("link", move |address: &str| Value::from_safe_string(escape::link(medium, address)));
    environment
}

/// A text that takes no more than a template may print. The library charges no fuel for the text of a list, which can
/// have one list many times.
struct BoundedText(String);

impl fmt::Write for BoundedText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > MOST_BYTES {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
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

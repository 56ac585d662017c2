//! Pages from templates: what all pages share, whatever is on them. To add a part of a page: one file in `templates` and its
//! line in [`TEMPLATES`].
//!
//! A page is one file. Its style sheet is inside, allowed by its digest, and nothing else is loaded. Whatever a template prints
//! is escaped, and what hides or reorders text is replaced; only markup that a template made is printed as it is.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context};
use ring::digest::{SHA256, digest};

use crate::render::text::safe::safe;

/// The style sheet of every page.
const STYLE: &str = include_str!("style.css");
/// The script that keeps pages of a running controller current. Pages of results have none.
pub(crate) const LIVE_SCRIPT: &str = include_str!("live.js");
/// How many characters of one text a page shows.
const MOST_CHARACTERS: usize = 600;
/// How many characters of its title a page shows in the list of a browser's pages.
const MOST_IN_TITLE: usize = 70;

/// What a page says in the place of a part that cannot be made.
const MISSING: &str = "This part of the page cannot be shown";

/// Every template, by its name.
const TEMPLATES: &[(&str, &str)] = &[
    ("page", include_str!("templates/page.html")),
    ("report", include_str!("templates/report.html")),
    ("document", include_str!("templates/document.html")),
    ("apply", include_str!("templates/apply.html")),
    ("dashboard-fleet", include_str!("templates/dashboard-fleet.html")),
    ("dashboard-message", include_str!("templates/dashboard-message.html")),
    ("dashboard-run", include_str!("templates/dashboard-run.html")),
    ("dashboard-setting", include_str!("templates/dashboard-setting.html")),
    ("dashboard-source", include_str!("templates/dashboard-source.html")),
    ("dashboard-tenant", include_str!("templates/dashboard-tenant.html")),
    ("common-drift", include_str!("templates/common-drift.html")),
    ("changes", include_str!("templates/changes.html")),
    ("effects", include_str!("templates/effects.html")),
    ("exceptions", include_str!("templates/exceptions.html")),
    ("findings", include_str!("templates/findings.html")),
    ("flows", include_str!("templates/flows.html")),
    ("people", include_str!("templates/people.html")),
    ("lines", include_str!("templates/lines.html")),
    ("moments", include_str!("templates/moments.html")),
    ("readiness", include_str!("templates/readiness.html")),
    ("settings", include_str!("templates/settings.html")),
    ("tenants", include_str!("templates/tenants.html")),
    ("timeline", include_str!("templates/timeline.html")),
    ("trend", include_str!("templates/trend.html")),
    ("unread", include_str!("templates/unread.html")),
    ("values", include_str!("templates/values.html")),
    ("waivers", include_str!("templates/waivers.html")),
];

/// The templates, parsed once.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Markup that a template made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(pub(super) String);

impl From<Markup> for Value {
    fn from(Markup(markup): Markup) -> Self {
        Self::from_safe_string(markup)
    }
}

/// Fills a template. One that cannot be filled is a mistake of this program; the reader sees that a part is missing.
#[must_use]
pub(crate) fn fill(template: &str, values: Value) -> Markup {
    let filled = ENVIRONMENT.get_template(template).and_then(|found| found.render(values));
    Markup(filled.unwrap_or_else(|error| {
        tracing::error!(%error, template, "a template cannot be filled");
        format!("<p class=\"bad\">✖ {MISSING}.</p>\n")
    }))
}

/// A body with a banner at the end of its header.
pub(crate) fn with_banner(Markup(body): Markup, words: &'static str) -> Markup {
    // Texts are escaped, so the first end of a header is that of the page.
    Markup(body.replacen("</header>", &format!("<p class=\"banner\"><strong>{words}</strong></p>\n</header>"), 1))
}

/// A whole page without a script.
#[must_use]
pub(crate) fn page(title: &str, body: Markup) -> String {
    let policy = format!("default-src 'none'; style-src {}; base-uri 'none'; form-action 'none'", style_source());
    page_with(title, &policy, Markup::default(), body)
}

/// A whole page with a Content Security Policy of its own, and more markup in its head.
#[must_use]
pub(crate) fn page_with(title: &str, policy: &str, head: Markup, body: Markup) -> String {
    let [policy, style] = [policy, STYLE].map(|text| Value::from_safe_string(text.to_owned()));
    let [head, body] = [head, body].map(Value::from);
    let title = cut(title, MOST_IN_TITLE);
    let values = context! { title, policy, style, head, body };
    let page = ENVIRONMENT.get_template("page").and_then(|found| found.render(values));
    page.unwrap_or_default()
}

/// The element that loads a script of the server that answers the page.
#[must_use]
pub(crate) fn script_element(path: &'static str) -> Markup {
    Markup(format!("<script src=\"{path}\" defer></script>\n"))
}

/// The style sheet of every page as a source in a Content Security Policy.
#[must_use]
pub(crate) fn style_source() -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, STYLE.as_bytes())))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    for filter in ["safe", "escape", "e"] {
        environment.remove_filter(filter);
    }
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(
        syntax.trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build().unwrap_or_default(),
    );
    // What a document does not have is shown as nothing.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(print);
    environment.add_filter("prose", |text: &str| Value::from_safe_string(prose(text)));
    environment.add_filter("number", |number: u64| grouped(number));
    for (name, text) in TEMPLATES {
        if let Err(error) = environment.add_template(name, text) {
            tracing::error!(%error, name, "a template cannot be parsed");
        }
    }
    environment
}

/// Prints a value: markup of a template as it is, everything else escaped.
fn print(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        _ if value.is_none() || value.is_undefined() => Ok(()),
        Some(text) if value.is_safe() => Ok(out.write_str(text)?),
        Some(text) => Ok(out.write_str(&escaped(text))?),
        None if value.is_number() => Ok(out.write_str(&value.to_string())?),
        // Lists and objects are never printed whole.
        None => Err(Error::new(ErrorKind::InvalidOperation, "only texts and numbers are printed")),
    }
}

/// A text of a file or a tenant as text of a page or as the value of an attribute in double quotes.
#[must_use]
pub(super) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    let text = safe(text);
    let cut = text.char_indices().nth(MOST_CHARACTERS).map_or(text.len(), |(at, _)| at);
    for c in text.get(..cut).unwrap_or_default().chars() {
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            c => shown.push(c),
        }
    }
    if cut < text.len() {
        shown.push_str(&format!("… ({} characters)", grouped(text.chars().count() as u64)));
    }
    shown
}

/// The beginning of a text that is too long.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// As much of a text as fits into a width, in parts of the height of its letters.
#[must_use]
pub(super) fn fitting(text: &str, width: f64) -> Cow<'_, str> {
    let mut left = width;
    let fits = text.chars().take_while(|c| {
        left -= match c {
            'W' | 'M' | 'm' | '@' | '%' => 1.0,
            'A'..='Z' | 'w' | '<' | '>' | '=' | '+' | '~' | '#' => 0.85,
            ' '..='~' => 0.6,
            _ => 1.0,
        };
        left >= 0.0
    });
    cut(text, fits.count().max(1))
}

/// A sentence in which what is between backticks is shown as code.
fn prose(text: &str) -> String {
    if text.matches('`').count() % 2 == 1 {
        return escaped(text);
    }
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) })
        .collect()
}

/// A number with a comma between each three digits.
#[must_use]
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A count with its noun: `1 person`, `1,200 people`.
pub(crate) fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The style sheet that the policy allows is the one of the page, and there is nothing else that a policy would have to allow.
    #[test]
    fn the_policy_allows_the_style_sheet_of_the_page_alone() -> Result<(), &'static str> {
        let page = page("a", Markup::default());
        let style =
            page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).ok_or("no style sheet")?;
        let source = format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, style.as_bytes())));
        assert!(page.contains(&format!("style-src {source};")) && page.contains("default-src 'none';"), "{page}");
        let markup: String = TEMPLATES.iter().map(|(_, text)| *text).collect();
        for never in ["<script", " style=", "href=\"http", "src=", "url(", "@import", "javascript:"] {
            assert!(!markup.contains(never) && !STYLE.contains(never), "{never}");
        }
        Ok(())
    }

    #[test]
    fn every_template_can_be_parsed() {
        for (name, _) in TEMPLATES {
            assert!(ENVIRONMENT.get_template(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn text_never_becomes_markup() {
        assert_eq!(escaped("<b a=\"'\">&amp;"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;amp;");
        assert_eq!(escaped("a\u{202e}b\u{1b}[1m\0"), "a\u{fffd}b␛[1m␀");
        assert_eq!(prose("`<i>` is a `b`"), "<code>&lt;i&gt;</code> is a <code>b</code>");
        assert_eq!(prose("one ` alone"), "one ` alone");
        let long = escaped(&"<".repeat(10_000));
        assert!(long.ends_with("&lt;… (10,000 characters)") && long.len() < 3_000, "{long}");
    }

    #[test]
    fn a_text_is_cut_where_it_no_longer_fits() {
        assert_eq!(fitting("methods.required", 10.0), "methods.required");
        assert_eq!(fitting("methods.required", 6.5), "methods.r…");
        assert_eq!(fitting(&"W".repeat(60), 5.0), "WWWW…");
        let page = page(&"a".repeat(71), Markup::default());
        assert!(page.contains(&format!("<title>{}…</title>", "a".repeat(69))), "{page}");
    }

    #[test]
    fn numbers_have_commas() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}

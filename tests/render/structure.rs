//! What a comment is made of, as a Markdown reader sees it.

use pulldown_cmark::{Event, Options, Parser, TextMergeStream};

/// The blocks and inline marks of a comment without any text, and what its plain text breaks.
pub(crate) struct Structure {
    /// Every block and mark, in order.
    pub(crate) skeleton: Vec<String>,
    /// Links, headings, HTML and mentions that nobody meant.
    pub(crate) breaches: Vec<String>,
}

/// Reads a comment of `command`.
pub(crate) fn structure(comment: &str, command: &str) -> Structure {
    let mut found = Structure { skeleton: Vec::new(), breaches: Vec::new() };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH;
    let mut in_code = false;
    for event in TextMergeStream::new(Parser::new_ext(comment, options)) {
        match event {
            Event::Text(text) if in_code => found.breaches.extend(control(&text)),
            Event::Text(text) => found.breaches.extend(control(&text).into_iter().chain(linked(&text))),
            Event::Code(text) => found.breaches.extend(control(&text)),
            Event::Html(html) | Event::InlineHtml(html) => {
                let bones = bones(&html, command);
                found.breaches.extend(bones.is_none().then(|| format!("HTML: {html:?}")));
                found.skeleton.extend(bones.map(str::to_owned));
            }
            Event::SoftBreak => {}
            other => {
                match &other {
                    Event::Start(pulldown_cmark::Tag::CodeBlock(_)) => in_code = true,
                    Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
                    _ => {}
                }
                found.skeleton.push(format!("{other:?}"));
            }
        }
    }
    found
}

/// The tags of a line of HTML that we write; `None` for any other.
fn bones<'a>(html: &'a str, command: &str) -> Option<&'a str> {
    let line = html.trim_end_matches('\n');
    let summary = line.strip_prefix("<summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    match line {
        _ if line == format!("<!-- ssprctl:{command} -->") => Some("marker"),
        "<details>" | "<details open>" | "</details>" => Some(line),
        _ if summary.is_some_and(is_title) => Some("summary"),
        _ => None,
    }
}

/// Whether text is words and code, and nothing outside of code can become a link.
fn is_title(inside: &str) -> bool {
    let is_text = |text: &str| !text.contains(['<', '>', '"', '\n']);
    let is_plain = |text: &str| is_text(text) && linked(text).is_none();
    let mut parts = inside.split("<code>");
    parts.next().is_some_and(is_plain)
        && parts.all(|part| part.split_once("</code>").is_some_and(|(code, rest)| is_text(code) && is_plain(rest)))
}

fn control(text: &str) -> Option<String> {
    let hidden =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.contains(hidden).then(|| format!("control: {text:?}"))
}

/// What hosts make links of after Markdown has been read.
fn linked(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let follows = |mark: &str, which: fn(char) -> bool| {
        lower.match_indices(mark).any(|(at, _)| lower[at + mark.len()..].starts_with(which))
    };
    let breach = follows("@", char::is_alphanumeric)
        || follows("#", char::is_numeric)
        || follows("gh-", char::is_numeric)
        || lower.contains("://")
        || lower.contains("www.");
    breach.then(|| format!("linked: {text:?}"))
}

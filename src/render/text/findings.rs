//! Findings as text, formatted like the messages of the Rust compiler: code, message, the line of the file with a caret, and
//! the hint.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use rayon::prelude::*;

use crate::base::finding::{Finding, Label, Severity};
use crate::base::source::Place;
use crate::render::docs_site;
use crate::render::text::link;
use crate::render::text::safe::{TextTarget, safe};

/// The longest piece of a line that is shown, in characters.
const WIDEST: usize = 140;
/// How much of a cut line is shown before the place, in characters.
const BEFORE: usize = 60;
/// Width for the renderer; our lines are cut already, so it must not cut again.
const TERMINAL: usize = 4 * WIDEST;

/// The findings one after another, with a blank line between; each ends with a line break. `colour` adds ANSI styles.
#[must_use]
pub fn findings(findings: &[Finding], colour: bool) -> String {
    let texts: Vec<String> = findings.par_iter().map(|finding| one(finding, colour)).collect();
    texts.join("\n")
}

/// One finding; ends with a line break.
#[must_use]
pub fn one(finding: &Finding, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(TERMINAL);
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(safe(&finding.message)).id(finding.code);
    let mut group = Group::with_title(title);
    let mut widest = 0;
    let first = finding.at.iter().map(|label| (label, AnnotationKind::Primary));
    for (label, kind) in first.chain(finding.also.iter().map(|label| (label, AnnotationKind::Context))) {
        let shown = SourceExcerpt::new(&label.place);
        widest = widest.max(shown.line);
        group = shown.add(group, label, kind);
    }
    let mut text = without_bare_arrows(&renderer.render(&[group]));
    if colour {
        text = with_links(&text, finding.at.iter().chain(&finding.also));
    }
    if let Some(hint) = &finding.hint {
        let indent = widest.to_string().len();
        let _ = writeln!(text, "{:indent$}hint: {}", "", safe(hint));
    }
    if let Some(page) = docs_site::of_code(finding.code) {
        let indent = widest.to_string().len();
        let page = if colour { link::to_page(&page, &page) } else { page };
        let _ = writeln!(text, "{:indent$}docs: {page}", "");
    }
    text
}

/// Path, line and column are ours, because the renderer would count columns in the piece of a line it is given. For that
/// piece it then draws a second arrow that points to nothing.
fn without_bare_arrows(rendered: &str) -> String {
    let bare = |line: &str| {
        let styles = line.split('\u{1b}').enumerate();
        let plain = styles
            .map(|(index, part)| if index == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) });
        plain.collect::<String>().trim() == ":::"
    };
    let has_colons = |line: &str| line.bytes().filter(|byte| *byte == b':').count() >= 3;
    rendered.lines().filter(|line| !has_colons(line) || !bare(line)).flat_map(|line| [line, "\n"]).collect()
}

/// The text with its places as links to their files.
fn with_links<'a>(text: &str, labels: impl Iterator<Item = &'a Label>) -> String {
    let places: BTreeMap<String, &str> = labels
        .map(|label| {
            let (line, column) = label.place.line_column();
            let path = label.place.source.path.as_str();
            (format!("{}:{line}:{column}", safe(path)), path)
        })
        .collect();
    let linked = |line: &str| {
        let is_place = line.contains("--> ") || line.contains("::: ");
        let place = places.iter().find(|(place, _)| is_place && line.ends_with(place.as_str()));
        match place {
            Some((place, path)) => line.replacen(place.as_str(), &link::to_file(path, place), 1),
            None => line.to_owned(),
        }
    };
    text.lines().map(linked).flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// The line a place begins in, cut to what can be read.
struct SourceExcerpt {
    path: String,
    line: usize,
    column: usize,
    text: String,
    /// Bytes of `text` to underline.
    span: std::ops::Range<usize>,
}

impl SourceExcerpt {
    fn new(place: &Place) -> Self {
        let (line, column) = place.line_column();
        let source = place.source.text.as_str();
        let start = source.floor_char_boundary(place.span.start);
        let (_, begin) = place.source.line_of(start);
        let end = source.get(start..).unwrap_or_default().find('\n').map_or(source.len(), |at| start + at);
        let whole = source.get(begin..end).unwrap_or_default();
        let whole = whole.strip_suffix('\r').unwrap_or(whole);
        let shown = whole.strip_prefix('\u{feff}').unwrap_or(whole);
        let offset = (start - begin).saturating_sub(whole.len() - shown.len());
        let marked = source.get(start..source.floor_char_boundary(place.span.end).min(end)).unwrap_or_default();
        let (text, span) = cut(shown, offset, marked.trim_end_matches('\r').chars().count());
        Self { path: safe(&place.source.path).into_owned(), line, column, text, span }
    }

    fn add<'a>(self, group: Group<'a>, label: &'a Label, kind: AnnotationKind) -> Group<'a> {
        let empty = label.place.source.text.is_empty();
        let origin = Origin::path(self.path);
        if empty {
            return group.element(origin);
        }
        let origin = origin.line(self.line).char_column(self.column);
        let annotation = kind.span(self.span);
        let says = safe(&label.says);
        let annotation = if says.is_empty() { annotation } else { annotation.label(says) };
        let snippet = Snippet::source(self.text).line_start(self.line).annotation(annotation);
        group.element(origin).element(snippet)
    }
}

/// A piece of `line` around the `length` characters that begin at the byte `offset`.
fn cut(line: &str, offset: usize, length: usize) -> (String, std::ops::Range<usize>) {
    let before = line.get(..offset).unwrap_or(line);
    let long = line.chars().nth(WIDEST).is_some();
    let first = before.char_indices().rev().nth(BEFORE - 1).filter(|_| long).map_or(0, |(at, _)| at);
    let column = before.get(first..).unwrap_or_default().chars().count();
    let mut text = String::new();
    let mut span = None;
    if first > 0 {
        text.push('…');
    }
    let mut end = 0;
    let mut rest = false;
    let mut reader = TextTarget::default();
    for (index, c) in line.get(first..).unwrap_or_default().chars().enumerate() {
        if index >= WIDEST {
            rest = true;
            break;
        }
        if index == column {
            span = Some(text.len());
        }
        let shown = reader.shown(c);
        text.push(if c == '\t' { c } else { shown });
        if index < column + length {
            end = text.len();
        }
    }
    if rest {
        text.push('…');
    }
    let start = span.unwrap_or(text.len());
    (text, start..end.max(start))
}

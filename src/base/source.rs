//! Texts that people wrote, and places in them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A text of at most so many bytes has no table of its lines: it is searched as fast as a table is made.
const SMALL: usize = 16 * 1024;
/// How many characters a line has at most that is quoted.
const MOST_CHARACTERS: usize = 400;

/// One text with the path it is shown under. An unreadable file has an empty text.
#[derive(Debug)]
pub struct Source {
    /// The path as it is shown: relative to where the run started, with `/`.
    pub path: String,
    /// The text, valid UTF-8.
    pub text: String,
    /// The offset at which each line after the first one begins; made when the first line is looked up.
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    /// A text that is shown under a path.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), line_starts: OnceLock::new() }
    }

    /// The number of the line that an offset is in, from 1, and the offset at which that line begins.
    pub(crate) fn line_of(&self, offset: usize) -> (usize, usize) {
        if self.text.len() <= SMALL {
            let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            return (before.iter().filter(|byte| **byte == b'\n').count() + 1, start);
        }
        let starts = self.line_starts.get_or_init(|| self.text.match_indices('\n').map(|(at, _)| at + 1).collect());
        let line = starts.partition_point(|start| *start <= offset);
        (line + 1, line.checked_sub(1).and_then(|last| starts.get(last)).copied().unwrap_or_default())
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.text) == (&other.path, &other.text)
    }
}

impl Eq for Source {}

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.path, &self.text).hash(state);
    }
}

/// A text as its digest is made of: without a byte order mark, and with `\n` at the end of lines. Git and editors change
/// both without being asked.
#[must_use]
pub(crate) fn portable(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// A byte range `start..end` in a [`Source`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte; never below `start`.
    pub end: usize,
}

/// A range in one text. Cheap to clone; ordered by path, then by offset, without reading the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The text that contains the place.
    pub source: Arc<Source>,
    /// The range of bytes.
    pub span: Span,
}

impl Place {
    /// The range `start..end` of `source`.
    #[must_use]
    pub fn new(source: &Arc<Source>, start: usize, end: usize) -> Self {
        Self { source: Arc::clone(source), span: Span { start, end: end.max(start) } }
    }

    /// The start of a text, for findings about the whole file.
    #[must_use]
    pub(crate) fn start_of(source: &Arc<Source>) -> Self {
        Self::new(source, 0, 0)
    }

    /// Line and column of the first character, both from 1; columns count characters, not bytes.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let text = self.source.text.as_str();
        let end = if text.is_char_boundary(self.span.start) { self.span.start } else { text.len() };
        let (line, start) = self.source.line_of(end);
        let before = text.get(start..end).unwrap_or_default();
        (line, before.strip_prefix('\u{feff}').filter(|_| start == 0).unwrap_or(before).chars().count() + 1)
    }

    /// The line of the first character, without its end and without a byte order mark; `None` for a line of more than
    /// [`MOST_CHARACTERS`] and for one without text.
    #[must_use]
    pub(crate) fn line_text(&self) -> Option<&str> {
        let (line, start) = self.source.line_of(self.span.start);
        let text = self.source.text.get(start..)?.lines().next()?;
        let text = text.strip_prefix('\u{feff}').filter(|_| line == 1).unwrap_or(text);
        Some(text).filter(|text| !text.is_empty() && text.chars().nth(MOST_CHARACTERS).is_none())
    }

    /// Line and column after the last character, both from 1.
    #[must_use]
    pub(crate) fn end_line_column(&self) -> (usize, usize) {
        Self::new(&self.source, self.span.end, self.span.end).line_column()
    }
}

/// The place as findings name it: `path:line:column`. The path is as it was given, so outputs escape it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.path)
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.source.path, self.span).cmp(&(&other.source.path, other.span))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let source = Arc::new(Source::new("a.yaml", "\u{feff}ä: ö\nb: ü"));
        let at = |needle: &str| {
            let start = source.text.find(needle).unwrap_or_default();
            Place::new(&source, start, start + needle.len()).line_column()
        };
        assert_eq!(at("ä"), (1, 1));
        assert_eq!(at("ö"), (1, 4));
        assert_eq!(at("ü"), (2, 4));
    }

    /// A text with a table of its lines has the same lines as one without.
    #[test]
    fn long_texts_have_the_same_places() {
        let short = format!("\u{feff}ä: ö\n\n{}\nend", "b: ü\r\n".repeat(100));
        let long = Source::new("a.yaml", format!("{short}{}", " ".repeat(SMALL)));
        let (short, long) = (Arc::new(Source::new("a.yaml", short)), Arc::new(long));
        for at in 0..short.text.len() {
            let [ours, theirs] = [&short, &long].map(|source| Place::new(source, at, at).line_column());
            assert!(ours == theirs || !short.text.is_char_boundary(at), "{at}: {ours:?}, {theirs:?}");
        }
    }
}

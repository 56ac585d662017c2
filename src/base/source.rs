//! Texts that people wrote, and places in them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

/// One text with the path it is shown under. An unreadable file has an empty text.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The path as it is shown: relative to where the run started, with `/`.
    pub path: String,
    /// The text, valid UTF-8.
    pub text: String,
}

/// A text as its digest is made of: without a byte order mark, and with `\n` at the end of lines, because git and
/// editors change both.
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
    pub fn start_of(source: &Arc<Source>) -> Self {
        Self::new(source, 0, 0)
    }

    /// Line and column of the first character, both from 1; columns count characters, not bytes.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let before = self.source.text.get(..self.span.start).unwrap_or(&self.source.text);
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// Line and column after the last character, both from 1.
    #[must_use]
    pub(crate) fn end_line_column(&self) -> (usize, usize) {
        Self::new(&self.source, self.span.end, self.span.end).line_column()
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
        let source = Arc::new(Source { path: "a.yaml".into(), text: "\u{feff}ä: ö\nb: ü".into() });
        let at = |needle: &str| {
            let start = source.text.find(needle).unwrap_or_default();
            Place::new(&source, start, start + needle.len()).line_column()
        };
        assert_eq!(at("ä"), (1, 1));
        assert_eq!(at("ö"), (1, 4));
        assert_eq!(at("ü"), (2, 4));
    }
}

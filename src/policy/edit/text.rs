//! Offsets in a text: its lines, and the ends of keys and values; and pieces of it that are replaced.

use std::ops::Range;

use crate::policy::tree::{MapEntry, Node, NodeBody};

/// Bytes of the text and what replaces them.
#[derive(Debug)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) by: String,
}

impl Splice {
    pub(super) fn insert(at: usize, by: impl Into<String>) -> Self {
        Self { range: at..at, by: by.into() }
    }

    pub(super) fn remove(range: Range<usize>) -> Self {
        Self { range, by: String::new() }
    }
}

/// The text with all replacements made; `None` where they cut a character in two.
pub(super) fn apply(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|splice| (splice.range.start, splice.range.end));
    let mut edited = String::with_capacity(text.len());
    let mut from = 0;
    for Splice { range, by } in splices {
        edited.push_str(text.get(from..range.start.max(from))?);
        edited.push_str(&by);
        from = range.end.max(from);
    }
    edited.push_str(text.get(from..)?);
    Some(edited)
}

/// The text of a policy file.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl<'a> Text<'a> {
    /// The text from one offset to another; empty where there is none.
    pub(super) fn slice(self, range: Range<usize>) -> &'a str {
        self.0.get(range).unwrap_or_default()
    }

    /// Where the line with this offset begins.
    pub(super) fn line_start(self, at: usize) -> usize {
        self.slice(0..at).rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line of a value that ends here ends, its line break included. A value that ends with a line break, as a
    /// block scalar does, ends its line.
    pub(super) fn line_end(self, at: usize) -> usize {
        if self.slice(0..at).ends_with('\n') { at } else { self.next_line(at) }
    }

    /// Where the line after the one with this offset begins; the end of the text where there is none.
    pub(super) fn next_line(self, at: usize) -> usize {
        self.slice(at..self.0.len()).find('\n').map_or(self.0.len(), |newline| at + newline + 1)
    }

    /// Where the lines of a value end that ends here: its own line, and comments below it that are indented deeper than it.
    pub(super) fn block_end(self, at: usize, indent: &str) -> usize {
        let mut end = self.line_end(at);
        let mut line = end;
        while line < self.0.len() {
            let next = self.next_line(line);
            let code = self.slice(line..next).trim_start_matches(' ');
            if code.starts_with('#') && next - line - code.len() > indent.len() {
                end = next;
            } else if !code.trim_end().is_empty() {
                break;
            }
            line = next;
        }
        end
    }

    /// The line break of this file.
    pub(super) fn newline(self) -> &'static str {
        match self.0.find('\n') {
            Some(at) if self.slice(0..at).ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }

    /// The spaces before an offset; `None` where anything else precedes it on its line.
    pub(super) fn indent(self, at: usize) -> Option<&'a str> {
        let before = self.slice(self.line_start(at)..at);
        before.bytes().all(|byte| byte == b' ').then_some(before)
    }

    /// Where the value of an entry may begin: after the colon. `None` for a key without one, and for a key that
    /// is written with `?`.
    pub(super) fn after_colon(self, entry: &MapEntry) -> Option<usize> {
        let key_end = entry.key_at.end as usize;
        let rest = self.slice(key_end..self.0.len());
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest[blank..].starts_with(':').then_some(key_end + blank + 1)
    }

    /// Whether this is the use of an anchor. The parser gives an alias, and every value in it, the place
    /// of the alias itself.
    pub(super) fn is_alias(self, node: &Node) -> bool {
        node.at.start < node.at.end && self.slice(node.at.start as usize..self.0.len()).starts_with('*')
    }

    /// The offset after the last byte of a value; blank lines at the end of a block scalar do not count.
    pub(super) fn end(self, node: &Node) -> usize {
        let at = node.at;
        match &node.body {
            _ if at.start < at.end => at.start as usize + self.without_blank_lines(at.start as usize..at.end as usize),
            NodeBody::List(items) => items.last().map_or(at.end as usize, |item| self.end(item)),
            NodeBody::Map(entries) => entries.last().map_or(at.end as usize, |entry| self.entry_end(entry)),
            NodeBody::Null | NodeBody::Switch(_) | NodeBody::Number(_) | NodeBody::Text(_) => at.end as usize,
        }
    }

    /// The offset after the last byte of a key and its value.
    pub(super) fn entry_end(self, entry: &MapEntry) -> usize {
        self.end(&entry.value).max(self.after_colon(entry).unwrap_or(entry.key_at.end as usize))
    }

    fn without_blank_lines(self, range: Range<usize>) -> usize {
        let value = self.slice(range);
        let last = value.trim_end_matches([' ', '\t', '\r', '\n']).len();
        value[last..].find('\n').map_or(value.len(), |newline| last + newline + 1)
    }
}

/// Whether the text before a value has an anchor or a tag, comments aside.
pub(super) fn has_anchor(before: &str) -> bool {
    before.lines().any(|line| line.split('#').next().is_some_and(|code| code.contains(['&', '!'])))
}

/// Whether a collection is written in brackets: only then it has bytes of its own.
pub(super) fn is_flow(collection: &Node) -> bool {
    collection.at.start < collection.at.end
}

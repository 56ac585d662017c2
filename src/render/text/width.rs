//! Text that fits the width of a terminal: sentences wrap by words below their beginning, columns fold, and nothing that somebody
//! copies is cut, which is why a diff stays as it is. The renderers write lines of any length, which is what a pipe gets; only
//! here are they broken.

use std::iter::Peekable;
use std::str::CharIndices;

use textwrap::core::{Word, display_width};
use textwrap::wrap_algorithms::wrap_first_fit;

/// The least room in which the words of a column wrap, in characters; with less the column gets a line of its own.
const LEAST_ROOM: usize = 24;
/// How far the lines after the first are indented more than it, in characters.
const HANGING: usize = 2;

/// The text with no line longer than `width`, where what must not be cut allows it. Styles stay as they are.
#[must_use]
pub(crate) fn fit(text: &str, width: usize) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let mut fitted = Vec::with_capacity(lines.len());
    let (mut rest, mut before) = (lines.as_slice(), "");
    while let [line, more @ ..] = rest {
        let frame = rest.iter().take_while(|line| gutter(line).is_some()).count();
        if frame > 0 {
            let (rows, more) = rest.split_at(frame);
            fitted.extend(fit_frame(rows, width));
            (rest, before) = (more, " |");
            continue;
        }
        // Somebody applies a diff that is copied.
        let diff = diff_lines(rest);
        if diff > 0 {
            let (lines, more) = rest.split_at(diff);
            fitted.extend(lines.iter().map(|line| (*line).to_owned()));
            (rest, before) = (more, "+");
            continue;
        }
        if display_width(line) <= width || is_place(line) {
            fitted.push((*line).to_owned());
        } else {
            let is_paragraph = before.is_empty() && matches!(more, ["", _, ..]) && !line.starts_with(' ');
            fitted.extend(fold(line, width, if is_paragraph { 0 } else { HANGING }));
        }
        (rest, before) = (more, line);
    }
    fitted.join("\n")
}

/// A piece of a line: a character, or a sequence that a terminal acts on and that has no width.
struct Piece<'a> {
    at: usize,
    text: &'a str,
    shown: Option<char>,
}

/// The pieces of a line with styles and links.
fn pieces(line: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut chars = line.char_indices().peekable();
    std::iter::from_fn(move || {
        let (at, c) = chars.next()?;
        let shown = if c == '\u{1b}' {
            skip_sequence(&mut chars);
            None
        } else {
            Some(c)
        };
        let end = chars.peek().map_or(line.len(), |(next, _)| *next);
        Some(Piece { at, text: line.get(at..end).unwrap_or_default(), shown })
    })
}

/// Skips what follows ESC: up to a letter after `[`, up to BEL or `ESC \` after `]`.
fn skip_sequence(chars: &mut Peekable<CharIndices<'_>>) {
    match chars.next() {
        Some((_, '[')) => while chars.next().is_some_and(|(_, c)| !('\u{40}'..='\u{7e}').contains(&c)) {},
        Some((_, ']')) => {
            let mut before = ']';
            for (_, c) in chars {
                if c == '\u{7}' || (before == '\u{1b}' && c == '\\') {
                    break;
                }
                before = c;
            }
        }
        Some(_) | None => {}
    }
}

/// A line without styles.
fn plain(line: &str) -> String {
    pieces(line).filter_map(|piece| piece.shown).collect()
}

/// Whether a line is the place above a code frame.
fn is_place(line: &str) -> bool {
    let plain = plain(line);
    plain.trim_start().starts_with("--> ") || plain.trim_start().starts_with("::: ")
}

/// How many lines the unified diff has that begins here: up to an empty line.
fn diff_lines(lines: &[&str]) -> usize {
    let begins = |line: Option<&&str>, sign: &str| line.is_some_and(|line| plain(line).starts_with(sign));
    let is_diff = begins(lines.first(), "--- a/") && begins(lines.get(1), "+++ b/") && begins(lines.get(2), "@@ ");
    if is_diff { lines.iter().take_while(|line| !line.is_empty()).count() } else { 0 }
}

/// A part of a line that two or more spaces separate from the part before it.
struct Column {
    /// Where it begins, in characters.
    start: usize,
    /// How many spaces are before it.
    gap: usize,
    text: String,
}

/// The columns of a line; a sentence is one.
fn columns(line: &str) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let (mut at, mut gap, mut pending) = (0, 0, String::new());
    for piece in pieces(line) {
        match piece.shown {
            Some(' ') => gap += 1,
            Some(c) => {
                match columns.last_mut() {
                    Some(last) if gap < 2 => {
                        last.text.extend(std::iter::repeat_n(' ', gap));
                        last.text.push_str(&pending);
                        last.text.push(c);
                    }
                    Some(_) | None => columns.push(Column { start: at + gap, gap, text: format!("{pending}{c}") }),
                }
                at += gap + display_width(piece.text);
                gap = 0;
                pending.clear();
            }
            // What ends a style or a link belongs to the word before.
            None => match columns.last_mut() {
                Some(last) if gap == 0 && pending.is_empty() => last.text.push_str(piece.text),
                Some(_) | None => pending.push_str(piece.text),
            },
        }
    }
    if let Some(last) = columns.last_mut() {
        last.text.push_str(&pending);
    }
    columns
}

/// Breaks a line that is too long; a sentence continues `hanging` further in. Each column stays where it is while it fits; then it
/// wraps in its own place, moves to the left if there are spaces to spare, or goes below the column before it.
fn fold(line: &str, width: usize, hanging: usize) -> Vec<String> {
    let columns = columns(line);
    let mut folded = FoldedLine { width, lines: vec![String::new()] };
    for (index, column) in columns.iter().enumerate() {
        let Column { start, gap, text } = column;
        let (at, long) = (folded.end(), display_width(text));
        let fits = |from: usize| width.saturating_sub(from) >= LEAST_ROOM.max(longest_word(text));
        let near = at + (*gap).min(2);
        if index == 0 {
            folded.wrap(text, *start, start + mark(text).unwrap_or(hanging));
        } else if near <= *start && (start + long <= width || fits(*start)) {
            folded.wrap(text, *start, *start);
        } else if near + long <= width {
            let moved = if *gap == 2 { near } else { near.max((*start).min(width - long)) };
            folded.wrap(text, moved, moved);
        } else {
            let below = columns.iter().take(index).skip(1).map(|column| column.start).rfind(|start| fits(*start));
            let first = columns.first().map(|column| column.start + 2 * HANGING).filter(|start| fits(*start));
            let below = below.or(first).unwrap_or_default();
            folded.lines.push(String::new());
            folded.wrap(text, below, below);
        }
    }
    folded.lines
}

/// The width of the sign or the number that a line begins with, and of the space behind it.
fn mark(text: &str) -> Option<usize> {
    let plain = plain(text);
    let (first, _) = plain.split_once(' ')?;
    let is_sign = first.chars().count() == 1 && !first.chars().all(char::is_alphanumeric);
    let is_number = first.strip_suffix('.').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    (is_sign || is_number).then(|| display_width(first) + 1)
}

/// The lines that a long line becomes.
struct FoldedLine {
    width: usize,
    lines: Vec<String>,
}

impl FoldedLine {
    /// Where the last line ends.
    fn end(&self) -> usize {
        self.lines.last().map(|line| display_width(line)).unwrap_or_default()
    }

    /// Adds words from `start` on; those that do not fit go to further lines, from `hanging` on. A word that does not fit
    /// there either begins its line.
    fn wrap(&mut self, text: &str, start: usize, hanging: usize) {
        let room = |from: usize| self.width.saturating_sub(from);
        let words: Vec<_> = words(text).flat_map(|word| parts_of_command(word, self.width)).collect();
        let lines = wrap_first_fit(&words, &[room(start) as f64, room(hanging) as f64]);
        let (longest, mut is_whole) = (room(hanging), true);
        for (index, line) in lines.into_iter().enumerate() {
            let [before @ .., last] = line else { continue };
            let is_long = before.is_empty() && display_width(last.word) > longest;
            let from = match index {
                0 => start.saturating_sub(self.end()),
                _ if is_long || !is_whole => 0,
                _ => hanging,
            };
            is_whole = last.penalty != INSIDE_A_WORD;
            let mut part = " ".repeat(from);
            before.iter().for_each(|word| part.extend([word.word, word.whitespace]));
            part.extend([last.word, last.penalty]);
            match self.lines.last_mut() {
                Some(last) if index == 0 => last.push_str(&part),
                Some(_) | None => self.lines.push(part),
            }
        }
    }
}

/// With what a line of a command ends that goes on in the next one: between two of its words, and within one, which has to go on
/// without spaces. Shells read both as if the command were whole.
const BETWEEN_WORDS: &str = " \\";
const INSIDE_A_WORD: &str = "\\";

/// The parts of a command that is longer than a line: its words, and of those that are longer the items of their lists. Every
/// other word stays whole.
fn parts_of_command(word: Word<'_>, width: usize) -> Vec<Word<'_>> {
    if display_width(word.word) <= width || !word.word.contains('`') {
        return vec![word];
    }
    let mut parts = Vec::new();
    for part in word.word.split_inclusive(' ') {
        let long = display_width(part) + BETWEEN_WORDS.len() > width;
        let items: Vec<_> = if long { part.split_inclusive(',').collect() } else { vec![part] };
        let last = items.len().saturating_sub(1);
        parts.extend(items.into_iter().enumerate().map(|(index, item)| Word {
            penalty: if index == last { BETWEEN_WORDS } else { INSIDE_A_WORD },
            ..Word::from(item)
        }));
    }
    if let Some(last) = parts.last_mut() {
        (last.whitespace, last.penalty) = (word.whitespace, word.penalty);
    }
    parts
}

/// The words of a text. What is between backticks, such as a command, is one word.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let quotes = text.matches('`').count();
    let (mut begins, mut quoted, mut seen, mut before) = (vec![0], false, 0, ' ');
    for (at, c) in text.char_indices() {
        if c == '`' {
            seen += 1;
            // The last of an odd number quotes nothing.
            quoted = seen % 2 == 1 && seen < quotes;
        }
        let begins_word = before == ' ' && c != ' ' && at > 0;
        // Of two quoted things that follow each other the second begins a word as well.
        if begins_word && (!quoted || c == '`') {
            begins.push(at);
        }
        before = c;
    }
    begins.push(text.len());
    let pairs: Vec<_> = begins.windows(2).filter_map(|pair| text.get(*pair.first()?..*pair.last()?)).collect();
    pairs.into_iter().map(Word::from)
}

/// The width of the longest word, in characters.
fn longest_word(text: &str) -> usize {
    words(text).map(|word| display_width(word.word)).max().unwrap_or_default()
}

/// Where the source begins in a row of a code frame, as in `12 |   allowed:`: in bytes, in characters, and whether it
/// has a number.
fn gutter(line: &str) -> Option<(usize, usize, bool)> {
    let (mut width, mut numbered) = (0, false);
    for piece in pieces(line) {
        let Some(c) = piece.shown else { continue };
        width += 1;
        match c {
            '|' => return Some((piece.at + piece.text.len(), width, numbered)),
            ' ' => {}
            c if c.is_ascii_digit() => numbered = true,
            _ => return None,
        }
    }
    None
}

/// The rows of a code frame. Of a long row of source the piece around the marked place is shown; what is said below it wraps.
fn fit_frame(rows: &[&str], width: usize) -> Vec<String> {
    let mut fitted = Vec::with_capacity(rows.len());
    let mut from = 0;
    for (index, row) in rows.iter().enumerate() {
        let Some((bytes, gutter_width, numbered)) = gutter(row) else { continue };
        let (head, rest) = row.split_at(bytes);
        let room = width.saturating_sub(gutter_width).max(LEAST_ROOM);
        if numbered {
            let marks = rows.get(index + 1).map(|below| plain(below).chars().skip(gutter_width).collect::<String>());
            let long = display_width(rest);
            from = first_shown(&marks.unwrap_or_default(), long, room);
            let (before, after) = (from > 0, from + room < long);
            let begin = if before { from + " …".chars().count() } else { 0 };
            let shown = slice(rest, begin, from + room - usize::from(after));
            fitted.push(format!("{head}{}{shown}{}", if before { " …" } else { "" }, if after { "…" } else { "" }));
            continue;
        }
        let rest = slice(rest, from, usize::MAX);
        if display_width(&rest) <= room {
            fitted.push(format!("{head}{rest}"));
            continue;
        }
        let label = plain(&rest).chars().position(char::is_alphanumeric).unwrap_or(room);
        let (marks, says) = (slice(&rest, 0, label.min(room)), slice(&rest, label, usize::MAX));
        let fits = room.saturating_sub(label) >= LEAST_ROOM.max(longest_word(&says));
        let start = if fits { label } else { HANGING };
        let mut lines = FoldedLine { width: room, lines: vec![String::new()] };
        lines.wrap(&says, start, start);
        let mut lines = lines.lines.into_iter();
        let first = if fits { lines.next() } else { None };
        let first = first.as_ref().and_then(|line| line.get(start..)).unwrap_or_default();
        fitted.push(format!("{head}{marks}{first}"));
        fitted.extend(lines.map(|line| format!("{head}{line}")));
    }
    fitted
}

/// The first character of a row of source that is shown, so that what the marks below it point to is among them.
fn first_shown(marks: &str, long: usize, room: usize) -> usize {
    let is_mark = |c: char| "^-_~".contains(c);
    let first = marks.chars().position(is_mark).unwrap_or_default();
    let marked = marks.chars().skip(first).take_while(|c| is_mark(*c)).count();
    if long <= room || first + marked < room { 0 } else { first.saturating_sub(room / 3).min(long - room) }
}

/// The characters of a line from one place up to another, with all styles.
fn slice(line: &str, from: usize, until: usize) -> String {
    let (mut part, mut at) = (String::new(), 0);
    for piece in pieces(line) {
        if piece.shown.is_none() || (from..until).contains(&at) {
            part.push_str(piece.text);
        }
        at += if piece.shown.is_some() { display_width(piece.text) } else { 0 };
    }
    part
}

//! Text from a file or a tenant, made harmless in Markdown.
//!
//! Markdown has no escape that holds everywhere: hosts turn `@name`, `#1` and addresses into links after escapes are gone. So
//! names and values are put in code spans and fences, where Markdown is not interpreted, and the rest is split by zero-width
//! spaces.

use crate::render::text::safe::safe;

/// Most characters of one piece of text: a message, a name. Longer text is cut.
const LONGEST: usize = 1_000;
/// A space of no width, written so that no invisible character is in the comment's own text.
const PART: &str = "&#8203;";

/// A code span that shows the text as it is.
pub(crate) fn code(text: &str) -> String {
    let text = clip(&safe(text));
    let ticks = "`".repeat(longest_run(&text, '`') + 1);
    let edge = |c: char| c == '`' || c == ' ';
    match text.trim() {
        "" => format!("{ticks} {ticks}"),
        _ if text.starts_with(edge) || text.ends_with(edge) => format!("{ticks} {text} {ticks}"),
        _ => format!("{ticks}{text}{ticks}"),
    }
}

/// A sentence of our own that may quote others. Text between a pair of backticks becomes a code span; nothing else
/// in it is Markdown, HTML, a mention, a reference or a link.
pub(crate) fn prose(text: &str) -> String {
    let text = clip(&safe(text));
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return plain(&text);
    }
    let escaped = pieces.iter().enumerate().map(|(index, piece)| match (index % 2, piece.trim()) {
        (0, _) => plain(piece),
        (_, "") => plain(&format!("`{piece}`")),
        (_, piece) => code(piece),
    });
    escaped.collect()
}

/// Text of others in a line of its own: also at the beginning of the line it makes no list, heading or rule.
pub(crate) fn text(text: &str) -> String {
    let text = clip(&safe(text));
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &text[..digits], plain(&text[digits..])),
        Some(b'-' | b'+' | b'=') if digits == 0 => format!("\\{}", plain(&text)),
        _ => plain(&text),
    }
}

/// Text in an HTML block, where Markdown is not interpreted.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::new();
    for c in clip(&safe(text)).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Lines in a fence that nothing in them can close. They must be free of control characters.
pub(crate) fn fence(language: &str, lines: &[String]) -> String {
    let longest = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or_default();
    let ticks = "`".repeat((longest + 1).max(3));
    format!("{ticks}{language}\n{}\n{ticks}", lines.join("\n"))
}

/// The beginning of a text that is too long.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn plain(text: &str) -> String {
    let mut escaped = String::new();
    for (at, c) in text.char_indices() {
        if is_inside_a_link(&text[..at], &text[at..]) {
            escaped.push_str(PART);
        }
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '`' => escaped.push_str("&#96;"),
            '|' => escaped.push_str("&#124;"),
            '\\' | '*' | '_' | '[' | ']' | '~' | '$' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
        if matches!(c, '@' | '#') {
            escaped.push_str(PART);
        }
    }
    escaped
}

/// `https://…`, `www.example.com` and `GH-1` become links and references without any mark around them.
fn is_inside_a_link(before: &str, rest: &str) -> bool {
    let ends = |word: &str| {
        before.len() >= word.len()
            && before.as_bytes()[before.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
    };
    (rest.starts_with("//") && ends(":"))
        || (rest.starts_with('.') && ends("www"))
        || (rest.starts_with('-') && ends("gh"))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{clip, code, fence, html, prose, text};

    #[test]
    fn code_spans_hold_backticks_and_edges() {
        assert_eq!(code("a|b <c> @d"), "`a|b <c> @d`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(" "), "` `");
        assert_eq!(code("a\nb"), "`a␊b`");
    }

    #[test]
    fn prose_passes_our_code_and_nothing_of_others() {
        assert_eq!(prose("no group called `SSPR *`"), "no group called `SSPR *`");
        assert_eq!(prose("a `b` c ` <i>"), "a &#96;b&#96; c &#96; &lt;i&gt;");
        assert_eq!(prose("*a* [b](c) @d #1 -->"), r"\*a\* \[b\](c) @&#8203;d #&#8203;1 --&gt;");
        assert_eq!(
            prose("https://x www.x GH-1 new. with-out"),
            "https:&#8203;//x www&#8203;.x GH&#8203;-1 new. with-out"
        );
    }

    #[test]
    fn text_begins_no_block() {
        assert_eq!(text("- a"), r"\- a");
        assert_eq!(text("==="), r"\===");
        assert_eq!(text("12. a"), r"12\. a");
        assert_eq!(text("3 a - b"), "3 a - b");
        assert_eq!(text("`# a`"), "&#96;#&#8203; a&#96;");
    }

    #[test]
    fn html_and_fences_stay_closed() {
        assert_eq!(html("</summary>\"&"), "&lt;/summary&gt;&quot;&amp;");
        assert_eq!(fence("diff", &[" ````".into()]), "`````diff\n ````\n`````");
    }

    #[test]
    fn floods_are_cut() {
        assert_eq!(clip(&"ä".repeat(5_000)).chars().count(), 1_001);
    }
}

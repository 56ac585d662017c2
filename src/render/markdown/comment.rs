//! A comment that fits: the host takes so many characters and no more.

/// The size that no comment exceeds, in bytes: hosts count characters, of which there are never more.
pub(crate) const LIMIT: usize = 65_000;
/// The bytes for parts with all details when there is not room for all; the rest is for parts on one line.
const DETAIL: usize = 48_000;
/// The bytes reserved for the line that says how many parts are left out.
const NOTE: usize = 300;

/// A comment in the making. Every part is Markdown of its own, without line breaks at its ends.
pub(crate) struct Comment {
    /// The word in the marker and the heading: the command.
    pub(crate) command: &'static str,
    /// The text under the heading, never cut.
    pub(crate) summary: Vec<String>,
    /// The parts that may be cut, from the end; the worst results come first.
    pub(crate) parts: Vec<CommentPart>,
    /// The text at the end, never cut.
    pub(crate) footer: String,
}

/// One part in full and on one line.
pub(crate) struct CommentPart {
    /// The text with all its details.
    pub(crate) full: String,
    /// The text on one line, for a comment that is full.
    pub(crate) short: String,
}

impl Comment {
    /// The comment's text; ends with a line break.
    pub(crate) fn text(&self) -> String {
        let Self { command, summary, parts, footer } = self;
        let head = format!("<!-- ssprctl:{command} -->\n### ssprctl {command}\n\n{}\n\n", summary.join("\n\n"));
        let tail = if footer.is_empty() { String::new() } else { format!("---\n\n{footer}\n") };
        let room = LIMIT.saturating_sub(head.len() + tail.len());
        let whole: usize = parts.iter().map(|part| part.full.len() + 2).sum();
        let body = if whole <= room { full(parts) } else { cut(parts, room.saturating_sub(NOTE), command) };
        format!("{head}{body}{tail}")
    }
}

fn full(parts: &[CommentPart]) -> String {
    parts.iter().map(|part| format!("{}\n\n", part.full)).collect()
}

/// As many parts in full as there is room for, then one line for each, then how many are left out.
fn cut(parts: &[CommentPart], room: usize, command: &str) -> String {
    let fitting = |sizes: &mut dyn Iterator<Item = usize>, room: usize| {
        let mut used = 0;
        sizes
            .take_while(|size| {
                used += size;
                used <= room
            })
            .count()
    };
    let in_full = fitting(&mut parts.iter().map(|part| part.full.len() + 2), DETAIL.min(room));
    let (shown, rest) = parts.split_at(in_full);
    let mut body = full(shown);
    let left = room.saturating_sub(body.len());
    let in_short = fitting(&mut rest.iter().map(|part| part.short.len() + 3), left);
    let lines: String = rest.iter().take(in_short).map(|part| format!("- {}\n", part.short)).collect();
    body.push_str(&lines);
    let out = rest.len() - in_short;
    let gap = if in_short > 0 { "\n" } else { "" };
    body.push_str(&format!(
        "{gap}**This comment is full: {in_short} more without detail, {out} left out.** `ssprctl {command}` has everything.\n\n"
    ));
    body
}

#[cfg(test)]
mod tests {
    use super::{Comment, CommentPart, LIMIT};

    fn comment(parts: usize, size: usize) -> String {
        let part = |index| CommentPart { full: format!("{index}{}", "x".repeat(size)), short: format!("part {index}") };
        let parts = (0..parts).map(part).collect();
        Comment { command: "plan", summary: vec!["sum".into()], parts, footer: "end".into() }.text()
    }

    #[test]
    fn what_fits_is_whole() {
        assert_eq!(comment(1, 0), "<!-- ssprctl:plan -->\n### ssprctl plan\n\nsum\n\n0\n\n---\n\nend\n");
        assert!(!comment(60, 1_000).contains("left out"));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let text = comment(500, 1_000);
        assert!(text.len() <= LIMIT && text.contains("453 more without detail, 0 left out") && text.ends_with("end\n"));
        let text = comment(50_000, 10);
        assert!(text.len() <= LIMIT && text.len() > LIMIT - 1_000 && text.contains(" left out.**"));
        let text = comment(2, 100_000);
        assert!(text.len() <= LIMIT && text.contains("- part 0\n- part 1\n"));
    }
}

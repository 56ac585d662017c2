//! Exceptions in a comment: a line in the summary, which is never cut, and a part with the list.

use crate::render::markdown::comment::CommentPart;
use crate::render::markdown::escape::prose;
use crate::render::markdown::lists::{count, spot};
use crate::render::markdown::tenants::fold;
use crate::render::text::exceptions::{self, mark, says};
use crate::review::exceptions::Exception;

/// Most exceptions that the part lists. New and widened ones come first.
const LISTED: usize = 50;

/// The line for the summary; `None` for no exceptions.
pub(super) fn summary(exceptions: &[Exception]) -> Option<String> {
    exceptions::count(exceptions).map(|count| format!("**Exceptions: {count}.**"))
}

/// The part with the list; `None` for no exceptions.
pub(super) fn part(exceptions: &[Exception]) -> Option<CommentPart> {
    let adds_up_to = exceptions::count(exceptions)?;
    let mut lines: Vec<_> = exceptions.iter().take(LISTED).map(line).collect();
    lines.extend(count(exceptions.len().saturating_sub(LISTED), "more exception").map(|more| format!("- {more}")));
    let open = exceptions.iter().any(Exception::is_new);
    Some(fold(&["exceptions"], &adds_up_to, &lines.join("\n"), open))
}

fn line(exception: &Exception) -> String {
    let mark = mark(exception).map(|mark| format!("**{mark}** ")).unwrap_or_default();
    let place = exception.place.as_ref().map(|place| format!(" at {}", spot(place))).unwrap_or_default();
    format!("- {mark}{}{place}", prose(&says(exception)))
}

//! Reads one file as text, up to the maximal size of a policy.

use std::path::Path;
use std::sync::Arc;

use crate::base::file::{ReadError, read_bounded};
use crate::base::finding::Finding;
use crate::base::source::{Place, Source};

/// The largest policy file, in bytes.
pub(crate) const MAX_BYTES: u64 = 1024 * 1024;

/// Reads a file that is shown as `shown`. A failure is a finding about a source without text, or with the text up to
/// the first byte that is not UTF-8.
pub(crate) fn read(path: &Path, shown: &str) -> (Arc<Source>, Option<Finding>) {
    let source = |text: String| Arc::new(Source::new(shown, text));
    let bytes = match read_bounded(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            let source = source(String::new());
            let finding = unreadable(&error, &source);
            return (source, Some(finding));
        }
    };
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (source(text), None),
        Err(error) => error,
    };
    let offset = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
    let mut sound = error.into_bytes();
    sound.truncate(offset);
    let source = source(String::from_utf8(sound).unwrap_or_default());
    let end = source.text.len();
    let message = format!("the file is not UTF-8: byte 0x{byte:02x} at offset {offset} begins no character");
    let finding = Finding::error("not-utf8", message)
        .at(Place::new(&source, end, end), "the text is sound up to here")
        .hint("save the file as UTF-8");
    (source, Some(finding))
}

fn unreadable(error: &ReadError, source: &Arc<Source>) -> Finding {
    let start = Place::start_of(source);
    match error {
        ReadError::NotFound => Finding::error("not-found", "the file does not exist").at(start, ""),
        ReadError::NotAFile => Finding::error("unreadable", "this is not a regular file")
            .at(start, "")
            .hint("a policy is an ordinary file; folders are searched only when they are named on the command line"),
        ReadError::Io(error) => Finding::error("unreadable", format!("the file cannot be read: {error}"))
            .at(start, "")
            .hint("check that it exists and that its permissions let you read it"),
        ReadError::TooLarge { max } => Finding::error("too-large", format!("the file is larger than {max} bytes"))
            .at(start, "")
            .hint("a policy is one tenant; a file this large is probably something else"),
    }
}

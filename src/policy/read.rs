//! Bytes of one file to a text, without ever reading more than a policy may hold.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use crate::base::finding::Finding;
use crate::base::source::{Place, Source};

/// The largest policy file, in bytes.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// Reads a file that is shown as `shown`. What goes wrong is a finding about a source without text.
pub(crate) fn read(path: &Path, shown: &str) -> (Arc<Source>, Option<Finding>) {
    match bytes(path).and_then(text) {
        Ok(text) => (Arc::new(Source { path: shown.into(), text }), None),
        Err(trouble) => {
            let text = if let Trouble::NotUtf8 { sound, .. } = &trouble { sound.clone() } else { String::new() };
            let source = Arc::new(Source { path: shown.into(), text });
            let finding = trouble.finding(&source);
            (source, Some(finding))
        }
    }
}

enum Trouble {
    Missing,
    NotAFile,
    Unreadable(std::io::Error),
    TooLarge,
    NotUtf8 { offset: usize, byte: u8, sound: String },
}

fn bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Trouble::Missing,
        _ => Trouble::Unreadable(error),
    };
    // Opening a pipe would wait for a writer, so the kind is asked for first.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(Trouble::NotAFile);
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_BYTES { Err(Trouble::TooLarge) } else { Ok(bytes) }
}

fn text(bytes: Vec<u8>) -> Result<String, Trouble> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
        let mut sound = error.into_bytes();
        sound.truncate(offset);
        Trouble::NotUtf8 { offset, byte, sound: String::from_utf8(sound).unwrap_or_default() }
    })
}

impl Trouble {
    fn finding(self, source: &Arc<Source>) -> Finding {
        let start = Place::start_of(source);
        match self {
            Self::Missing => Finding::error("not-found", "the file does not exist").at(start, ""),
            Self::NotAFile => Finding::error("unreadable", "this is not a regular file").at(start, "").hint(
                "a policy is an ordinary file; folders are searched only when they are named on the command line",
            ),
            Self::Unreadable(error) => Finding::error("unreadable", format!("the file cannot be read: {error}"))
                .at(start, "")
                .hint("check that it exists and that its permissions let you read it"),
            Self::TooLarge => Finding::error("too-large", format!("the file is larger than {MAX_BYTES} bytes"))
                .at(start, "")
                .hint("a policy is one tenant; a file this large is probably something else"),
            Self::NotUtf8 { offset, byte, sound } => {
                let message =
                    format!("the file is not UTF-8: byte 0x{byte:02x} at offset {offset} begins no character");
                Finding::error("not-utf8", message)
                    .at(Place::new(source, sound.len(), sound.len()), "the text is sound up to here")
                    .hint("save the file as UTF-8")
            }
        }
    }
}

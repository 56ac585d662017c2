//! Reads review files.

use serde::Deserialize;

use crate::base::signature::{Digest, SharedKey};
use crate::review::file::format::{FORMAT_VERSION, ReviewFile, SavedReview};
use crate::review::file::write::{TOOL, rules_digest};

/// Why a file is not a usable review.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewFileError {
    /// The file is not JSON, or ends too early.
    #[error("it is damaged: it is not JSON at {0}")]
    Damaged(String),
    /// The file is JSON, but not a review.
    #[error("it is no review file: it has another shape at {0}")]
    Foreign(String),
    /// The file has another format version.
    #[error("it has the format {0}, and this program knows {FORMAT_VERSION}")]
    Format(u64),
    /// The contents do not have the digest that the file states.
    #[error("it was changed since it was written: its content does not have the digest that it names")]
    Changed,
    /// A key is given, and the file is not signed.
    #[error("it is not signed, and SSPRCTL_REVIEW_KEY asks for a signature")]
    Unsigned,
    /// A key is given, and the signature was made with another one, or the file was changed since.
    #[error("its signature is not of SSPRCTL_REVIEW_KEY")]
    Forged,
    /// Another version of the program made the file.
    #[error("ssprctl {0} made it, and this is {TOOL}: another version may judge and plan otherwise")]
    Tool(String),
    /// The review was made with other rules.
    #[error("it was judged by other rules than those of this program")]
    Rules,
}

impl ReviewFileError {
    /// Whether a new plan gives a usable file. If not, the file itself is damaged or forged.
    #[must_use]
    pub(crate) fn is_outdated(&self) -> bool {
        matches!(self, Self::Format(_) | Self::Tool(_) | Self::Rules)
    }
}

/// Reads what [`text`](crate::review::file::write::text) wrote, and checks its digest; with a key, also its signature.
///
/// # Errors
/// The reason why the file is not usable.
pub fn read(text: &str, key: Option<&SharedKey>) -> Result<SavedReview, ReviewFileError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ReviewVersion {
        format_version: u64,
    }
    // The version comes first: a file of another format need not have anything else that is known here.
    let version: ReviewVersion = serde_json::from_str(text).map_err(|error| parse_error(&error))?;
    if version.format_version != u64::from(FORMAT_VERSION) {
        return Err(ReviewFileError::Format(version.format_version));
    }
    let ReviewFile { format_version: _, digest, signature, review } =
        serde_json::from_str(text).map_err(|error| parse_error(&error))?;
    let contents = serde_json::to_vec(&review).map_err(|error| parse_error(&error))?;
    if Digest::of(&contents) != digest {
        return Err(ReviewFileError::Changed);
    }
    match (key, signature) {
        (None, _) => {}
        (Some(_), None) => return Err(ReviewFileError::Unsigned),
        (Some(key), Some(signature)) if !key.verifies(&contents, &signature) => return Err(ReviewFileError::Forged),
        (Some(_), Some(_)) => {}
    }
    if review.tool != TOOL {
        return Err(ReviewFileError::Tool(review.tool));
    }
    if review.rules != rules_digest() {
        return Err(ReviewFileError::Rules);
    }
    Ok(review)
}

/// The words of the parser are about this program, and may quote the file, so only the place is reported.
fn parse_error(error: &serde_json::Error) -> ReviewFileError {
    let place = format!("line {}, column {}", error.line(), error.column());
    if error.is_data() { ReviewFileError::Foreign(place) } else { ReviewFileError::Damaged(place) }
}

//! From the text of a review file to what was reviewed, or the reason why it will not do.

use serde::Deserialize;

use crate::base::signature::{Digest, SharedKey};
use crate::review::file::format::{FORMAT_VERSION, ReviewFile, SavedReview};
use crate::review::file::write::{TOOL, rules_digest};

/// Why a file cannot be taken. Each says what the file is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewFileError {
    /// It is no JSON, or ends too early.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It is JSON, and no review.
    #[error("it is no review file: {0}")]
    Foreign(String),
    /// It has another format.
    #[error("it has the format {0}, and this program knows {FORMAT_VERSION}")]
    Format(u64),
    /// It does not have the digest that it names.
    #[error("it was changed since it was written: its content does not have the digest that it names")]
    Changed,
    /// There is a key, and it is not signed.
    #[error("it is not signed, and SSPRCTL_REVIEW_KEY asks for a signature")]
    Unsigned,
    /// There is a key, and it was signed with another one, or changed since.
    #[error("its signature is not of SSPRCTL_REVIEW_KEY")]
    Forged,
    /// Another version of the program made it.
    #[error("ssprctl {0} made it, and this is {TOOL}: another version may judge and plan otherwise")]
    Tool(String),
    /// Other rules judged it.
    #[error("it was judged by other rules than those of this program")]
    Rules,
}

impl ReviewFileError {
    /// Whether planning again brings a file that will do; otherwise the file is not what it seems.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        matches!(self, Self::Format(_) | Self::Tool(_) | Self::Rules)
    }
}

/// Reads what [`text`](crate::review::file::write::text) wrote, and checks its seal; with a key, also that the key signed it.
///
/// # Errors
/// Why it cannot be taken.
pub fn read(text: &str, key: Option<&SharedKey>) -> Result<SavedReview, ReviewFileError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        format_version: u64,
    }
    // The version comes first: a file of another format need not have anything else that is known here.
    let version: Version = serde_json::from_str(text).map_err(|error| told(&error))?;
    if version.format_version != u64::from(FORMAT_VERSION) {
        return Err(ReviewFileError::Format(version.format_version));
    }
    let ReviewFile { format_version: _, digest, signature, review } =
        serde_json::from_str(text).map_err(|error| told(&error))?;
    let sealed = serde_json::to_vec(&review).map_err(|error| told(&error))?;
    if Digest::of(&sealed) != digest {
        return Err(ReviewFileError::Changed);
    }
    match (key, signature) {
        (None, _) => {}
        (Some(_), None) => return Err(ReviewFileError::Unsigned),
        (Some(key), Some(signature)) if !key.verifies(&sealed, &signature) => return Err(ReviewFileError::Forged),
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

fn told(error: &serde_json::Error) -> ReviewFileError {
    if error.is_data() {
        ReviewFileError::Foreign(error.to_string())
    } else {
        ReviewFileError::Damaged(error.to_string())
    }
}

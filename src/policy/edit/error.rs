//! Errors of edits, which leave a policy file unchanged.

use thiserror::Error;

/// Why a file could not be changed; its text is as it was.
#[derive(Debug, Error)]
pub enum EditError {
    /// The file is not valid YAML.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] serde_saphyr::Error),
    /// The file is written in a way that cannot be changed in place.
    #[error("it is written in a way that cannot be changed in place: {0}")]
    NotInPlace(&'static str),
    /// A value has no form in YAML.
    #[error("the new value cannot be written: {0}")]
    Unwritable(#[from] serde_saphyr::SerializeError),
    /// The changed text does not have the intended content, so it is not used.
    #[error("the changed file would not say what is meant")]
    Otherwise,
}

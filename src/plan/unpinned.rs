//! Why a wish cannot be compared.

use crate::base::finding::Finding;
use crate::tenant::trouble::Trouble;

/// Why a wish cannot be compared.
pub(crate) enum Unpinned {
    /// The policy names something that will not do.
    Wrong(Box<Finding>),
    /// The tenant could not be asked.
    Unknown(Trouble),
}

//! Why a wish cannot be compared.

use crate::base::finding::Finding;
use crate::tenant::error::TenantError;

/// Why a wish cannot be compared.
pub(crate) enum ReferenceError {
    /// The policy names something that will not do.
    Invalid(Box<Finding>),
    /// The tenant could not be asked.
    Unavailable(TenantError),
}

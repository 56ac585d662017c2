//! Floor 1: what people write.

pub mod document;
pub mod managed;
pub mod questions;

/// Temporary, until `load` is there.
#[derive(Clone, Debug)]
pub struct Policy {
    /// x
    pub source: std::sync::Arc<crate::base::source::Source>,
    /// x
    pub tenant: crate::base::ids::TenantName,
    /// x
    pub cloud: crate::base::cloud::Cloud,
    /// x
    pub document: document::Document,
}
impl Policy {
    /// x
    #[must_use]
    pub fn place(&self, _pointer: &str) -> crate::base::source::Place {
        crate::base::source::Place::start_of(&self.source)
    }
}

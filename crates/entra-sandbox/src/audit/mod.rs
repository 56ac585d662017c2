//! The directory's audit log: what a change leaves behind, and what people do all day besides.

pub(crate) mod background;
pub(crate) mod event;
pub(crate) mod record;

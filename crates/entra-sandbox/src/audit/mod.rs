//! The directory's audit log: what a change leaves behind, and what people do all day besides.

pub mod background;
pub mod event;
pub mod record;

//! The directory's audit log: what a change leaves behind, and what people do all day besides.

pub mod event;
pub mod noise;
pub mod record;

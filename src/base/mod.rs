//! Floor 0: the words everything else is said in. Nothing here touches a file, a clock or a network, except `file` and
//! `clock`.
//!
//! A new kind of setting value is one variant in [`value::Value`]; the compiler then finds every place that shows,
//! compares or writes values.

pub mod clock;
pub mod cloud;
pub mod digest;
pub mod exit;
pub mod file;
pub mod finding;
pub mod ids;
pub mod shard;
pub mod signature;
pub mod source;
pub mod value;

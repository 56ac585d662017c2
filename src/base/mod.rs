//! Floor 0: the types that every other module uses. Only `file` reads the content of files, up to a bound,
//! and only `clock` reads the time.
//!
//! A new kind of setting value is one variant in [`value::Value`]; the compiler then finds every place that shows,
//! compares or writes values.

pub(crate) mod clock;
pub(crate) mod cloud;
pub(crate) mod count;
pub(crate) mod csv;
pub(crate) mod digest;
pub(crate) mod exact_json;
pub(crate) mod exit;
pub(crate) mod file;
pub(crate) mod finding;
pub(crate) mod ids;
pub(crate) mod secrets;
pub(crate) mod shard;
pub(crate) mod signature;
pub(crate) mod source;
pub(crate) mod spelling;
pub(crate) mod state_file;
pub(crate) mod value;

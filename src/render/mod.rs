//! Floor 6: values to bytes. No I/O: whoever calls writes the result.
//!
//! To add an output: one file here, and one variant of the command line's `--format`.

pub mod findings;
pub mod json;
pub mod text;

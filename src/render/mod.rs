//! Floor 7: values become text. No I/O; whoever calls writes the text somewhere.
//!
//! To add an output: one file here and one variant in `cli::options::Format`. Text that came from a file or a tenant goes
//! through [`text::safe`] on its way to a terminal.

pub mod announcement;
pub mod codes;
mod diagnostics;
pub mod github;
pub mod json;
pub mod markdown;
pub mod pages;
pub mod sarif;
pub mod terminal;
pub mod text;

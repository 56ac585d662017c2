//! Floor 7: values become text. No I/O; whoever calls writes the text somewhere.
//!
//! To add an output: one file here and one variant in the formats of its command. Text that came from a file or a tenant goes
//! through [`text::safe`] on its way to a terminal.

pub(crate) mod announcement;
pub(crate) mod codes;
mod diagnostics;
mod docs_site;
pub(crate) mod github;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod pages;
pub(crate) mod sarif;
pub(crate) mod terminal;
pub(crate) mod text;

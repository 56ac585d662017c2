//! Floor 6: values become text. No I/O; whoever calls writes the text somewhere.
//!
//! To add an output: one file here and one variant in `cli::options::Format`. Text that came from a file or a tenant goes
//! through [`text::safe`] on its way to a terminal.

pub mod accepted;
pub mod adopted;
pub mod announcement;
pub(crate) mod attribution;
pub mod checked;
pub mod checkup;
mod circumstances;
pub mod codes;
pub mod counts;
mod diagnostics;
mod effects;
pub mod evidence;
pub mod explained;
pub mod findings;
pub mod github;
mod group;
pub mod json;
pub mod markdown;
pub mod news;
pub mod outdated;
pub mod past;
mod people;
pub mod permissions;
pub mod reference;
pub mod report;
pub mod sarif;
pub mod shown;
pub mod style;
pub mod terminal;
pub mod text;
pub mod trouble;
pub mod value;

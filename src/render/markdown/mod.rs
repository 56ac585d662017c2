//! What `--format markdown` prints: a comment for a pull request or an issue. Its first line is a marker, so that a workflow
//! can find the comment and edit it in place; the same result gives the same text; it never exceeds what hosts take.
//!
//! Text from files and tenants goes through `escape`, whose functions say where each may be used.

mod advice;
mod apply;
mod comment;
mod common_drift;
mod diff;
mod doctor;
mod drift;
pub(crate) mod escape;
mod exceptions;
mod fleet;
mod forecast;
mod lists;
mod plan;
mod show;
mod tenants;
mod validate;

pub(crate) use advice::advice;
pub use apply::apply;
pub(crate) use common_drift::drift_issues;
pub(crate) use doctor::doctor;
pub use drift::drift;
pub(crate) use forecast::forecast;
pub use plan::plan;
pub use show::show;
pub use validate::validate;

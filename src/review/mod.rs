//! Floor 4: reviews. A review is a plan with the findings about it. Only a review can be approved, and only an approved plan
//! can be applied.
//!
//! To add a rule: one file in `rules` and one line in the list of that folder.

pub mod approve;
pub mod config;
mod countable_methods;
pub mod evaluate;
pub mod file;
pub mod impact;
pub mod import_check;
pub mod limits;
pub mod rings;
pub mod rollback;
pub mod rule_context;
pub mod rules;
pub mod waivers;

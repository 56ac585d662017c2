//! Floor 4: may it happen. A plan with the findings on it; only a review can be approved, and only what is approved can be
//! applied.
//!
//! To add a rule: one file in `rules` and one line in its list.

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

//! Floor 4: reviews. A review is a plan with the findings about it. Only a review can be approved, and only an approved plan
//! can be applied.
//!
//! To add a rule: one file in `rules` and one line in the list of that folder.

#[cfg(test)]
mod adds_up;
pub(crate) mod advice;
pub(crate) mod approve;
pub(crate) mod calendar_exceptions;
pub(crate) mod config;
#[cfg(test)]
mod dice;
pub(crate) mod evaluate;
pub(crate) mod exceptions;
pub(crate) mod file;
pub(crate) mod finding_codes;
pub(crate) mod hold;
pub(crate) mod impact;
pub(crate) mod import_check;
pub(crate) mod limits;
pub(crate) mod losing;
pub(crate) mod losses;
mod retirement;
pub(crate) mod rings;
pub(crate) mod rollback;
pub(crate) mod rule_context;
pub(crate) mod rules;
pub(crate) mod waivers;

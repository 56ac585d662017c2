//! Rules, the standards of a repository, and waivers.

mod bounds;
mod dates;
mod exceptions;
mod hints;
mod repository;
mod rule_examples;
mod waivers;
mod written;

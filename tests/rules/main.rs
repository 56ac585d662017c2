//! Rules, the standards of a repository, and waivers.

mod bounds;
mod repository;
mod twins;
mod waivers;
mod written;

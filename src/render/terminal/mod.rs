//! The output of every command for a person at a terminal.

pub mod accept;
mod apply;
pub mod doctor;
mod drift;
pub mod explain;
pub mod history;
pub mod import;
mod plan;
mod rows;
pub mod show;
pub mod validate;

pub use apply::apply;
pub use drift::drift;
pub use plan::{plan, plan_against};

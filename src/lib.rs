//! ssprctl manages Microsoft Entra self-service password reset (SSPR) as code. A policy in a repository is compared
//! with a live tenant; what would change is shown, approved, applied and proved; what moved afterwards is found.
//!
//! The modules are floors, listed from the ground up. Each imports only from floors below it, and `tests/layers.rs`
//! enforces it. ARCHITECTURE.md lists the terms and follows one value through all modules.

mod base;

mod policy;
mod tenant;

mod catalog;
mod client;

mod person;
mod plan;

mod conformance;
mod doctor;
mod review;

mod apply;

mod engine;

mod render;

mod controller;

mod cli;

#[doc(hidden)]
pub mod testing;

/// Runs the program with the arguments of the process, and returns its exit code.
pub async fn run() -> std::process::ExitCode {
    cli::dispatch::main().await
}

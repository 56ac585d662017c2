//! ssprctl keeps Microsoft Entra self-service password reset (SSPR) as code. A policy in a repository is compared with a
//! live tenant; what would change is shown, approved, applied and proved; what moved afterwards is found.
//!
//! The modules are floors, listed from the ground up. Each imports only from floors below it, and `tests/layers.rs` keeps
//! it so. ARCHITECTURE.md tells the nouns and walks one value through all of them.

pub mod base;

pub mod policy;
pub mod tenant;

pub mod catalog;
pub mod client;

pub mod plan;

pub mod doctor;
pub mod review;

pub mod apply;

pub mod engine;

pub mod render;

pub mod controller;

pub mod cli;

/// Runs the program with the arguments of the process, and returns its exit code.
pub async fn run() -> std::process::ExitCode {
    cli::dispatch::main().await
}

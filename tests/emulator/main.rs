//! The emulator over real HTTP: every documented answer, every rule, every fault.

mod harness;
mod portal;

//! Who changed what: windows out of what runs saw, and names out of the audit log, never on a guess.

mod drift_state;
mod events;
mod harness;
mod orderings;
mod own_runs;
mod reverts;

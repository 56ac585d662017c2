//! The sandbox over HTTP: every documented reply, every rule, every fault.

mod audit;
mod batch;
mod conditional_access;
mod devices;
mod faults;
mod graph;
mod harness;
mod licences;
mod login;
mod methods;
mod portal;
mod refusals;
mod reports;
mod state;
mod versions;

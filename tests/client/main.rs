//! The client over real HTTP, against small scripted servers on loopback.

mod answers;
mod applications;
mod audit;
mod azure_cli;
mod client_secret;
mod emulator;
mod environment;
mod gzip;
mod harness;
mod limits;
mod managed_identities;
mod members;
mod paging;
mod people;
mod reads;
mod reports;
mod retries;
mod secrets;
mod session;
mod sign_in;
mod spellings;
mod too_large;
mod writes;

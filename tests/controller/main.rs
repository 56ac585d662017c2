//! The controller: following a repository, its rounds, its state and notifications, and an end-to-end test of the real
//! binary.

mod commits;
mod control;
mod dashboard;
mod dashboard_access;
mod dashboard_gzip;
mod dashboard_size;
mod dashboard_unread;
mod dashboard_writes;
mod embedded;
mod end_to_end;
mod followed;
mod git;
#[path = "../binary/made_up_people.rs"]
mod made_up_people;
mod monitoring;
mod notify;
mod people;
mod port;
mod port_limits;
mod process;
mod read_in_part;
mod receiver;
mod repository;
mod rounds;
mod script;
mod unnamed;

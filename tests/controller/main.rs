//! The controller: following a repository, its rounds, what it remembers and tells, and a story on the real binary.

mod end_to_end;
mod git;
mod notify;
mod process;
mod receiver;
mod repository;
mod rounds;
mod script;

//! Floor 7: what people type. One file per command; `compose` builds everything once; only this floor prints.

pub mod apply;
pub mod approval;
pub mod ask;
pub mod completions;
pub mod compose;
pub mod drift;
pub mod embedded;
pub mod ending;
pub mod explain;
pub mod failure;
pub mod gather;
pub mod import;
pub mod log;
pub mod man;
pub mod options;
pub mod output;
pub mod plan;
pub mod remembered;
pub mod reports;
pub mod run;
pub mod sandbox;
pub mod schema;
pub mod serve;
pub mod show;
pub mod stop;
pub mod validate;

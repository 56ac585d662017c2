//! Floor 6: the application. Everything between policies on disk and the result of a run: loading and selecting policies,
//! reading many tenants, reviewing, applying with lock, journal, recovery and rings, and what each tenant came to. It returns
//! values and reports progress as values; it prints nothing and knows no command line.

pub mod accept;
pub mod apply;
pub mod attribution;
pub mod context;
pub mod disposition;
pub mod drift_state;
pub mod error;
pub mod impact;
pub mod journals;
pub mod offline;
pub mod policies;
pub mod progress;
pub mod recovery;
pub mod result;
pub mod review;
pub mod review_file;
pub mod rollback;
pub mod rollout;
pub mod selection;
pub mod show;
pub mod tenants;

//! Floor 6: the application. Everything between policies on disk and the result of a run: loading and selecting policies,
//! reading many tenants, reviewing, applying with lock, journal, recovery and rings, and how the run ended for each tenant. It returns
//! values and reports progress as values; it prints nothing and knows no command line.

pub(crate) mod accept;
pub(crate) mod advise;
pub(crate) mod apply;
pub(crate) mod attribution;
pub(crate) mod changed_since;
pub(crate) mod common_drift;
pub(crate) mod conformance;
pub(crate) mod context;
pub(crate) mod disposition;
pub(crate) mod drift_state;
pub(crate) mod error;
pub(crate) mod forecast;
mod grouped_people;
pub(crate) mod impact;
pub(crate) mod journals;
pub(crate) mod mails;
pub(crate) mod move_in;
pub(crate) mod offline;
pub(crate) mod people;
pub(crate) mod people_file;
pub(crate) mod policies;
pub(crate) mod policy_test;
pub(crate) mod progress;
pub(crate) mod readiness;
pub(crate) mod recovery;
pub(crate) mod reimport;
pub(crate) mod report_table;
pub(crate) mod result;
pub(crate) mod review;
pub(crate) mod review_file;
pub(crate) mod rollback;
pub(crate) mod rollout;
pub(crate) mod selection;
pub(crate) mod show;
pub(crate) mod tenant_report;
pub(crate) mod tenants;
mod trial_restore;
pub(crate) mod trial_run;
pub(crate) mod unfinished_reading;
pub(crate) mod why;

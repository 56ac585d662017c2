//! Where a run stands: its repository, what is agreed there, and the day.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::clock::Clock;
use crate::base::finding::Finding;
use crate::cli::options::GlobalArgs;
use crate::policy::repository::controller::ControllerConfig;
use crate::policy::repository::load;
use crate::policy::repository::load::Repository;
use crate::review::config::ReviewConfig;

/// Where a run stands.
pub struct Stand {
    /// By which standards the repository judges.
    pub standards: ReviewConfig,
    /// What is wrong with the repository's own file.
    pub findings: Vec<Finding>,
    /// Where the run started, below the repository's own folder with `/`.
    pub below: String,
    /// How the controller keeps the repository's tenants.
    pub upkeep: ControllerConfig,
    /// The text of the repository's own file, empty without one.
    pub text: String,
}

/// Finds out from the folder in which the run started.
#[must_use]
pub fn stand(folder: &Path, options: &GlobalArgs) -> Stand {
    let repository = load::discover(folder);
    let (standards, findings) = ReviewConfig::from_repository(&repository, today(options));
    let Repository { below, agreed: _, limits: _, rings: _, upkeep, text, findings: _ } = repository;
    Stand { standards, findings, below, upkeep, text }
}

/// The day of `--as-of`, or else of the machine's clock (UTC).
pub(crate) fn today(options: &GlobalArgs) -> Date {
    options.as_of.unwrap_or_else(|| Clock::System.now().to_zoned_datetime(TimeZone::UTC).date())
}

//! How many people could reset by the registration reports of earlier days, one small file for each tenant. A forecast is
//! about today, so whatever is wrong with the file is a warning and never an error.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::file::{ReadError, read_state};
use crate::base::ids::TenantId;
use crate::base::signature::Digest;
use crate::base::state_file;
use crate::engine::context::RunContext;
use crate::engine::progress::Progress;
use crate::person::pace::{TenantReadiness, pace};
use crate::person::readiness::{ReadinessHistory, ReadyCounts};

/// The largest file that is read, in bytes: more than the most policies and days that are stored.
const MAX_BYTES: u64 = 1024 * 1024;

/// Adds the counts of a run to those of earlier ones, saves them, and says when a share is reached. The counts are those of the
/// policy with this digest, by a report whose newest line was refreshed at this time.
pub(crate) fn observe(
    context: &RunContext,
    tenant: TenantId,
    policy: &Digest,
    (refreshed, counts): (Timestamp, ReadyCounts),
    threshold: u32,
) -> TenantReadiness {
    let report = refreshed.to_zoned_datetime(TimeZone::UTC).date();
    let path = context.folders.readiness.join(format!("{tenant}.json"));
    let earlier = load(&path, tenant);
    if let Err(why) = &earlier {
        context.report(Progress::ReadinessUnusable(&path, why));
    }
    let is_usable = earlier.is_ok();
    let mut history = earlier.unwrap_or_else(|_| ReadinessHistory::new(tenant));
    history.record(policy, report, counts);
    if is_usable {
        let written = history.text().map_err(Into::into).and_then(|text| state_file::write(&path, text.as_bytes()));
        if let Err(error) = written {
            context.report(Progress::ReadinessNotSaved(&path, &error));
        }
    }
    let days = history.days(policy, report);
    TenantReadiness { report, counts, threshold, pace: pace(&days, threshold), days }
}

fn load(path: &Path, tenant: TenantId) -> Result<ReadinessHistory, String> {
    let bytes = match read_state(path, MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(ReadError::NotFound) => return Ok(ReadinessHistory::new(tenant)),
        Err(error) => return Err(error.to_string()),
    };
    let text = String::from_utf8(bytes).map_err(|_| "it is damaged".to_owned())?;
    ReadinessHistory::parse(&text, tenant)
}

//! Counts the report of who registered (`reports/authenticationMethods/userRegistrationDetails`), page by page.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::client::graph;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::client::reader::TenantReader;
use crate::tenant::error::TenantError;
use crate::tenant::registration::{RegistrationReport, UserRegistrationDetails};
use crate::tenant::surface::Service;

/// How many users a page of the report has.
const PAGE: u64 = 999;

impl TenantReader {
    /// Counts the report page by page, and calls `progress` after each page with the number of accounts so far. It takes one
    /// request for about a thousand accounts, of which the service allows five in ten seconds, and holds one page at a time.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn registration(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<RegistrationReport, TenantError> {
        let base = self.base(Service::Graph);
        // Fewer keys and larger pages work in practice but are not documented: a refusal is met with the plain question.
        let (first, instead) = (graph::registration(base), graph::registration_plain(base));
        let mut pages = PageReader::new(self.session(), Operation::Registration, first, instead);
        let mut counted = RegistrationReport::default();
        while let Some(page) = pages.next::<Account>().await? {
            for account in page {
                count(&mut counted, &account);
            }
            progress(counted.users());
        }
        Ok(counted)
    }

    /// How long it takes at least until the last page of a report of so many users is requested, because the service limits
    /// requests.
    pub(crate) fn report_time(&self, users: u64) -> Duration {
        let pause = self.session().http.retry_policy().report_pause;
        self.session().rates.reports.time_for(pause, users.div_ceil(PAGE))
    }

    /// Calls `each` with every line of the report, page by page. It takes as many requests as counting the report.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub async fn people(&self, each: &mut (dyn FnMut(UserRegistrationDetails) + Send)) -> Result<(), TenantError> {
        let base = self.base(Service::Graph);
        let (first, instead) = (graph::registration_of_people(base), graph::registration_plain(base));
        let mut pages = PageReader::new(self.session(), Operation::Registration, first, instead);
        while let Some(page) = pages.next::<Line>().await? {
            page.into_iter().map(UserRegistrationDetails::from).for_each(&mut *each);
        }
        Ok(())
    }
}

/// One line of the report, without the name of the person: names are not needed, so they are not requested.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    user_type: Option<String>,
    is_admin: Option<bool>,
    is_sspr_registered: bool,
    is_sspr_enabled: bool,
    is_sspr_capable: bool,
    last_updated_date_time: Option<String>,
}

/// One line of the report with what somebody registered, and without a name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: Uuid,
    user_type: Option<String>,
    is_admin: Option<bool>,
    is_sspr_enabled: bool,
    is_sspr_capable: bool,
    #[serde(default)]
    methods_registered: Vec<String>,
    last_updated_date_time: Option<String>,
}

impl From<Line> for UserRegistrationDetails {
    fn from(line: Line) -> Self {
        Self {
            id: ObjectId(line.id),
            member: line.user_type.as_deref() == Some("member"),
            administrator: line.is_admin == Some(true),
            methods: line.methods_registered,
            enabled: line.is_sspr_enabled,
            capable: line.is_sspr_capable,
            refreshed: line.last_updated_date_time.and_then(|at| at.parse().ok()),
        }
    }
}

fn count(counted: &mut RegistrationReport, account: &Account) {
    let tally = match account.user_type.as_deref() {
        _ if account.is_admin == Some(true) => &mut counted.administrators,
        Some("member") => &mut counted.members,
        Some("guest") => &mut counted.guests,
        _ => &mut counted.others,
    };
    tally.count(account.is_sspr_registered, account.is_sspr_enabled, account.is_sspr_capable);
    if let Some(at) = account.last_updated_date_time.as_deref().and_then(|at| at.parse::<Timestamp>().ok()) {
        counted.refresh(at);
    }
}

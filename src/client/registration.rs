//! Counts the report of who registered (`reports/authenticationMethods/userRegistrationDetails`), page by page.

use std::future::Future;

use jiff::Timestamp;
use serde::Deserialize;

use crate::client::errand::Errand;
use crate::client::graph;
use crate::client::paging::Pages;
use crate::client::reader::Reader;
use crate::tenant::registration::{ReadRegistration, Registration};
use crate::tenant::surface::System;
use crate::tenant::trouble::Trouble;

impl Reader {
    async fn registration_here(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Registration, Trouble> {
        let base = self.base(System::Graph);
        // Fewer keys and larger pages work in practice but are not documented: a refusal is met with the plain question.
        let (first, instead) = (graph::registration(base), graph::registration_plain(base));
        let mut pages = Pages::new(self.session(), Errand::Registration, first, instead);
        let mut counted = Registration::default();
        while let Some(page) = pages.next::<Account>().await? {
            for account in page {
                count(&mut counted, &account);
            }
            progress(counted.users());
        }
        Ok(counted)
    }
}

impl ReadRegistration for Reader {
    fn registration(
        &self,
        progress: &(dyn Fn(u64) + Sync),
    ) -> impl Future<Output = Result<Registration, Trouble>> + Send {
        self.registration_here(progress)
    }
}

/// One line of the report, without the name of the person: names are not needed, so they are not asked for.
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

fn count(counted: &mut Registration, account: &Account) {
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

//! Lists the accounts of the directory (`users`), page by page.

use serde::Deserialize;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::client::graph;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::client::reader::TenantReader;
use crate::tenant::account::{AccountHome, Accounts, UserAccount};
use crate::tenant::error::TenantError;
use crate::tenant::surface::Service;

/// The part of a sign-in name by which a directory marks accounts of other tenants.
const EXTERNAL_MARK: &str = "#EXT#";

impl TenantReader {
    /// Lists every account, and calls `progress` after each page with the number of accounts so far. It takes one request for
    /// about a thousand accounts. Names are read and not stored.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub(crate) async fn accounts(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<Accounts, TenantError> {
        let mut pages = PageReader::of(self.session(), Operation::Accounts, graph::accounts(self.base(Service::Graph)));
        let mut accounts = Vec::new();
        while let Some(page) = pages.next::<DirectoryUser>().await? {
            accounts.extend(page.iter().map(|user| (ObjectId(user.id), UserAccount::from(user))));
            progress(accounts.len() as u64);
        }
        Ok(accounts.into_iter().collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DirectoryUser {
    id: Uuid,
    #[serde(default)]
    user_principal_name: Option<String>,
    account_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    external_user_state: Option<String>,
}

impl From<&DirectoryUser> for UserAccount {
    fn from(user: &DirectoryUser) -> Self {
        let marked = user.user_principal_name.as_deref().is_some_and(|name| name.contains(EXTERNAL_MARK));
        let elsewhere = marked || user.external_user_state.is_some();
        Self {
            home: if elsewhere { AccountHome::Elsewhere } else { AccountHome::Here },
            enabled: user.account_enabled,
            synchronised: user.on_premises_sync_enabled == Some(true),
        }
    }
}

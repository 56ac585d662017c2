//! Lists the accounts of the directory (`users`), page by page.

use serde::Deserialize;
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::client::graph;
use crate::client::json_body::BorrowedText;
use crate::client::operations::table::Operation;
use crate::client::paging::PageReader;
use crate::client::reader::TenantReader;
use crate::tenant::account::{AccountColumn, AccountHome, AccountNames, Accounts, UserAccount};
use crate::tenant::error::TenantError;
use crate::tenant::surface::Service;

/// The part of a sign-in name by which a directory marks accounts of other tenants.
const EXTERNAL_MARK: &str = "#EXT#";

/// What is read of accounts besides what decides who can reset.
#[derive(Clone, Copy)]
pub(crate) struct AccountColumns {
    /// Whether the names of people are read, with their departments.
    pub(crate) named: bool,
    /// By which column people are counted.
    pub(crate) counted: Option<AccountColumn>,
}

impl AccountColumns {
    /// The columns by their names in the service.
    fn names(self) -> Vec<&'static str> {
        let department = self.named || self.counted == Some(AccountColumn::Department);
        let country = self.counted == Some(AccountColumn::Country);
        let columns = [(self.named, "displayName"), (department, "department"), (country, "country")];
        columns.into_iter().filter(|(read, _)| *read).map(|(_, name)| name).collect()
    }
}

impl TenantReader {
    /// Lists every account, and calls `progress` after each page with the number of accounts so far. It takes one request for
    /// about a thousand accounts, of whom `expected` are expected. Names are read and not stored.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub(crate) async fn accounts(
        &self,
        expected: Option<u64>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Accounts, TenantError> {
        let mut pages = PageReader::of(self.session(), Operation::Accounts, graph::accounts(self.base(Service::Graph)));
        let mut accounts = Accounts::expecting(expected);
        while let Some(page) = pages.fetch().await? {
            for user in pages.parse::<DirectoryUser<'_>>(&page)? {
                accounts.add(ObjectId(user.id), Some(UserAccount::from(&user)), 0);
            }
            progress(accounts.len());
        }
        Ok(accounts.sorted())
    }
}

impl TenantReader {
    /// Lists every account like [`TenantReader::accounts`], and gives each to `each` with the names of its person, if `columns`
    /// has them, and with the text by which people are counted.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub(crate) async fn named_accounts(
        &self,
        columns: AccountColumns,
        each: &mut (dyn FnMut(ObjectId, UserAccount, AccountNames<'_>, &str) + Send),
    ) -> Result<(), TenantError> {
        let first = graph::named_accounts(self.base(Service::Graph), &columns.names());
        let mut pages = PageReader::of(self.session(), Operation::Accounts, first);
        while let Some(page) = pages.fetch().await? {
            for user in pages.parse::<DirectoryUser<'_>>(&page)? {
                let names = AccountNames {
                    display_name: text(user.display_name.as_ref()),
                    sign_in_name: text(user.user_principal_name.as_ref()),
                    department: text(user.department.as_ref()),
                };
                let counted = match columns.counted {
                    Some(AccountColumn::Department) => names.department,
                    Some(AccountColumn::Country) => text(user.country.as_ref()),
                    None => "",
                };
                each(ObjectId(user.id), UserAccount::from(&user), names, counted);
            }
        }
        Ok(())
    }
}

/// Where an account is, by its sign-in name and by whether the directory has a state of an invitation of it.
pub(super) fn home(name: &str, invited: bool) -> AccountHome {
    if invited || name.contains(EXTERNAL_MARK) { AccountHome::Elsewhere } else { AccountHome::Here }
}

/// A text of the directory; empty where there is none.
fn text<'a>(text: Option<&'a BorrowedText<'_>>) -> &'a str {
    text.map_or("", |text| &text.0)
}

/// One account as the directory has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DirectoryUser<'a> {
    id: Uuid,
    #[serde(borrow, default)]
    user_principal_name: Option<BorrowedText<'a>>,
    account_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    external_user_state: Option<BorrowedText<'a>>,
    #[serde(borrow, default)]
    display_name: Option<BorrowedText<'a>>,
    #[serde(borrow, default)]
    department: Option<BorrowedText<'a>>,
    #[serde(borrow, default)]
    country: Option<BorrowedText<'a>>,
}

impl From<&DirectoryUser<'_>> for UserAccount {
    fn from(user: &DirectoryUser<'_>) -> Self {
        let name = user.user_principal_name.as_ref().map_or("", |name| &name.0);
        Self {
            home: home(name, user.external_user_state.is_some()),
            enabled: user.account_enabled,
            synchronised: user.on_premises_sync_enabled == Some(true),
        }
    }
}

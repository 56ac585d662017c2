//! Accounts of the directory, as far as they decide who can reset a password. Names are not stored.

use crate::base::ids::ObjectId;

/// One account of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserAccount {
    /// Where the account is.
    pub home: AccountHome,
    /// Whether it may sign in; `None` if the directory did not say.
    pub enabled: Option<bool>,
    /// Whether it is synchronised from on premises, where its password then is.
    pub synchronised: bool,
}

/// Where an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountHome {
    /// In this tenant: a member, or a guest with a password here.
    Here,
    /// In another tenant, or with another provider of identities.
    Elsewhere,
}

/// The accounts of a directory, sorted by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Vec<(ObjectId, UserAccount)>);

impl FromIterator<(ObjectId, UserAccount)> for Accounts {
    fn from_iter<I: IntoIterator<Item = (ObjectId, UserAccount)>>(accounts: I) -> Self {
        let mut accounts: Vec<_> = accounts.into_iter().collect();
        accounts.sort_unstable_by_key(|(id, _)| *id);
        accounts.dedup_by_key(|(id, _)| *id);
        Self(accounts)
    }
}

impl Accounts {
    /// The account with this id.
    #[must_use]
    pub(crate) fn get(&self, id: ObjectId) -> Option<UserAccount> {
        let found = self.0.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.0.get(found).map(|(_, account)| *account)
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Every account, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ObjectId, UserAccount)> + '_ {
        self.0.iter().copied()
    }
}

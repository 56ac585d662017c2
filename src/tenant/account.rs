//! Accounts of the directory, as far as they decide who can reset a password. Names are not stored.

use std::collections::BTreeSet;

use uuid::Uuid;

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

/// The accounts of a directory. Each takes 17 bytes, so that a million of them take 17 MB.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Vec<AccountEntry>);

/// The number of entries to make room for, if a service says how many come: some more, and no more than five million.
#[must_use]
pub(crate) fn room_for(expected: Option<u64>) -> usize {
    let expected = expected.unwrap_or_default().min(5_000_000);
    usize::try_from(expected + expected / 64).unwrap_or_default()
}

/// One account in as few bytes as there are.
#[derive(Clone, Copy, Debug)]
struct AccountEntry {
    id: ObjectId,
    facts: AccountFacts,
}

/// What is known of an account, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountFacts(pub(crate) u8);

const _: () = assert!(size_of::<AccountEntry>() == 17, "an account takes 17 bytes");

impl AccountFacts {
    const KNOWN: u8 = 1;
    const ELSEWHERE: u8 = 2;
    const SYNCHRONISED: u8 = 4;
    const SAYS_ENABLED: u8 = 8;
    const ENABLED: u8 = 16;

    pub(crate) fn of(account: Option<UserAccount>) -> Self {
        let Some(UserAccount { home, enabled, synchronised }) = account else { return Self(0) };
        let bits = [
            (Self::KNOWN, true),
            (Self::ELSEWHERE, home == AccountHome::Elsewhere),
            (Self::SYNCHRONISED, synchronised),
            (Self::SAYS_ENABLED, enabled.is_some()),
            (Self::ENABLED, enabled == Some(true)),
        ];
        Self(bits.into_iter().filter(|(_, set)| *set).fold(0, |all, (bit, _)| all | bit))
    }

    pub(crate) fn account(self) -> Option<UserAccount> {
        let has = |bit: u8| self.0 & bit != 0;
        has(Self::KNOWN).then(|| UserAccount {
            home: if has(Self::ELSEWHERE) { AccountHome::Elsewhere } else { AccountHome::Here },
            enabled: has(Self::SAYS_ENABLED).then(|| has(Self::ENABLED)),
            synchronised: has(Self::SYNCHRONISED),
        })
    }
}

impl Accounts {
    /// None yet, with room for so many, if their number is known: a list that grows is copied.
    #[must_use]
    pub(crate) fn expecting(accounts: Option<u64>) -> Self {
        Self(Vec::with_capacity(room_for(accounts)))
    }

    /// Adds an account, or somebody of whom only the id is known.
    pub(crate) fn add(&mut self, id: ObjectId, account: Option<UserAccount>) {
        self.0.push(AccountEntry { id, facts: AccountFacts::of(account) });
    }

    /// The same in the order of the ids, each once.
    #[must_use]
    pub(crate) fn sorted(mut self) -> Self {
        self.0.sort_unstable_by_key(|entry| entry.id);
        self.0.dedup_by_key(|entry| entry.id);
        self
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Every account.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ObjectId, Option<UserAccount>)> + '_ {
        self.0.iter().map(|entry| (entry.id, entry.facts.account()))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn every_account() -> Vec<Option<UserAccount>> {
        let mut all = vec![None];
        for home in [AccountHome::Here, AccountHome::Elsewhere] {
            for enabled in [None, Some(false), Some(true)] {
                all.extend([false, true].map(|synchronised| Some(UserAccount { home, enabled, synchronised })));
            }
        }
        all
    }

    #[test]
    fn every_account_comes_as_it_was_added() {
        let mut accounts = Accounts::default();
        for (number, account) in every_account().into_iter().enumerate() {
            accounts.add(ObjectId(Uuid::from_u128(number as u128)), account);
        }
        accounts.add(ObjectId(Uuid::from_u128(3)), every_account()[3]);
        let accounts = accounts.sorted();
        assert_eq!(accounts.len(), 13, "each id once");
        assert_eq!(accounts.iter().map(|(_, account)| account).collect::<Vec<_>>(), every_account());
    }
}

/// One account with the name by which its person signs in, which is held as long as a run is about that person.
#[derive(Clone, Debug)]
pub(crate) struct NamedAccount {
    pub(crate) id: ObjectId,
    /// The sign-in name: untrusted text.
    pub(crate) name: String,
    pub(crate) account: UserAccount,
}

/// What the directory calls somebody, for a list of people that was asked for: untrusted texts, empty where there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountNames<'a> {
    pub(crate) display_name: &'a str,
    pub(crate) sign_in_name: &'a str,
    pub(crate) department: &'a str,
}

/// What a person is a member of, at any depth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memberships {
    /// The groups; administrative units may be among them.
    pub(crate) groups: BTreeSet<ObjectId>,
    /// The templates of the directory roles; `None` if the token may not read them.
    pub(crate) roles: Option<Vec<Uuid>>,
}

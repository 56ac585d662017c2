//! Accounts of the directory, as far as they decide who can reset a password. Names are not stored.

use std::collections::{BTreeSet, HashMap};

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

/// A column of the directory by which people are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccountColumn {
    Department,
    Country,
}

/// Texts that many accounts share, as numbers: 0 for none, and the last number for texts beyond the first ten thousand.
#[derive(Debug, Default)]
pub(crate) struct TextNumbers {
    numbers: HashMap<Box<str>, u16>,
    texts: Vec<Box<str>>,
}

impl TextNumbers {
    /// The most texts that get a number of their own.
    const MOST: usize = 10_000;
    /// The number of all others.
    pub(crate) const OTHERS: u16 = u16::MAX;

    /// The number of a text.
    pub(crate) fn number(&mut self, text: &str) -> u16 {
        let text = text.trim();
        if text.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        if self.texts.len() >= Self::MOST {
            return Self::OTHERS;
        }
        self.texts.push(text.into());
        let number = u16::try_from(self.texts.len()).unwrap_or(Self::OTHERS);
        self.numbers.insert(text.into(), number);
        number
    }

    /// The text with a number; `None` for 0 and for [`TextNumbers::OTHERS`].
    pub(crate) fn text(&self, number: u16) -> Option<&str> {
        self.texts.get(usize::from(number).checked_sub(1)?).map(|text| &**text)
    }
}

/// The accounts of a directory. Each takes 19 bytes, so that a million of them take 19 MB.
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
    /// The number of a text, by which people are counted.
    text: [u8; 2],
}

/// What is known of an account, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountFacts(pub(crate) u8);

const _: () = assert!(size_of::<AccountEntry>() == 19, "an account takes 19 bytes");

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

    /// Adds an account, or somebody of whom only the id is known, with the number of a text.
    pub(crate) fn add(&mut self, id: ObjectId, account: Option<UserAccount>, text: u16) {
        self.0.push(AccountEntry { id, facts: AccountFacts::of(account), text: text.to_le_bytes() });
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

    /// Every account, with the number of its text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ObjectId, Option<UserAccount>, u16)> + '_ {
        self.0.iter().map(|entry| (entry.id, entry.facts.account(), u16::from_le_bytes(entry.text)))
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
            accounts.add(ObjectId(Uuid::from_u128(number as u128)), account, 7);
        }
        accounts.add(ObjectId(Uuid::from_u128(3)), every_account()[3], 7);
        let accounts = accounts.sorted();
        assert_eq!(accounts.len(), 13, "each id once");
        assert_eq!(accounts.iter().map(|(_, account, _)| account).collect::<Vec<_>>(), every_account());
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

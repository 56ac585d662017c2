//! What was read of a registration report, in 20 bytes for each user: a number, and what all lines with that number say. The
//! report is paired with the accounts only at its end, so that both are read at the same time.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::tenant::account::{Accounts, UserAccount, room_for};
use crate::tenant::registration::{ReportPart, UserRegistrationDetails};

/// What was read of a report so far.
#[derive(Debug)]
pub(crate) struct ReportTable {
    lines: Vec<TableLine>,
    /// What the lines say, by number from 1. The ids mean nothing.
    distinct: Vec<UserRegistrationDetails>,
    /// How many numbers an earlier run has given.
    given: usize,
    /// What is stored of it besides the lines.
    head: TableHead,
}

/// What a line says, and the number of all lines that say the same.
pub(crate) type NumberedDetails<'a> = (u32, &'a UserRegistrationDetails);

/// One line. It has no padding.
#[derive(Clone, Copy, Debug)]
struct TableLine {
    id: ObjectId,
    number: [u8; 4],
}

const LINE_BYTES: usize = 20;
const _: () = assert!(size_of::<TableLine>() == LINE_BYTES, "a line takes 20 bytes");

/// What is known besides the lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TableHead {
    /// When the first page was requested.
    pub(crate) begun: Timestamp,
    /// How many pages were read.
    pub(crate) pages: u32,
    /// The query of the address of the next page; `None` before the first and after the last.
    pub(crate) next: Option<String>,
    /// How many lines these pages have.
    whole: usize,
    /// The times at which the oldest and the newest line were refreshed.
    pub(crate) refreshed: Option<(Timestamp, Timestamp)>,
}

/// What the lines with one number say.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLine {
    member: bool,
    administrator: bool,
    methods: Vec<String>,
    enabled: bool,
    capable: bool,
}

impl ReportTable {
    /// A report of which nothing was read yet.
    #[must_use]
    pub(crate) fn begun(begun: Timestamp) -> Self {
        let head = TableHead { begun, pages: 0, next: None, whole: 0, refreshed: None };
        Self { lines: Vec::new(), distinct: Vec::new(), given: 0, head }
    }

    /// What is known besides the lines.
    #[must_use]
    pub(crate) fn head(&self) -> &TableHead {
        &self.head
    }

    /// How many lines the pages have that were read to their end.
    #[must_use]
    pub(crate) fn users(&self) -> u64 {
        self.head.whole as u64
    }

    /// Whether the last page was read.
    #[must_use]
    pub(crate) fn is_whole(&self) -> bool {
        self.head.pages > 0 && self.head.next.is_none()
    }

    /// Makes room for the report of so many users, if their number is known: a list that grows is copied.
    pub(crate) fn expect(&mut self, users: Option<u64>) {
        self.lines.reserve_exact(room_for(users).saturating_sub(self.lines.len()));
    }

    /// Adds what was read.
    pub(crate) fn add(&mut self, part: ReportPart<'_>) {
        match part {
            ReportPart::Line(number, line) => {
                let number = self.given + usize::try_from(number).unwrap_or(usize::MAX - self.given);
                if number > self.distinct.len() {
                    self.distinct.push(UserRegistrationDetails { refreshed: None, ..line.clone() });
                }
                if let Some(at) = line.refreshed {
                    let (oldest, newest) = self.head.refreshed.unwrap_or((at, at));
                    self.head.refreshed = Some((at.min(oldest), at.max(newest)));
                }
                let number = u32::try_from(number).unwrap_or_default().to_le_bytes();
                self.lines.push(TableLine { id: line.id, number });
            }
            ReportPart::PageEnd(next) => {
                self.head.whole = self.lines.len();
                self.head.pages += 1;
                self.head.next = next.map(str::to_owned);
            }
        }
    }

    /// Calls `each` once for every person who has an account or a line, with both and with the number of the account's text, in
    /// the order of the ids. The pages of a list
    /// that changes meanwhile may have somebody twice.
    pub(crate) fn with_accounts(
        self,
        accounts: &Accounts,
        mut each: impl FnMut(ObjectId, Option<UserAccount>, Option<NumberedDetails<'_>>, u16),
    ) {
        let mut table = self.sorted();
        let mut accounts = accounts.iter().peekable();
        for line in std::mem::take(&mut table.lines) {
            let id = line.id;
            while let Some((other, account, text)) = accounts.next_if(|(other, ..)| other.cmp(&id) == Ordering::Less) {
                each(other, account, None, text);
            }
            let account = accounts.next_if(|(other, ..)| *other == id);
            let (account, text) = account.map_or((None, 0), |(_, account, text)| (account, text));
            each(id, account, table.details(line), text);
        }
        accounts.for_each(|(id, account, text)| each(id, account, None, text));
    }

    /// The lines in the order of their ids, each person once.
    fn sorted(mut self) -> Self {
        self.lines.sort_unstable_by_key(|line| line.id);
        self.lines.dedup_by_key(|line| line.id);
        self
    }

    /// What a line says.
    fn details(&mut self, TableLine { id, number }: TableLine) -> Option<NumberedDetails<'_>> {
        let number = u32::from_le_bytes(number);
        let line = self.distinct.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)?;
        line.id = id;
        Some((number, line))
    }

    /// The pages that were read to their end, for [`ReportTable::from_bytes`]; without names.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(crate) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let stored: Vec<StoredLine> = self.distinct.iter().map(StoredLine::of).collect();
        let mut bytes = serde_json::to_vec(&(&self.head, stored))?;
        bytes.reserve_exact(1 + self.head.whole * LINE_BYTES);
        bytes.push(b'\n');
        for line in self.lines.iter().take(self.head.whole) {
            bytes.extend_from_slice(line.id.0.as_bytes());
            bytes.extend_from_slice(&line.number);
        }
        Ok(bytes)
    }

    /// What [`ReportTable::to_bytes`] has written; `None` if it is anything else.
    #[must_use]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (head, lines) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == b'\n')? + 1)?;
        let (head, stored): (TableHead, Vec<StoredLine>) = serde_json::from_slice(head).ok()?;
        let (lines, rest) = lines.as_chunks::<LINE_BYTES>();
        let lines: Vec<TableLine> = lines.iter().filter_map(TableLine::read).collect();
        let distinct: Vec<UserRegistrationDetails> = stored.into_iter().map(StoredLine::line).collect();
        let known = |line: &TableLine| {
            usize::try_from(u32::from_le_bytes(line.number)).is_ok_and(|number| (1..=distinct.len()).contains(&number))
        };
        let whole = rest.is_empty() && lines.len() == head.whole && lines.iter().all(known);
        whole.then_some(Self { lines, given: distinct.len(), distinct, head })
    }
}

/// Finds the lines of a whole report by the ids of people.
pub(crate) struct LineFinder {
    table: ReportTable,
    /// Which lines were found.
    found: Vec<bool>,
    /// Where the next line is looked for first: directories and reports have much of their order in common.
    next: usize,
}

impl LineFinder {
    /// Nothing was found yet.
    #[must_use]
    pub(crate) fn of(table: ReportTable) -> Self {
        let table = table.sorted();
        Self { found: vec![false; table.lines.len()], table, next: 0 }
    }

    /// The line of a person, and whether it is found for the first time; `None` if the report does not have them.
    pub(crate) fn find(&mut self, id: ObjectId) -> Option<(NumberedDetails<'_>, bool)> {
        let lines = &self.table.lines;
        let index = match lines.get(self.next) {
            Some(line) if line.id == id => self.next,
            Some(_) | None => lines.binary_search_by_key(&id, |line| line.id).ok()?,
        };
        self.next = index + 1;
        let line = *lines.get(index)?;
        let first = self.found.get_mut(index).is_some_and(|found| !std::mem::replace(found, true));
        Some((self.table.details(line)?, first))
    }

    /// Calls `each` for every line that was not found, in the order of the ids.
    pub(crate) fn others(mut self, mut each: impl FnMut(ObjectId, NumberedDetails<'_>)) {
        let lines = std::mem::take(&mut self.table.lines);
        for (line, _) in lines.into_iter().zip(&self.found).filter(|(_, found)| !**found) {
            if let Some(details) = self.table.details(line) {
                each(line.id, details);
            }
        }
    }
}

impl TableLine {
    fn read(bytes: &[u8; LINE_BYTES]) -> Option<Self> {
        let (id, number) = bytes.split_first_chunk::<16>()?;
        Some(Self { id: ObjectId(Uuid::from_bytes(*id)), number: number.try_into().ok()? })
    }
}

impl StoredLine {
    fn of(line: &UserRegistrationDetails) -> Self {
        let UserRegistrationDetails { id: _, member, administrator, methods, enabled, capable, refreshed: _ } = line;
        let (methods, enabled, capable) = (methods.clone(), *enabled, *capable);
        Self { member: *member, administrator: *administrator, methods, enabled, capable }
    }

    fn line(self) -> UserRegistrationDetails {
        let Self { member, administrator, methods, enabled, capable } = self;
        let id = ObjectId(Uuid::nil());
        UserRegistrationDetails { id, member, administrator, methods, enabled, capable, refreshed: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::account::AccountHome;

    fn line(id: u128, method: &str) -> UserRegistrationDetails {
        let id = ObjectId(Uuid::from_u128(id));
        let (methods, refreshed) = (vec![method.to_owned()], Some(Timestamp::UNIX_EPOCH));
        UserRegistrationDetails {
            id,
            member: true,
            administrator: false,
            methods,
            enabled: true,
            capable: false,
            refreshed,
        }
    }

    fn page(table: &mut ReportTable, lines: &[(u32, u128, &str)], next: Option<&str>) {
        for (number, id, method) in lines {
            table.add(ReportPart::Line(*number, &line(*id, method)));
        }
        table.add(ReportPart::PageEnd(next));
    }

    fn people(table: ReportTable, accounts: &Accounts) -> Vec<(u128, bool, Option<String>)> {
        let mut found = Vec::new();
        table.with_accounts(accounts, |id, account, line, _| {
            let method = line.filter(|(_, line)| line.id == id).map(|(_, line)| line.methods.concat());
            found.push((id.0.as_u128(), account.is_some(), method));
        });
        found
    }

    #[test]
    fn everybody_who_has_an_account_or_a_line_comes_once() {
        let mut table = ReportTable::begun(Timestamp::UNIX_EPOCH);
        page(&mut table, &[(1, 9, "email"), (2, 4, "fido2"), (1, 2, "email")], Some("a"));
        page(&mut table, &[(2, 4, "fido2"), (1, 7, "email")], None);
        let mut accounts = Accounts::default();
        let account = UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: false };
        [8, 4, 1, 9, 10].into_iter().for_each(|id| accounts.add(ObjectId(Uuid::from_u128(id)), Some(account), 0));
        let expected = [
            (1, true, None),
            (2, false, Some("email")),
            (4, true, Some("fido2")),
            (7, false, Some("email")),
            (8, true, None),
            (9, true, Some("email")),
            (10, true, None),
        ];
        assert_eq!(
            people(table, &accounts.sorted()),
            expected.map(|(id, own, line)| (id, own, line.map(str::to_owned)))
        );
    }

    #[test]
    fn a_table_goes_on_where_it_was_stored() -> serde_json::Result<()> {
        let mut table = ReportTable::begun(Timestamp::UNIX_EPOCH);
        page(&mut table, &[(1, 1, "email"), (2, 2, "fido2")], Some("$skiptoken=a"));
        // A page that was not read to its end is read again.
        table.add(ReportPart::Line(3, &line(3, "officePhone")));
        let bytes = table.to_bytes()?;
        let mut again = ReportTable::from_bytes(&bytes).ok_or_else(|| serde::de::Error::custom("not read"))?;
        assert_eq!((again.users(), again.head()), (2, table.head()));
        assert_eq!(again.head().next.as_deref(), Some("$skiptoken=a"));
        page(&mut again, &[(1, 3, "officePhone"), (2, 4, "email")], None);
        let found = people(again, &Accounts::default());
        let expected = [(1, "email"), (2, "fido2"), (3, "officePhone"), (4, "email")];
        assert_eq!(found, expected.map(|(id, method)| (id, false, Some(method.to_owned()))));
        for cut in 0..bytes.len() {
            assert!(ReportTable::from_bytes(&bytes[..cut]).is_none(), "cut at {cut}");
        }
        Ok(())
    }
}

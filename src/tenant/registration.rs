//! How many people have registered for password reset, as the tenant's report `userRegistrationDetails` says.

use jiff::Timestamp;

use crate::base::ids::ObjectId;

/// The counts of the report. It leaves out disabled accounts, and lags behind the directory by hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistrationReport {
    /// Members of the tenant without an administrator's role.
    pub members: RegistrationCounts,
    /// Guests without an administrator's role.
    pub guests: RegistrationCounts,
    /// Accounts of another type than member and guest, without an administrator's role.
    pub others: RegistrationCounts,
    /// Accounts with an administrator's role. They are counted apart because Microsoft's fixed policy, not the tenant's,
    /// decides whether they may reset.
    pub administrators: RegistrationCounts,
    /// The oldest and the newest moment at which a line of the report was refreshed; `None` if no line has such a moment.
    pub refreshed: Option<(Timestamp, Timestamp)>,
}

/// The number of accounts of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistrationCounts {
    /// All accounts of the type.
    pub users: u64,
    /// Accounts that registered as many methods as a reset takes, whether or not the policy lets them reset.
    pub registered: u64,
    /// Accounts that the policy lets reset, whether or not they registered.
    pub enabled: u64,
    /// Accounts that can reset, because they are both registered and enabled.
    pub capable: u64,
}

impl RegistrationCounts {
    pub(crate) fn count(&mut self, registered: bool, enabled: bool, capable: bool) {
        self.users += 1;
        self.registered += u64::from(registered);
        self.enabled += u64::from(enabled);
        self.capable += u64::from(capable);
    }
}

impl RegistrationReport {
    /// The number of accounts of all types.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.members.users + self.guests.users + self.others.users + self.administrators.users
    }

    /// Widens [`RegistrationReport::refreshed`] by the moment at which a line was refreshed.
    pub(crate) fn refresh(&mut self, at: Timestamp) {
        let (oldest, newest) = self.refreshed.unwrap_or((at, at));
        self.refreshed = Some((oldest.min(at), newest.max(at)));
    }
}

/// One line of the report: what one account registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRegistrationDetails {
    /// The account's object id.
    pub id: ObjectId,
    /// Whether the account is a member of the tenant. Guests reset their password in their home tenant.
    pub member: bool,
    /// Whether the account has an administrator's role.
    pub administrator: bool,
    /// The registered methods, by the report's names. Microsoft may add names at any time.
    pub methods: Vec<String>,
    /// Whether the policy lets the account reset.
    pub enabled: bool,
    /// Whether the account can reset, because it is both registered and enabled.
    pub capable: bool,
    /// When the service last refreshed the line; `None` if it does not say.
    pub refreshed: Option<Timestamp>,
}

/// A part of the report, as it is read.
#[derive(Clone, Copy, Debug)]
pub enum ReportPart<'a> {
    /// A line, and its number: lines that differ in nothing but in whose they are and in their time have the same one. Numbers
    /// begin at 1 and follow each other.
    Line(u32, &'a UserRegistrationDetails),
    /// The end of a page, with the query of the address of the next one; `None` after the last.
    PageEnd(Option<&'a str>),
}

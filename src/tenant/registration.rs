//! How many people have registered for password reset, as the tenant's own report tells it.

use jiff::Timestamp;

use crate::base::ids::ObjectId;

/// The report, counted. Disabled accounts are not in it, and it lags the directory by hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistrationReport {
    /// Members of the tenant without an administrator's role.
    pub members: RegistrationCounts,
    /// Guests without an administrator's role.
    pub guests: RegistrationCounts,
    /// Accounts of a sort that is neither, without an administrator's role.
    pub others: RegistrationCounts,
    /// Accounts with an administrator's role. They follow a policy of their own, so that counting them with the rest would
    /// say something wrong about both.
    pub administrators: RegistrationCounts,
    /// The oldest and the newest moment at which a line of the report was refreshed; `None` while it has no line that says
    /// so.
    pub refreshed: Option<(Timestamp, Timestamp)>,
}

/// How many accounts of one sort there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegistrationCounts {
    /// All of them.
    pub users: u64,
    /// Those that registered as many methods as a reset takes, whether or not the policy lets them reset.
    pub registered: u64,
    /// Those that the policy lets reset, whether or not they registered.
    pub enabled: u64,
    /// Those that can reset: registered and enabled.
    pub capable: u64,
}

impl RegistrationCounts {
    /// One more account.
    pub fn count(&mut self, registered: bool, enabled: bool, capable: bool) {
        self.users += 1;
        self.registered += u64::from(registered);
        self.enabled += u64::from(enabled);
        self.capable += u64::from(capable);
    }
}

impl RegistrationReport {
    /// All accounts in it.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.members.users + self.guests.users + self.others.users + self.administrators.users
    }

    /// A line of the report was refreshed at this moment.
    pub fn refresh(&mut self, at: Timestamp) {
        let (oldest, newest) = self.refreshed.unwrap_or((at, at));
        self.refreshed = Some((oldest.min(at), newest.max(at)));
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRegistrationDetails {
    /// Whose it is.
    pub id: ObjectId,
    /// Whether the account belongs to the tenant; guests reset their password where they come from.
    pub member: bool,
    /// Whether it has an administrator's role.
    pub administrator: bool,
    /// The methods on file, in the report's own words, of which new ones may come at any time.
    pub methods: Vec<String>,
    /// Whether the policy lets it reset.
    pub enabled: bool,
    /// Whether it can reset.
    pub capable: bool,
    /// When the line was refreshed.
    pub refreshed: Option<Timestamp>,
}

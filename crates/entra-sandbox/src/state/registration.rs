//! The authentication methods that each user has registered, and who may reset a password. Users are computed one by
//! one and never stored, so that a tenant may have a million of them.
//!
//! The first users are the tenant's accounts; the others are generated from their number. All of it follows from the
//! tenant's policies at this moment, whereas Microsoft's report is hours old.

use std::collections::HashSet;

use uuid::Uuid;

use crate::methods::{
    ALTERNATE_MOBILE_PHONE, EMAIL, MOBILE_PHONE, OFFICE_PHONE, PUSH, REPORTED_METHODS, RESET_METHODS, ReportedMethod,
    ResetMethod, SECURITY_KEY, SECURITY_QUESTION, SOFTWARE_CODE, WINDOWS_HELLO,
};
use crate::state::tenant::{Account, Tenant};

const PHONES: [ReportedMethod; 3] = [MOBILE_PHONE, ALTERNATE_MOBILE_PHONE, OFFICE_PHONE];
/// The word of the report for a user without a method that the service would ask for.
pub(crate) const NO_METHOD: &str = "none";
const PASSWORDLESS: [ReportedMethod; 2] = [SECURITY_KEY, WINDOWS_HELLO];
const SECOND_FACTORS: [ReportedMethod; 7] =
    [MOBILE_PHONE, ALTERNATE_MOBILE_PHONE, OFFICE_PHONE, PUSH, SOFTWARE_CODE, SECURITY_KEY, WINDOWS_HELLO];
/// The shift of the user's hash that decides, the share of users with these methods in percent, and the methods.
const CHANCES: [(u32, u64, &[ReportedMethod]); 6] = [
    (8, 62, &[MOBILE_PHONE]),
    (14, 30, &[EMAIL]),
    (20, 48, &[PUSH, SOFTWARE_CODE]),
    (26, 4, &[OFFICE_PHONE]),
    (32, 6, &[SECURITY_QUESTION]),
    (38, 5, &[SECURITY_KEY]),
];

/// The users of a tenant, with what its policies allow them.
pub(crate) struct RegistrationReport<'a> {
    tenant: &'a Tenant,
    accounts: Vec<&'a Account>,
    /// The accounts that come after all others, the generated ones included: those that are younger than the report.
    joiners: Vec<&'a Account>,
    /// How many users there are without the joiners.
    reported: u32,
    scope: Scope,
    required: u32,
    administrators_enabled: bool,
}

enum Scope {
    Nobody,
    Members(HashSet<Uuid>),
    Everybody,
}

/// One user of the report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserRegistration {
    /// The bits of the registered methods.
    methods: u16,
    /// Whether the user has a directory role.
    pub(crate) admin: bool,
    /// Whether the user is a guest.
    pub(crate) guest: bool,
    /// Whether the account is synchronised from on premises: where the directory is, three of four generated users are.
    pub(crate) synchronised: bool,
    /// Whether as many methods are registered as a reset requires.
    pub(crate) registered: bool,
    /// Whether the policies allow the user to reset a password.
    pub(crate) enabled: bool,
}

impl<'a> RegistrationReport<'a> {
    /// The users of a tenant, ordered by sign-in name or by display name.
    #[must_use]
    pub(crate) fn new(tenant: &'a Tenant, by_name: bool) -> Self {
        let policy = &tenant.password_reset;
        let groups: Vec<Uuid> = policy.read("passwordResetEnabledGroupIds").unwrap_or_default();
        let scope = match policy.read::<i64>("enablementType") {
            Some(1) => Scope::Members(groups.iter().flat_map(|group| tenant.transitive_members(*group)).collect()),
            Some(2) => Scope::Everybody,
            _ => Scope::Nobody,
        };
        let mut accounts: Vec<&Account> = tenant.accounts.iter().filter(|account| !account.is_joiner()).collect();
        accounts.sort_by_key(
            |account| {
                if by_name { account.display_name.clone() } else { account.user_principal_name.clone() }
            },
        );
        Self {
            tenant,
            accounts,
            joiners: Vec::new(),
            reported: tenant.user_count(),
            scope,
            required: policy.read("numberOfAuthenticationMethodsRequired").unwrap_or(1),
            administrators_enabled: tenant.authorization.read("allowedToUseSSPR").unwrap_or(true),
        }
    }

    /// The same with the accounts that are too young for the report, as the directory has them.
    #[must_use]
    pub(crate) fn with_joiners(tenant: &'a Tenant) -> Self {
        let joiners = tenant.accounts.iter().filter(|account| account.is_joiner()).collect();
        Self { joiners, ..Self::new(tenant, false) }
    }

    #[must_use]
    pub(crate) fn user_count(&self) -> u32 {
        self.reported.saturating_add(u32::try_from(self.joiners.len()).unwrap_or(u32::MAX))
    }

    /// The tenant's domain, with which sign-in names end.
    #[must_use]
    pub(crate) fn domain(&self) -> &str {
        self.tenant.domain()
    }

    /// Object id, sign-in name and display name of a user. Generated users come after every account in both orders.
    #[must_use]
    pub(crate) fn identity(&self, index: u32) -> (Uuid, String, String) {
        if let Some(account) = self.account(index) {
            return (account.id, account.user_principal_name.clone(), account.display_name.clone());
        }
        let (number, domain) = (index + 1, self.tenant.domain());
        (self.generated_id(index), format!("worker{number:07}@{domain}"), format!("Worker {number:07}"))
    }

    /// The index of the user with this id.
    #[must_use]
    pub(crate) fn index_of(&self, id: Uuid) -> Option<u32> {
        let at =
            |list: &[&Account]| list.iter().position(|account| account.id == id).and_then(|at| u32::try_from(at).ok());
        let known = at(&self.accounts).or_else(|| Some(self.reported + at(&self.joiners)?));
        let index = u32::try_from(id.as_u128() & u128::from(u32::MAX)).ok();
        known.or_else(|| {
            index.filter(|at| *at < self.reported && self.account(*at).is_none() && self.generated_id(*at) == id)
        })
    }

    /// The users whose sign-in name may be this one: all accounts, and the generated user with the number in it.
    pub(crate) fn candidates(&self, name: &str) -> impl Iterator<Item = u32> {
        let number: String = name.chars().take_while(|c| *c != '@' && *c != '#').filter(char::is_ascii_digit).collect();
        let generated = number.parse::<u32>().ok().and_then(|number| number.checked_sub(1));
        let known = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
        let generated = generated.filter(|index| (known..self.reported).contains(index));
        (0..known).chain(self.reported..self.user_count()).chain(generated)
    }

    /// What the report says about a user.
    #[must_use]
    pub(crate) fn user(&self, index: u32) -> UserRegistration {
        let account = self.account(index);
        let id = account.map_or_else(|| self.generated_id(index), |account| account.id);
        let admin = account.is_some_and(|account| !account.roles.is_empty());
        let profile = account.and_then(|account| account.profile.as_ref());
        let registered = profile.and_then(|profile| profile.registered.as_ref());
        let methods = registered.map_or_else(|| draw_methods(hash(id), admin), |names| bits_of(names));
        let inside = match &self.scope {
            Scope::Nobody => false,
            Scope::Members(members) => members.contains(&id),
            Scope::Everybody => true,
        };
        UserRegistration {
            methods,
            admin,
            guest: account.is_none() && index % 40 == 39,
            synchronised: match account {
                Some(_) => profile.is_some_and(|profile| profile.synchronised),
                None => self.tenant.sync.enabled && !index.is_multiple_of(4),
            },
            registered: count_reset_methods(methods) >= self.required,
            // A policy of Microsoft's decides for administrators.
            enabled: if admin { self.administrators_enabled } else { inside },
        }
    }

    /// The department of a user, which only some accounts have.
    #[must_use]
    pub(crate) fn department(&self, index: u32) -> Option<&str> {
        self.account(index).and_then(|account| account.profile.as_ref()).map(|profile| profile.department.as_str())
    }

    /// The country of a user, which only generated ones have.
    #[must_use]
    pub(crate) fn country(&self, index: u32) -> Option<&'static str> {
        const COUNTRIES: [&str; 3] = ["Germany", "Netherlands", "Poland"];
        let country = COUNTRIES.get(usize::try_from(index % 3).ok()?).copied();
        country.filter(|_| self.account(index).is_none())
    }

    fn account(&self, index: u32) -> Option<&'a Account> {
        let at = |list: &[&'a Account], index: u32| list.get(usize::try_from(index).ok()?).copied();
        at(&self.accounts, index).or_else(|| at(&self.joiners, index.checked_sub(self.reported)?))
    }

    fn generated_id(&self, index: u32) -> Uuid {
        let tenant = u128::from(self.tenant.id.as_fields().0);
        Uuid::from_u128(tenant << 96 | 0x0ac1_4000_8000_0000_0000_0000 | u128::from(index))
    }
}

impl UserRegistration {
    /// The names of the registered methods.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &'static str> {
        let own = self.methods;
        REPORTED_METHODS.iter().filter(move |method| own & method.bit() != 0).map(|method| method.name)
    }

    fn has(&self, any_of: &[ReportedMethod]) -> bool {
        self.methods & bits(any_of) != 0
    }

    #[must_use]
    pub(crate) fn is_capable(&self) -> bool {
        self.registered && self.enabled
    }

    #[must_use]
    pub(crate) fn has_second_factor(&self) -> bool {
        self.has(&SECOND_FACTORS)
    }

    #[must_use]
    pub(crate) fn is_passwordless(&self) -> bool {
        self.has(&PASSWORDLESS)
    }

    /// The method that the service would ask for first, or [`NO_METHOD`].
    #[must_use]
    pub(crate) fn preferred_method(&self) -> &'static str {
        match self {
            own if own.has(&[PUSH]) => "push",
            own if own.has(&[SOFTWARE_CODE]) => "oath",
            own if own.has(&PHONES) => "sms",
            _ => NO_METHOD,
        }
    }
}

/// The bits of the methods with these names in the report.
fn bits_of(names: &[String]) -> u16 {
    let named = REPORTED_METHODS.iter().filter(|method| names.iter().any(|name| name == method.name));
    named.fold(0, |bits, method| bits | method.bit())
}

fn bits(methods: &[ReportedMethod]) -> u16 {
    methods.iter().fold(0, |bits, method| bits | method.bit())
}

/// How many registered methods count towards a reset. The notification and the code of the app count as one method, as
/// Microsoft documents in concept-sspr-howitworks.
fn count_reset_methods(methods: u16) -> u32 {
    let on_file = |method: &ResetMethod| methods & bits(method.reported) != 0;
    let counted = |app: bool| RESET_METHODS.iter().map(|method| u32::from(method.app == app && on_file(method))).sum();
    let (app, other): (u32, u32) = (counted(true), counted(false));
    other + app.min(1)
}

/// Draws the registered methods of a user: one in eight has none, most have a phone or the app.
fn draw_methods(hash: u64, admin: bool) -> u16 {
    let one_in_hundred = |shift: u32, percent: u64| (hash >> shift) % 100 < percent;
    if admin {
        return bits(&[PUSH, SOFTWARE_CODE, MOBILE_PHONE, SECURITY_KEY]);
    }
    if one_in_hundred(0, 12) {
        return 0;
    }
    let drawn = CHANCES.iter().filter(|(shift, percent, _)| one_in_hundred(*shift, *percent));
    drawn.map(|(.., methods)| bits(methods)).sum()
}

/// A hash of an id, so that each user draws the same methods every time.
fn hash(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    let mut state = (high ^ low.rotate_left(17)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        state = (state ^ (state >> 29)).wrapping_mul(factor);
    }
    state ^ (state >> 32)
}

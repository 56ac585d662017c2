//! Which registered methods count for one person, and how many are enough.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::ids::ObjectId;
use crate::catalog::methods::{AUTHENTICATOR, EMAIL, SMS, SOFTWARE_OATH, VOICE};
use crate::person::allowed::{Allowed, MethodSource, MethodState, TargetMatch};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::facts::TenantSituation;
use crate::person::policy_state::{HARDWARE_OATH, MethodTarget, PolicyState};
use crate::person::registered::{RegisteredMethods, ResetMethod, ResetMethods};
use crate::person::roles::AdministratorRole;
use crate::policy::document::Method;
use crate::policy::repository::calendar::TelephonyChannel;
use crate::tenant::account::AccountHome;
use crate::tenant::facts::{Migration, ResetLicence};

/// The policy by whose limits methods count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CountedBy {
    /// The legacy policy: notification and code of the app are one method.
    Legacy,
    /// The authentication methods policy, of which that is not known.
    Converged,
}

/// One question about methods: who, when, and by which policies.
#[derive(Clone, Copy)]
pub(crate) struct MethodQuestion<'a> {
    pub(crate) policy: &'a PolicyState,
    pub(crate) tenant: &'a TenantSituation,
    pub(crate) person: ObjectId,
    pub(crate) registered: &'a RegisteredMethods,
    /// Whether the person is an administrator, and which.
    pub(crate) role: AdministratorRole,
    /// Where the account is; `None` if it could not be read.
    pub(crate) home: Option<AccountHome>,
    pub(crate) at: Date,
}

impl MethodQuestion<'_> {
    /// Whether the person has enough methods by the policy for users.
    pub(crate) fn of_user(self) -> Answer {
        match self.policy.required {
            Some(required) => self.of_user_who_needs(required),
            None => self.of_user_who_needs(1).either(&self.of_user_who_needs(2), AnswerReason::TargetNotRead),
        }
    }

    fn of_user_who_needs(self, required: u32) -> Answer {
        let by_legacy = |kind| self.by_legacy(required, kind);
        let by_converged = |kind| self.by_converged(required, kind);
        let of_legacy = || self.enough(required, CountedBy::Legacy, by_legacy);
        let of_converged = || self.enough(required, CountedBy::Converged, by_converged);
        let Some(converged) = &self.policy.converged else {
            return of_legacy().either(&of_converged(), AnswerReason::TargetNotRead);
        };
        match converged.migration {
            Migration::PreMigration => of_legacy().either(&of_converged(), AnswerReason::LegacyNotManaged),
            Migration::InProgress => {
                let by = if self.app_is_one() { CountedBy::Legacy } else { CountedBy::Converged };
                self.enough(required, by, |kind| by_legacy(kind).or(by_converged(kind)))
            }
            Migration::Complete => of_converged(),
        }
    }

    /// Whether notification and code of the app surely are one method of users: where the legacy policy alone allows them.
    pub(crate) fn app_is_one(self) -> bool {
        let app = [ResetMethod::Push, ResetMethod::SoftwareCode];
        self.deciding().0 && app.into_iter().all(|kind| self.converged(kind) == Allowed::No)
    }

    /// The registered methods that count by the policy for users, or may count.
    pub(crate) fn counted(self) -> BTreeSet<Method> {
        let counts =
            |kind: &ResetMethod| !matches!(self.to_user(*kind).and(self.dated(*kind)), Allowed::No | Allowed::Ended);
        self.registered.kinds.iter().filter(counts).map(|kind| kind.method()).collect()
    }

    /// Whether the policy for users allows a method; where two policies may decide, whether either of them does.
    fn to_user(self, kind: ResetMethod) -> Allowed {
        let required = self.policy.required.unwrap_or(1);
        match self.deciding() {
            (true, false) => self.by_legacy(required, kind),
            (false, _) => self.by_converged(required, kind),
            (true, true) => {
                let (legacy, converged) = (self.by_legacy(required, kind), self.by_converged(required, kind));
                // What the legacy policy still does before the migration is not known.
                let unmanaged =
                    self.policy.converged.as_ref().map(|policy| policy.migration) == Some(Migration::PreMigration);
                if unmanaged && legacy != converged {
                    Allowed::Unclear(AnswerReason::LegacyNotManaged)
                } else {
                    legacy.or(converged)
                }
            }
        }
    }

    /// Whether the legacy policy, and the authentication methods policy, may decide about methods of users.
    fn deciding(self) -> (bool, bool) {
        match self.policy.converged.as_ref().map(|converged| converged.migration) {
            Some(Migration::Complete) => (false, true),
            Some(Migration::PreMigration | Migration::InProgress) | None => (true, true),
        }
    }

    /// Every kind of method, with what it does for the person by the policy for users or the one for administrators.
    pub(crate) fn states(self, by_administrators: bool) -> Vec<MethodState> {
        let state = |kind| MethodState {
            kind,
            registered: Some(self.registered.kinds.contains(kind)),
            allowed: if by_administrators {
                self.to_administrator(self.tenant.needed_by_administrators.1, kind)
            } else {
                self.to_user(kind)
            },
            dated: self.dated(kind),
            sources: if by_administrators { Vec::new() } else { self.sources(kind) },
        };
        ResetMethod::all().map(state).collect()
    }

    /// What decides whether the policy for users allows a method.
    fn sources(self, kind: ResetMethod) -> Vec<MethodSource> {
        let (legacy, converged) = self.deciding();
        let switch = || MethodSource::LegacySwitch(self.policy.legacy.as_ref().map(|on| on.contains(&kind.method())));
        let legacy = (legacy || kind == ResetMethod::Questions).then(switch);
        let configurations = kind.configurations().iter().filter(|_| converged);
        let configurations = configurations.map(|id| {
            let notifications = kind != ResetMethod::Push;
            MethodSource::Configuration(id, self.target(id, |target| target.notifications || notifications))
        });
        legacy.into_iter().chain(configurations).collect()
    }

    /// Whether the legacy policy allows a method for people where so many are needed.
    fn by_legacy(self, required: u32, kind: ResetMethod) -> Allowed {
        match &self.policy.legacy {
            // The legacy policy offers no notification where one method is required.
            _ if kind == ResetMethod::Push && required == 1 => Allowed::No,
            legacy => Allowed::from(legacy.as_ref().map(|legacy| legacy.contains(&kind.method()))),
        }
    }

    /// Whether the authentication methods policy allows a method for the person where so many are needed. Questions
    /// are still in the legacy policy.
    fn by_converged(self, required: u32, kind: ResetMethod) -> Allowed {
        match kind {
            ResetMethod::Questions => self.by_legacy(required, kind),
            kind => self.converged_where_needed(required, kind),
        }
    }

    /// Whether the person has enough methods by Microsoft's policy for administrators: e-mail, Microsoft Authenticator and
    /// phones, and whatever else the authentication methods policy allows them (concept-sspr-policy).
    pub(crate) fn of_administrator(self) -> Answer {
        let with = |needed| self.enough(needed, CountedBy::Converged, |kind| self.to_administrator(needed, kind));
        let (least, most) = self.tenant.needed_by_administrators;
        if least == most { with(least) } else { with(least).either(&with(most), AnswerReason::AdministratorNotKnown) }
    }

    /// Whether that policy allows a method where so many are needed.
    fn to_administrator(self, needed: u32, kind: ResetMethod) -> Allowed {
        let migration = self.policy.converged.as_ref().map(|converged| converged.migration);
        let also = || match self.converged(kind) {
            // Before the migration that policy is about sign-in alone.
            Allowed::Yes if migration == Some(Migration::PreMigration) => {
                Allowed::Unclear(AnswerReason::LegacyNotManaged)
            }
            allowed => allowed,
        };
        let free = self.tenant.licence.is_some_and(|licence| licence.reset == ResetLicence::ChangeOnly);
        match kind {
            ResetMethod::Push if needed == 1 => Allowed::Unclear(AnswerReason::PushAlone),
            ResetMethod::Email | ResetMethod::MobilePhone | ResetMethod::Push => Allowed::Yes,
            ResetMethod::SoftwareCode => also().or(Allowed::Unclear(AnswerReason::CodeAppNotKnown)),
            // Tenants without a paid plan get no calls to offices.
            ResetMethod::OfficePhone if free => Allowed::No,
            ResetMethod::OfficePhone => also().or(Allowed::Unclear(AnswerReason::MethodNotKnown)),
            ResetMethod::HardwareCode => also(),
            ResetMethod::Questions => Allowed::No,
        }
    }

    /// The same as [`Self::converged`] where so many methods are needed: a notification alone may not be offered.
    fn converged_where_needed(self, required: u32, kind: ResetMethod) -> Allowed {
        match (kind, required) {
            (ResetMethod::Push, 1) => self.converged(kind).and(Allowed::Unclear(AnswerReason::PushAlone)),
            _ => self.converged(kind),
        }
    }

    /// Whether the authentication methods policy allows a method for the person.
    fn converged(self, kind: ResetMethod) -> Allowed {
        let Some(policy) = &self.policy.converged else { return Allowed::from(None) };
        let any = |id| Allowed::from(self.target(id, |_| true).known());
        let flag = |id, flag: fn(&crate::person::policy_state::MethodTargets) -> bool| {
            Allowed::from(policy.configurations.get(id).map(flag))
        };
        match kind {
            ResetMethod::Push => Allowed::from(self.target(AUTHENTICATOR, |target| target.notifications).known()),
            ResetMethod::SoftwareCode => {
                let authenticator = any(AUTHENTICATOR).and(flag(AUTHENTICATOR, |targets| targets.authenticator_codes));
                match (authenticator, any(SOFTWARE_OATH)) {
                    (Allowed::Yes, Allowed::Yes) => Allowed::Yes,
                    (Allowed::No, Allowed::No) => Allowed::No,
                    (Allowed::Unclear(reason), _) | (_, Allowed::Unclear(reason)) => Allowed::Unclear(reason),
                    _ => Allowed::Unclear(AnswerReason::CodeAppNotKnown),
                }
            }
            ResetMethod::HardwareCode => match policy.configurations.get(HARDWARE_OATH) {
                Some(_) => any(HARDWARE_OATH),
                None => Allowed::Unclear(AnswerReason::HardwareNotRead),
            },
            ResetMethod::Email => any(EMAIL),
            ResetMethod::MobilePhone => match (self.sent(TelephonyChannel::Sms), self.sent(TelephonyChannel::Voice)) {
                (texts, calls) if texts == calls => any(SMS).or(any(VOICE)),
                (texts, calls) => any(SMS).and(texts).or(any(VOICE).and(calls)),
            },
            ResetMethod::OfficePhone => any(VOICE).and(flag(VOICE, |targets| targets.office_phone)),
            ResetMethod::Questions => Allowed::No,
        }
    }

    /// Whether a configuration is on and for the person; exclusion counts more than inclusion.
    fn target(self, id: &str, counts: impl Fn(&MethodTarget) -> bool) -> TargetMatch {
        let targets = self.policy.converged.as_ref().and_then(|policy| policy.configurations.get(id));
        targets
            .map_or(TargetMatch::NotKnown, |targets| TargetMatch::of(targets, &self.tenant.groups, self.person, counts))
    }

    /// Whether so many of the registered methods count.
    fn enough(self, needed: u32, by: CountedBy, allowed: impl Fn(ResetMethod) -> Allowed) -> Answer {
        let (mut certain, mut open) = (ResetMethods::default(), BTreeMap::new());
        let mut ended = false;
        for kind in self.registered.kinds.iter() {
            match allowed(kind).and(self.dated(kind)) {
                Allowed::Yes => certain.insert(kind),
                Allowed::Unclear(reason) => drop(open.insert(kind, reason)),
                Allowed::Ended => ended = true,
                Allowed::No => {}
            }
        }
        let mut possible = certain;
        open.keys().for_each(|kind| possible.insert(*kind));
        let most = most(possible, by) + self.registered.unknown;
        if fewest(certain, by) >= needed {
            return Answer::Yes;
        }
        if most < needed {
            return Answer::No(match () {
                () if self.registered.nothing => AnswerReason::NothingRegistered,
                () if most == 0 && ended => AnswerReason::MethodEnded,
                () if most == 0 => AnswerReason::NothingAllowed,
                () => AnswerReason::MethodsMissing,
            });
        }
        Answer::Unclear(self.open_reasons(needed, by, certain, &open))
    }

    /// The reasons that decide whether some registered methods are enough, of which some surely count and others may: those
    /// without which the answer would be another one, whatever becomes of the others.
    fn open_reasons(
        self,
        needed: u32,
        by: CountedBy,
        certain: ResetMethods,
        open: &BTreeMap<ResetMethod, AnswerReason>,
    ) -> BTreeSet<AnswerReason> {
        let enough = |kinds, unknown| match () {
            () if fewest(kinds, by) + unknown >= needed => Some(true),
            () if most(kinds, by) + unknown < needed => Some(false),
            () => None,
        };
        let mut all = ResetMethods::default();
        open.keys().for_each(|kind| all.insert(*kind));
        let mut reasons = BTreeSet::new();
        let counting = all.subsets().map(|counting| counting.with(certain));
        for (counting, unknown) in counting.flat_map(|counting| [(counting, 0), (counting, self.registered.unknown)]) {
            let found = enough(counting, unknown);
            if found.is_none() {
                reasons.insert(AnswerReason::AppOnceOrTwice);
            }
            if found != enough(counting, 0) {
                reasons.insert(AnswerReason::MethodNotKnown);
            }
            for (kind, reason) in open {
                let mut one_more = counting;
                one_more.insert(*kind);
                if found != enough(one_more, unknown) {
                    reasons.insert(*reason);
                }
            }
        }
        reasons
    }
}

/// Whether any is true; `None` if none is and one is not known.
pub(crate) fn any_of(known: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(false);
    for one in known {
        match one {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

/// How many methods some kinds count as, at least.
fn fewest(kinds: ResetMethods, by: CountedBy) -> u32 {
    let has = |kind| kinds.contains(kind);
    let (push, software, hardware) =
        (has(ResetMethod::Push), has(ResetMethod::SoftwareCode), has(ResetMethod::HardwareCode));
    let app = match by {
        CountedBy::Legacy => u32::from(push || software || hardware),
        // A notification and the code of a token are two; the code of an app may be one with either.
        CountedBy::Converged => u32::from(push || software || hardware) + u32::from(push && hardware),
    };
    app + others(kinds)
}

/// How many methods some kinds count as, at most.
fn most(kinds: ResetMethods, by: CountedBy) -> u32 {
    let has = |kind| u32::from(kinds.contains(kind));
    let (push, software, hardware) =
        (has(ResetMethod::Push), has(ResetMethod::SoftwareCode), has(ResetMethod::HardwareCode));
    let app = match by {
        CountedBy::Legacy => (push | software) + hardware,
        CountedBy::Converged => push + software + hardware,
    };
    app + others(kinds)
}

fn others(kinds: ResetMethods) -> u32 {
    let app = [ResetMethod::Push, ResetMethod::SoftwareCode, ResetMethod::HardwareCode];
    u32::try_from(kinds.iter().filter(|kind| !app.contains(kind)).count()).unwrap_or(u32::MAX)
}

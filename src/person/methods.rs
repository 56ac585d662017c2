//! Which registered methods count for one person, and how many are enough.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::base::ids::ObjectId;
use crate::catalog::methods::{AUTHENTICATOR, EMAIL, SMS, SOFTWARE_OATH, VOICE};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::facts::TenantSituation;
use crate::person::policy_state::{ConvergedState, HARDWARE_OATH, MethodTarget, PolicyState, TargetPeople};
use crate::person::registered::{RegisteredMethods, ResetMethod};
use crate::policy::document::Method;
use crate::policy::repository::calendar::TelephonyChannel;
use crate::tenant::account::AccountHome;
use crate::tenant::facts::{Migration, ResetLicence};

/// Whether a method is allowed for one person at a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Yes,
    No,
    /// It was allowed, or may have been, and has ended.
    Ended,
    Unclear(AnswerReason),
}

impl Allowed {
    /// What holds if either of two policies may allow it.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unclear(reason), _) | (_, Self::Unclear(reason)) => Self::Unclear(reason),
            (Self::Ended, _) | (_, Self::Ended) => Self::Ended,
            (Self::No, Self::No) => Self::No,
        }
    }

    /// What holds if both must allow it.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Ended, _) | (_, Self::Ended) => Self::Ended,
            (Self::Unclear(reason), _) | (_, Self::Unclear(reason)) => Self::Unclear(reason),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl From<Option<bool>> for Allowed {
    /// What is not known depends on a target that was not read.
    fn from(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear(AnswerReason::TargetNotRead),
        }
    }
}

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
    /// Whether the person has an administrator's role; which one is not known.
    pub(crate) has_role: bool,
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
            Migration::PreMigration if !converged.is_used() => of_legacy(),
            Migration::PreMigration => of_legacy().either(&of_converged(), AnswerReason::LegacyNotManaged),
            Migration::InProgress => {
                let app = [ResetMethod::Push, ResetMethod::SoftwareCode];
                let legacy_alone = app.into_iter().all(|kind| self.converged(kind) == Allowed::No);
                let by = if legacy_alone { CountedBy::Legacy } else { CountedBy::Converged };
                self.enough(required, by, |kind| by_legacy(kind).or(by_converged(kind)))
            }
            Migration::Complete => of_converged(),
        }
    }

    /// The registered methods that count by the policy for users, or may count.
    pub(crate) fn counted(self) -> BTreeSet<Method> {
        let required = self.policy.required.unwrap_or(1);
        let converged = self.policy.converged.as_ref();
        let allowed = |kind| match converged.map(|converged| (converged.migration, converged.is_used())) {
            Some((Migration::PreMigration, false)) => self.by_legacy(required, kind),
            Some((Migration::Complete, _)) => self.by_converged(required, kind),
            Some((Migration::PreMigration | Migration::InProgress, _)) | None => {
                self.by_legacy(required, kind).or(self.by_converged(required, kind))
            }
        };
        let counts =
            |kind: &ResetMethod| !matches!(allowed(*kind).and(self.dated(*kind)), Allowed::No | Allowed::Ended);
        self.registered.kinds.iter().filter(counts).map(|kind| kind.method()).collect()
    }

    /// Whether the legacy policy allows a method for people where so many are needed.
    fn by_legacy(self, required: u32, kind: ResetMethod) -> Allowed {
        match &self.policy.legacy {
            // The legacy policy offers no notification where one method is required.
            _ if kind == ResetMethod::Push && required == 1 => Allowed::No,
            legacy => Allowed::from(legacy.as_ref().map(|legacy| legacy.contains(&kind.method()))),
        }
    }

    /// Whether the authentication methods policy allows a method for the person where so many are needed; questions are in the
    /// legacy policy.
    fn by_converged(self, required: u32, kind: ResetMethod) -> Allowed {
        match kind {
            ResetMethod::Questions => self.by_legacy(required, kind),
            kind => self.converged_where_needed(required, kind),
        }
    }

    /// Whether the person has enough methods by Microsoft's policy for administrators: e-mail, Microsoft Authenticator and
    /// phones, and whatever else the authentication methods policy allows them (concept-sspr-policy).
    pub(crate) fn of_administrator(self) -> Answer {
        let migration = self.policy.converged.as_ref().map(|converged| converged.migration);
        let also = |kind| match self.converged(kind) {
            // Before the migration that policy is about sign-in alone.
            Allowed::Yes if migration == Some(Migration::PreMigration) => {
                Allowed::Unclear(AnswerReason::LegacyNotManaged)
            }
            allowed => allowed,
        };
        let free = self.tenant.licence.is_some_and(|licence| licence.reset == ResetLicence::ChangeOnly);
        let with = |needed| {
            self.enough(needed, CountedBy::Converged, |kind| match kind {
                ResetMethod::Push if needed == 1 => Allowed::Unclear(AnswerReason::PushAlone),
                ResetMethod::Email | ResetMethod::MobilePhone | ResetMethod::Push => Allowed::Yes,
                ResetMethod::SoftwareCode => also(kind).or(Allowed::Unclear(AnswerReason::CodeAppNotKnown)),
                // Tenants without a paid plan get no calls to offices.
                ResetMethod::OfficePhone if free => Allowed::No,
                ResetMethod::OfficePhone => also(kind).or(Allowed::Unclear(AnswerReason::MethodNotKnown)),
                ResetMethod::HardwareCode => also(kind),
                ResetMethod::Questions => Allowed::No,
            })
        };
        let (least, most) = self.tenant.needed_by_administrators;
        if least == most { with(least) } else { with(least).either(&with(most), AnswerReason::AdministratorNotKnown) }
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
        let any = |id| Allowed::from(self.is_target(policy, id, |_| true));
        let flag = |id, flag: fn(&crate::person::policy_state::MethodTargets) -> bool| {
            Allowed::from(policy.configurations.get(id).map(flag))
        };
        match kind {
            ResetMethod::Push => Allowed::from(self.is_target(policy, AUTHENTICATOR, |target| target.notifications)),
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

    /// Whether a configuration is on and for the person; exclusion counts more than inclusion. `None` if that is not known.
    fn is_target(self, policy: &ConvergedState, id: &str, counts: impl Fn(&MethodTarget) -> bool) -> Option<bool> {
        let targets = policy.configurations.get(id)?;
        if targets.on == Some(false) {
            return Some(false);
        }
        let groups = &self.tenant.groups;
        let excluded = targets
            .exclude
            .as_ref()
            .map(|excluded| any_of(excluded.iter().map(|group| groups.contains(*group, self.person))));
        let included = targets.include.as_ref().map(|included| {
            any_of(included.iter().filter(|target| counts(target)).map(|target| match target.people {
                TargetPeople::Everybody => Some(true),
                TargetPeople::Group(group) => groups.contains(group, self.person),
                TargetPeople::User(user) => Some(user == self.person),
            }))
        });
        match (targets.on, included.flatten(), excluded.flatten()) {
            (_, Some(false), _) | (_, _, Some(true)) => Some(false),
            (Some(true), Some(true), Some(false)) => Some(true),
            _ => None,
        }
    }

    /// Whether so many of the registered methods count.
    fn enough(self, needed: u32, by: CountedBy, allowed: impl Fn(ResetMethod) -> Allowed) -> Answer {
        let (mut certain, mut possible) = (BTreeSet::new(), BTreeSet::new());
        let (mut open, mut ended) = (BTreeSet::new(), false);
        for kind in self.registered.kinds.iter() {
            match allowed(kind).and(self.dated(kind)) {
                Allowed::Yes => {
                    certain.insert(kind);
                    possible.insert(kind);
                }
                Allowed::Unclear(reason) => {
                    possible.insert(kind);
                    open.insert(reason);
                }
                Allowed::Ended => ended = true,
                Allowed::No => {}
            }
        }
        if self.registered.unknown > 0 {
            open.insert(AnswerReason::MethodNotKnown);
        }
        let fewest = fewest(&certain, by);
        let most = most(&possible, by) + self.registered.unknown;
        if fewest >= needed {
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
        if self::fewest(&possible, by) != self::most(&possible, by) {
            open.insert(AnswerReason::AppOnceOrTwice);
        }
        Answer::Unclear(open)
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
fn fewest(kinds: &BTreeSet<ResetMethod>, by: CountedBy) -> u32 {
    let has = |kind| kinds.contains(&kind);
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
fn most(kinds: &BTreeSet<ResetMethod>, by: CountedBy) -> u32 {
    let has = |kind| u32::from(kinds.contains(&kind));
    let (push, software, hardware) =
        (has(ResetMethod::Push), has(ResetMethod::SoftwareCode), has(ResetMethod::HardwareCode));
    let app = match by {
        CountedBy::Legacy => (push | software) + hardware,
        CountedBy::Converged => push + software + hardware,
    };
    app + others(kinds)
}

fn others(kinds: &BTreeSet<ResetMethod>) -> u32 {
    let app = [ResetMethod::Push, ResetMethod::SoftwareCode, ResetMethod::HardwareCode];
    u32::try_from(kinds.iter().filter(|kind| !app.contains(kind)).count()).unwrap_or(u32::MAX)
}

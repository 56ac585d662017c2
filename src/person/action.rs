//! The one thing to do about a person's answer.

use jiff::civil::Date;

use crate::base::ids::ObjectId;
use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::{assess, assess_registered};
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::policy_state::{PolicyState, ResetScope};
use crate::person::registered::ResetMethod;
use crate::tenant::account::AccountHome;
use crate::tenant::facts::ResetLicence;
use crate::tenant::registration::UserRegistrationDetails;

/// What the person, the helpdesk or an administrator does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NextAction {
    /// Nothing is missing: the person resets the password.
    Reset,
    /// The person registers these; before a day, where only that day takes the reset.
    Register(Vec<RegistrableMethod>, Option<Date>),
    /// No method that the person could register would be enough: an administrator allows more.
    AllowMethods,
    /// An administrator puts somebody in scope.
    OpenScope,
    /// An administrator adds the person to the group in scope.
    AddToGroup(ObjectId),
    /// Another administrator resets the password, or switches the reset of administrators on.
    AskAdministrator,
    /// The account is enabled, if it should be.
    EnableAccount,
    /// The person resets the password in their own tenant.
    GoHome,
    /// The helpdesk resets the password; licences would let the person do it, who may have to be put in scope as well.
    GetLicence { in_scope: bool },
    /// An administrator switches password writeback on.
    SwitchWritebackOn,
    /// An administrator starts the writeback service.
    StartWriteback,
    /// The report is read again when it is newer.
    WaitForReport,
    /// Somebody with the permission reads what is missing.
    ReadMore,
    /// Somebody with the permission to read roles asks again.
    ReadRoles,
    /// The person tries it, since no document says.
    Try,
    /// An administrator completes the migration to the authentication methods policy.
    Migrate,
}

/// Something that a person can register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegistrableMethod {
    /// Microsoft Authenticator, which gives a notification and a code.
    Authenticator,
    /// An e-mail address outside the tenant.
    Email,
    MobilePhone,
    OfficePhone,
    Questions,
}

impl RegistrableMethod {
    /// Everything, what lasts longest first.
    const ALL: [Self; 5] = [Self::Authenticator, Self::Email, Self::MobilePhone, Self::OfficePhone, Self::Questions];

    /// The methods that the report has after it.
    fn kinds(self) -> &'static [ResetMethod] {
        match self {
            Self::Authenticator => &[ResetMethod::Push, ResetMethod::SoftwareCode],
            Self::Email => &[ResetMethod::Email],
            Self::MobilePhone => &[ResetMethod::MobilePhone],
            Self::OfficePhone => &[ResetMethod::OfficePhone],
            Self::Questions => &[ResetMethod::Questions],
        }
    }
}

/// What to do about an answer; `ends` is the first later day on which it is no longer surely yes.
pub(crate) fn next_action(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    at: Date,
    answer: &Answer,
    ends: Option<Date>,
) -> NextAction {
    if person.account.is_some_and(|account| account.home == AccountHome::Elsewhere) {
        return NextAction::GoHome;
    }
    let reason = match answer {
        Answer::Yes => {
            let Some(day) = ends else { return NextAction::Reset };
            let missing = registrations(policy, tenant, person, day);
            return missing.map_or(NextAction::AllowMethods, |missing| NextAction::Register(missing, Some(day)));
        }
        Answer::No(reason) => *reason,
        Answer::Unclear(reasons) => match reasons.first() {
            Some(reason) => *reason,
            None => return NextAction::ReadMore,
        },
    };
    let register = |otherwise| {
        let missing = registrations(policy, tenant, person, at);
        missing.map_or(otherwise, |missing| NextAction::Register(missing, None))
    };
    // Whether what they could register counts depends on the two policies of a tenant before its migration.
    let migration_decides = || {
        let registered = assess_registered(policy, tenant, person, at);
        registered.open_reasons().any(|reason| reason == AnswerReason::LegacyNotManaged)
    };
    // In scope they still could not without a licence.
    let licensed = tenant.licence.is_none_or(|licence| licence.reset != ResetLicence::ChangeOnly);
    match reason {
        AnswerReason::ScopeNone | AnswerReason::NotInScope if !licensed => NextAction::GetLicence { in_scope: false },
        AnswerReason::ScopeNone => NextAction::OpenScope,
        AnswerReason::NotInScope => match policy.scope {
            Some(ResetScope::Members(group)) => NextAction::AddToGroup(group),
            Some(ResetScope::Nobody | ResetScope::Everybody) | None => NextAction::OpenScope,
        },
        AnswerReason::AdministratorsOff => NextAction::AskAdministrator,
        // A role that was read and is not in Microsoft's list leaves it open which policy holds.
        AnswerReason::AdministratorNotKnown if person.roles.is_some() => NextAction::Try,
        AnswerReason::AdministratorNotKnown => NextAction::ReadRoles,
        AnswerReason::AccountDisabled => NextAction::EnableAccount,
        AnswerReason::HomeTenantDecides => NextAction::GoHome,
        AnswerReason::LicenceChangeOnly | AnswerReason::WritebackNotLicensed => {
            NextAction::GetLicence { in_scope: true }
        }
        AnswerReason::LicenceNotKnown | AnswerReason::WritebackNotRead => NextAction::Try,
        AnswerReason::WritebackOff => NextAction::SwitchWritebackOn,
        AnswerReason::WritebackNotRunning => NextAction::StartWriteback,
        AnswerReason::NothingRegistered
        | AnswerReason::NothingAllowed
        | AnswerReason::MethodEnded
        | AnswerReason::MethodsMissing => {
            let otherwise = if migration_decides() { NextAction::Migrate } else { NextAction::AllowMethods };
            register(otherwise)
        }
        AnswerReason::MethodNotKnown
        | AnswerReason::CodeAppNotKnown
        | AnswerReason::DateNotSure
        | AnswerReason::AppOnceOrTwice
        | AnswerReason::PushAlone => register(NextAction::Try),
        AnswerReason::LegacyNotManaged => register(NextAction::Migrate),
        AnswerReason::NotInReport | AnswerReason::ReportDisagrees => NextAction::WaitForReport,
        AnswerReason::ScopeNotRead
        | AnswerReason::AdministratorsNotRead
        | AnswerReason::AccountNotRead
        | AnswerReason::LicenceNotRead
        | AnswerReason::PasswordSourceNotRead
        | AnswerReason::TargetNotRead
        | AnswerReason::HardwareNotRead
        | AnswerReason::TelephonyProviderNotKnown => NextAction::ReadMore,
    }
}

/// The fewest things to register with which the person surely can reset from a day on: for good if that is possible, else on
/// that day; `None` if nothing helps.
fn registrations(
    policy: &PolicyState,
    tenant: &TenantSituation,
    person: &PersonFacts<'_>,
    from: Date,
) -> Option<Vec<RegistrableMethod>> {
    let report = person.report?;
    let can = |added: &[RegistrableMethod], day| {
        let names = added.iter().flat_map(|one| one.kinds()).map(|kind| kind.name().to_owned());
        let methods = report.methods.iter().cloned().chain(names).collect();
        let report = UserRegistrationDetails { methods, ..report.clone() };
        assess(policy, tenant, &PersonFacts { report: Some(&report), ..*person }, day) == Answer::Yes
    };
    let days: Vec<Date> = std::iter::once(from).chain(tenant.calendar.ends_after(from)).collect();
    let all = RegistrableMethod::ALL;
    let pairs = || {
        all.into_iter().enumerate().flat_map(|(at, one)| all.into_iter().skip(at + 1).map(move |two| vec![one, two]))
    };
    let sets = || all.into_iter().map(|one| vec![one]).chain(pairs());
    let lasting = sets().find(|added| days.iter().all(|day| can(added, *day)));
    lasting.or_else(|| sets().find(|added| can(added, from)))
}

//! The answer of the model, and its reasons.

use std::collections::BTreeSet;

/// Whether a person can reset their password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They can reset their password.
    Yes,
    /// They cannot, for this reason: the first in the order in which the service asks.
    No(AnswerReason),
    /// It is not known, for all of these reasons.
    Unclear(BTreeSet<AnswerReason>),
}

/// Why a person cannot reset, or why that is not known. In the order in which the service asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerReason {
    /// No user is in scope.
    ScopeNone,
    /// One group is in scope, and the person is not in it.
    NotInScope,
    /// The scope, or who is in its group, is not known.
    ScopeNotRead,
    /// Administrators may not reset.
    AdministratorsOff,
    /// Which policy holds depends on the person's role, which is not known.
    AdministratorNotKnown,
    /// Whether administrators may reset is not known.
    AdministratorsNotRead,
    /// The account is disabled.
    AccountDisabled,
    /// The account is in another tenant, whose policy holds.
    HomeTenantDecides,
    /// Where the account is, or whether it is enabled, is not known.
    AccountNotRead,
    /// The tenant has no licence that lets people reset a password.
    LicenceChangeOnly,
    /// The password is on premises, and no licence of the tenant lets it be written back.
    WritebackNotLicensed,
    /// Microsoft's pages disagree about the tenant's licences.
    LicenceNotKnown,
    /// The tenant's licences could not be read.
    LicenceNotRead,
    /// The password is on premises, and the tenant writes none back.
    WritebackOff,
    /// The password is on premises, and the writeback service does not run.
    WritebackNotRunning,
    /// Where the password is is not known.
    PasswordSourceNotRead,
    /// The password is on premises, and whether it would be written back is not known.
    WritebackNotRead,
    /// No authentication method is registered.
    NothingRegistered,
    /// No registered method is allowed for the person, or counts for a reset.
    NothingAllowed,
    /// The last registered method that was allowed has ended.
    MethodEnded,
    /// The registration report does not have the person.
    NotInReport,
    /// A registered method is of a kind that this program does not know.
    MethodNotKnown,
    /// Who is in a group that a method is for, or not for, is not known.
    TargetNotRead,
    /// The tenant has not migrated, and its two policies give different answers.
    LegacyNotManaged,
    /// Codes of one kind of app are allowed, and the report does not say which app it is.
    CodeAppNotKnown,
    /// Whether hardware tokens are allowed could not be read.
    HardwareNotRead,
    /// Whether the tenant's own telephony provider serves the person is not known.
    TelephonyProviderNotKnown,
    /// Whether a method has ended at the date is not certain.
    DateNotSure,
    /// Fewer methods are registered and allowed than a reset takes.
    MethodsMissing,
    /// Notification and code of the app may count as one method or as two.
    AppOnceOrTwice,
    /// Whether a notification is enough where one method is required is not known.
    PushAlone,
    /// The registration report contradicts what follows from the settings.
    ReportDisagrees,
}

impl AnswerReason {
    /// Every reason, in order.
    pub const ALL: [Self; 32] = [
        Self::ScopeNone,
        Self::NotInScope,
        Self::ScopeNotRead,
        Self::AdministratorsOff,
        Self::AdministratorNotKnown,
        Self::AdministratorsNotRead,
        Self::AccountDisabled,
        Self::HomeTenantDecides,
        Self::AccountNotRead,
        Self::LicenceChangeOnly,
        Self::WritebackNotLicensed,
        Self::LicenceNotKnown,
        Self::LicenceNotRead,
        Self::WritebackOff,
        Self::WritebackNotRunning,
        Self::PasswordSourceNotRead,
        Self::WritebackNotRead,
        Self::NothingRegistered,
        Self::NothingAllowed,
        Self::MethodEnded,
        Self::NotInReport,
        Self::MethodNotKnown,
        Self::TargetNotRead,
        Self::LegacyNotManaged,
        Self::CodeAppNotKnown,
        Self::HardwareNotRead,
        Self::TelephonyProviderNotKnown,
        Self::DateNotSure,
        Self::MethodsMissing,
        Self::AppOnceOrTwice,
        Self::PushAlone,
        Self::ReportDisagrees,
    ];

    /// The code in JSON, and what it means, as the end of a sentence about people.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::ScopeNone => ("scope-none", "nobody is in scope"),
            Self::NotInScope => ("not-in-scope", "they are not in the group that is in scope"),
            Self::ScopeNotRead => ("scope-not-read", "who is in scope could not be read"),
            Self::AdministratorsOff => ("administrators-off", "administrators may not reset"),
            Self::AdministratorNotKnown => {
                ("administrator-not-known", "their role decides which policy holds, and it is not known")
            }
            Self::AdministratorsNotRead => {
                ("administrators-not-read", "whether administrators may reset could not be read")
            }
            Self::AccountDisabled => ("account-disabled", "the account is disabled"),
            Self::HomeTenantDecides => {
                ("home-tenant-decides", "their account is in another tenant, whose policy holds")
            }
            Self::AccountNotRead => ("account-not-read", "their account could not be read"),
            Self::LicenceChangeOnly => ("licence-change-only", "no licence of the tenant permits a reset"),
            Self::WritebackNotLicensed => {
                ("writeback-not-licensed", "their password is on premises, and no licence permits writeback")
            }
            Self::LicenceNotKnown => {
                ("licence-not-known", "Microsoft's pages disagree on whether the tenant's licences permit a reset")
            }
            Self::LicenceNotRead => ("licence-not-read", "the tenant's licences could not be read"),
            Self::WritebackOff => ("writeback-off", "their password is on premises, and writeback is off"),
            Self::WritebackNotRunning => {
                ("writeback-not-running", "their password is on premises, and the writeback service does not run")
            }
            Self::PasswordSourceNotRead => {
                ("password-source-not-read", "whether their password is on premises could not be read")
            }
            Self::WritebackNotRead => {
                ("writeback-not-read", "their password is on premises, and whether writeback works is not known")
            }
            Self::NothingRegistered => ("nothing-registered", "they have registered nothing"),
            Self::NothingAllowed => ("nothing-allowed", "no method that they have registered is allowed for them"),
            Self::MethodEnded => ("method-ended", "the methods that they have registered have ended"),
            Self::NotInReport => ("not-in-report", "the registration report does not have them yet"),
            Self::MethodNotKnown => ("method-not-known", "they have registered a method of an unknown kind"),
            Self::TargetNotRead => ("target-not-read", "whom a method is for could not be read"),
            Self::LegacyNotManaged => {
                ("legacy-not-managed", "the tenant has not migrated, and its two policies give different answers")
            }
            Self::CodeAppNotKnown => ("code-app-not-known", "the report does not say whose app makes their codes"),
            Self::HardwareNotRead => ("hardware-not-read", "whether hardware tokens are allowed could not be read"),
            Self::TelephonyProviderNotKnown => (
                "telephony-provider-not-known",
                "whether the tenant's own telephony provider serves them could not be read",
            ),
            Self::DateNotSure => ("date-not-sure", "the day on which a method ends is not certain"),
            Self::MethodsMissing => ("methods-missing", "they have registered too few methods that are allowed"),
            Self::AppOnceOrTwice => {
                ("app-once-or-twice", "notification and code of the app may count as one method or two")
            }
            Self::PushAlone => ("push-alone", "a notification may not be enough where one method is required"),
            Self::ReportDisagrees => ("report-disagrees", "the registration report contradicts the settings"),
        }
    }

    /// Whether it is that a password on premises is not written back.
    #[must_use]
    pub(crate) fn is_about_writeback(self) -> bool {
        [Self::WritebackNotLicensed, Self::WritebackOff, Self::WritebackNotRunning].contains(&self)
    }

    /// Whether it is that too few registered methods count, or none.
    #[must_use]
    pub(crate) fn is_about_methods(self) -> bool {
        [Self::NothingRegistered, Self::NothingAllowed, Self::MethodEnded, Self::MethodsMissing].contains(&self)
    }

    /// The code in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// What it means, as the end of a sentence about people.
    #[must_use]
    pub(crate) const fn words(self) -> &'static str {
        self.row().1
    }
}

impl Answer {
    /// An unclear answer with one reason.
    pub(crate) fn unclear(reason: AnswerReason) -> Self {
        Self::Unclear(BTreeSet::from([reason]))
    }

    /// Whether the person can reset; `None` if that is not known.
    #[must_use]
    pub fn known(&self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No(_) => Some(false),
            Self::Unclear(_) => None,
        }
    }

    /// The reasons why it is not known; none if it is.
    pub(crate) fn open_reasons(&self) -> impl Iterator<Item = AnswerReason> + '_ {
        let reasons = match self {
            Self::Unclear(reasons) => Some(reasons),
            Self::Yes | Self::No(_) => None,
        };
        reasons.into_iter().flatten().copied()
    }

    /// The answer of several steps that all have to pass: one certain no decides, the first of them; else whatever is
    /// unclear makes it unclear, with all reasons; else it is yes.
    pub(crate) fn all(steps: impl IntoIterator<Item = Self>) -> Self {
        let mut open = BTreeSet::new();
        let mut first_no = None;
        for step in steps {
            match step {
                Self::Yes => {}
                Self::No(reason) => first_no = first_no.or(Some(reason)),
                Self::Unclear(reasons) => open.extend(reasons),
            }
        }
        match first_no {
            Some(reason) => Self::No(reason),
            None if open.is_empty() => Self::Yes,
            None => Self::Unclear(open),
        }
    }

    /// The answer if one of two holds and it is not known which: theirs where they agree, else unclear for this reason. Where
    /// the same is open in both, it is what decides, and not which of them holds.
    pub(crate) fn either(self, other: &Self, reason: AnswerReason) -> Self {
        let agree = self.known().is_some() && self.known() == other.known();
        if agree || self.known().is_none() && self == *other {
            return self;
        }
        let open = self.open_reasons().chain(other.open_reasons()).chain([reason]);
        Self::Unclear(open.collect())
    }
}

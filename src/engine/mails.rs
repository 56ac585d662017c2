//! The mails to the people of a file: one for all to whom the same happens on the same day, and who have to do the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::ids::TenantName;
use crate::engine::people_file::AffectedPerson;
use crate::person::answer::AnswerReason;
use crate::person::state::PersonState;
use crate::policy::document::Method;

/// What a mail is about. Each kind has a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MailKind {
    /// What they have registered no longer counts.
    MethodEnded,
    /// They have registered too few methods.
    TooFewMethods,
    /// Nothing that they have registered counts.
    NothingRegistered,
    /// They may no longer reset, whatever they register.
    NotPermitted,
    /// A reset does not reach their password, which is on premises.
    PasswordOnPremises,
    /// They can reset from then on.
    CanReset,
}

impl MailKind {
    /// Every kind, in the order in which they are shown.
    pub(crate) const ALL: [Self; 6] = [
        Self::MethodEnded,
        Self::TooFewMethods,
        Self::NothingRegistered,
        Self::NotPermitted,
        Self::PasswordOnPremises,
        Self::CanReset,
    ];

    /// The name, also that of the template.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::MethodEnded => "method-ended",
            Self::TooFewMethods => "too-few-methods",
            Self::NothingRegistered => "nothing-registered",
            Self::NotPermitted => "not-permitted",
            Self::PasswordOnPremises => "password-on-premises",
            Self::CanReset => "can-reset",
        }
    }

    /// The kind for a person, or why they get no mail.
    fn of(person: &AffectedPerson) -> Result<Self, &'static str> {
        let AffectedPerson { today, then, reason, .. } = person;
        match (then, reason.map_or(ReasonTopic::Open, ReasonTopic::of)) {
            (PersonState::Able, _) if today.known() == Some(false) => Ok(Self::CanReset),
            (PersonState::Able, _) => Err("nothing is known to change for them"),
            (PersonState::Unclear, _) => {
                Err(reason.map_or("it is not known whether they can reset", |reason| reason.words()))
            }
            (PersonState::NotPermitted, ReasonTopic::Account) => {
                Err(reason.map(AnswerReason::words).unwrap_or_default())
            }
            // What the model does not explain today it does not forecast, and no mail states it as a fact.
            _ if *today == PersonState::Unclear => {
                Err("whether they can reset today is not known, and so nothing is certain of later days")
            }
            (PersonState::NotPermitted, ReasonTopic::Permission) if *today == PersonState::Able => {
                Ok(Self::NotPermitted)
            }
            (PersonState::NotPermitted, ReasonTopic::Permission) => {
                Err("they could not reset before either, and have nothing to do")
            }
            (PersonState::Short | PersonState::Unregistered, ReasonTopic::Ended) => Ok(Self::MethodEnded),
            (PersonState::Short, ReasonTopic::TooLittle) => Ok(Self::TooFewMethods),
            // Whoever can reset today has registered something, which a planned policy no longer allows.
            (PersonState::Unregistered, ReasonTopic::TooLittle) if *today == PersonState::Able => Ok(Self::MethodEnded),
            (PersonState::Unregistered, ReasonTopic::TooLittle) => Ok(Self::NothingRegistered),
            (PersonState::NotPermitted, ReasonTopic::OnPremises) => Ok(Self::PasswordOnPremises),
            (
                PersonState::Short | PersonState::Unregistered,
                ReasonTopic::OnPremises | ReasonTopic::Account | ReasonTopic::Permission | ReasonTopic::Open,
            )
            | (PersonState::NotPermitted, ReasonTopic::Ended | ReasonTopic::TooLittle | ReasonTopic::Open) => {
                Err("their state and the reason for it do not go together in the file")
            }
        }
    }
}

/// What a reason is about, for the person to whom a mail says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ReasonTopic {
    /// A registered method has ended.
    Ended,
    /// Too little is registered that counts.
    TooLittle,
    /// They may not reset.
    Permission,
    /// The password is on premises.
    OnPremises,
    /// Their account is disabled or elsewhere, and they get no mail.
    Account,
    /// It is not known whether they can reset.
    Open,
}

impl ReasonTopic {
    fn of(reason: AnswerReason) -> Self {
        match reason {
            AnswerReason::MethodEnded => Self::Ended,
            AnswerReason::NothingRegistered | AnswerReason::NothingAllowed | AnswerReason::MethodsMissing => {
                Self::TooLittle
            }
            AnswerReason::ScopeNone
            | AnswerReason::NotInScope
            | AnswerReason::AdministratorsOff
            | AnswerReason::LicenceChangeOnly => Self::Permission,
            AnswerReason::WritebackNotLicensed | AnswerReason::WritebackOff | AnswerReason::WritebackNotRunning => {
                Self::OnPremises
            }
            AnswerReason::AccountDisabled | AnswerReason::HomeTenantDecides => Self::Account,
            AnswerReason::ScopeNotRead
            | AnswerReason::AdministratorNotKnown
            | AnswerReason::AdministratorsNotRead
            | AnswerReason::AccountNotRead
            | AnswerReason::LicenceNotKnown
            | AnswerReason::LicenceNotRead
            | AnswerReason::PasswordSourceNotRead
            | AnswerReason::WritebackNotRead
            | AnswerReason::NotInReport
            | AnswerReason::MethodNotKnown
            | AnswerReason::TargetNotRead
            | AnswerReason::LegacyNotManaged
            | AnswerReason::CodeAppNotKnown
            | AnswerReason::HardwareNotRead
            | AnswerReason::TelephonyProviderNotKnown
            | AnswerReason::DateNotSure
            | AnswerReason::AppOnceOrTwice
            | AnswerReason::PushAlone
            | AnswerReason::ReportDisagrees => Self::Open,
        }
    }
}

/// What is the same for all who get a mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MailSubject {
    pub(crate) tenant: TenantName,
    pub(crate) kind: MailKind,
    /// Whether they can reset today, and no longer then.
    pub(crate) loses: bool,
    /// From when on they lose it; `None` once a planned change is applied, and for those who lose nothing: what a file says of
    /// them is true at its date, and it may have been before.
    pub(crate) date: Option<Date>,
    /// The sets of methods of which one has to be registered.
    pub(crate) register: Vec<Vec<Method>>,
}

/// The mails to the people of a file.
#[derive(Debug, Default)]
pub(crate) struct Mails {
    /// Each mail with the addresses to which it goes, each once.
    pub(crate) mails: BTreeMap<MailSubject, BTreeSet<String>>,
    /// How many people get none, by the reason.
    pub(crate) without: BTreeMap<&'static str, u64>,
}

impl Mails {
    /// Sorts the people of a file. Each is in one mail, or counted with the reason why they get none.
    pub(crate) fn of(people: impl IntoIterator<Item = AffectedPerson>) -> Self {
        let mut mails = Self::default();
        let mut known = BTreeSet::new();
        for person in people {
            let address = person.sign_in_name.trim().to_lowercase();
            let kind = match MailKind::of(&person) {
                Ok(_) if !is_address(&address) => Err("they have no sign-in name to which a mail can go"),
                Ok(_) if !known.insert((person.tenant.clone(), address.clone())) => Err("they are in the file twice"),
                kind => kind,
            };
            match kind {
                Ok(kind) => {
                    let AffectedPerson { tenant, date, register, today, .. } = person;
                    let loses = today == PersonState::Able;
                    let date = date.filter(|_| loses);
                    mails.mails.entry(MailSubject { tenant, kind, loses, date, register }).or_default().insert(address);
                }
                Err(why) => *mails.without.entry(why).or_default() += 1,
            }
        }
        mails
    }
}

/// Whether a text can be one line of a list of addresses, and nothing more.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, ',' | ';' | '<' | '>' | '"' | '@');
    !name.is_empty() && host.contains('.') && name.chars().chain(host.chars()).all(plain)
}

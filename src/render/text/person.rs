//! One person's answer in words. Names of groups are not escaped.

use crate::base::ids::ObjectId;
use crate::engine::why::{PersonReport, PolicyAnswer};
use crate::person::action::{NextAction, RegistrableMethod};
use crate::person::allowed::{Allowed, MethodSource, MethodState, TargetMatch};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::assess::AnswerStep;
use crate::person::explanation::{ComingAnswer, Explanation};
use crate::person::policy_state::{ResetScope, TargetPeople};
use crate::person::registered::{RegisteredMethods, ResetMethod};
use crate::person::roles::HeldPolicy;
use crate::tenant::account::AccountHome;
use crate::tenant::audit::RefusedReset;

/// What is asked in a step, in one word.
pub(crate) fn step(step: AnswerStep) -> &'static str {
    match step {
        AnswerStep::Scope => "scope",
        AnswerStep::Account => "account",
        AnswerStep::Licence => "licence",
        AnswerStep::Password => "password",
        AnswerStep::Methods => "methods",
    }
}

/// The word for an answer.
pub(crate) fn word(answer: &Answer) -> &'static str {
    match answer.known() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unclear",
    }
}

/// The reasons of an answer; none for yes.
pub(crate) fn reasons(answer: &Answer) -> Vec<AnswerReason> {
    match answer {
        Answer::Yes => Vec::new(),
        Answer::No(reason) => vec![*reason],
        Answer::Unclear(reasons) => reasons.iter().copied().collect(),
    }
}

/// The reasons of an answer in words; empty for yes.
fn because(report: &PersonReport, answer: &Answer) -> String {
    let words = |reason| match reason {
        AnswerReason::NotInReport if report.report_unread => "the registration report could not be read",
        AnswerReason::AdministratorNotKnown if report.roles_read => {
            "their role is not in Microsoft's list, or not active, so that it is open which policy holds"
        }
        reason => reason.words(),
    };
    reasons(answer).into_iter().map(words).collect::<Vec<_>>().join("; ")
}

/// An answer with its reasons, as in "no: writeback is off".
pub(crate) fn answer(report: &PersonReport, answer: &Answer) -> String {
    let because = because(report, answer);
    if because.is_empty() { word(answer).to_owned() } else { format!("{}: {because}", word(answer)) }
}

/// What a step found.
pub(crate) fn step_words(report: &PersonReport, by: &PolicyAnswer, (step, found): &(AnswerStep, Answer)) -> String {
    let (account, explained) = (&report.account.account, &by.explanation);
    let says = because(report, found);
    match step {
        AnswerStep::Scope if !says.is_empty() => says,
        AnswerStep::Scope if explained.held == HeldPolicy::Administrators => "administrators may reset".to_owned(),
        AnswerStep::Scope => match by.scope {
            Some(ResetScope::Members(group)) => path(report, group),
            Some(ResetScope::Nobody | ResetScope::Everybody) | None => "everybody is in scope".to_owned(),
        },
        AnswerStep::Account if !says.is_empty() => says,
        AnswerStep::Account => match account.home {
            AccountHome::Here => "enabled, and in this tenant".to_owned(),
            AccountHome::Elsewhere => "in another tenant".to_owned(),
        },
        AnswerStep::Licence if !says.is_empty() => says,
        AnswerStep::Licence => "the tenant's licences permit a reset".to_owned(),
        AnswerStep::Password if account.synchronised => {
            let unseen = "whether it is in a group that AD protects is not seen from the cloud";
            if found == &Answer::Yes { format!("on premises, and written back; {unseen}") } else { says }
        }
        AnswerStep::Password if says.is_empty() => "in the cloud".to_owned(),
        AnswerStep::Password => says,
        AnswerStep::Methods => {
            let needed = match explained.needed {
                Some((least, most)) if least == most => format!("{least} needed"),
                Some((least, most)) => format!("{least} or {most} needed"),
                None => "how many are needed was not read".to_owned(),
            };
            if says.is_empty() { format!("{needed}, and enough are registered") } else { format!("{needed}: {says}") }
        }
    }
}

/// The way from a group in scope to the person.
fn path(report: &PersonReport, group: ObjectId) -> String {
    let names = report.paths.get(&group).into_iter().flatten().map(|id| name(report, *id)).collect::<Vec<_>>();
    match names.as_slice() {
        [] => format!("in the group {}", name(report, group)),
        [only] => format!("in the group {only}"),
        [first, nested @ ..] => format!("in the group {first}, through {}", nested.join(", then ")),
    }
}

/// The name of a group, or its id.
pub(crate) fn name(report: &PersonReport, group: ObjectId) -> String {
    let known = report.names.get(&group).filter(|name| !name.is_empty());
    known.cloned().unwrap_or_else(|| group.to_string())
}

/// The policy that decides.
pub(crate) fn held(report: &PersonReport, by: &PolicyAnswer) -> String {
    match (by.explanation.held, &by.explanation.by_administrators) {
        (HeldPolicy::Users, _) => "the tenant's, for users".to_owned(),
        (HeldPolicy::Administrators, _) => "Microsoft's, for administrators".to_owned(),
        (HeldPolicy::NotKnown, other) => {
            let other = other.as_ref().map(|other| format!("; by Microsoft's: {}", answer(report, other)));
            format!("not known; below is the tenant's, for users{}", other.unwrap_or_default())
        }
    }
}

/// The name of a method for people.
pub(crate) fn method(kind: ResetMethod) -> &'static str {
    match kind {
        ResetMethod::Push => "Authenticator notification",
        ResetMethod::SoftwareCode => "code of an app",
        ResetMethod::HardwareCode => "code of a hardware token",
        ResetMethod::Email => "e-mail",
        ResetMethod::MobilePhone => "mobile phone",
        ResetMethod::OfficePhone => "office phone",
        ResetMethod::Questions => "security questions",
    }
}

/// Whether a method that is registered counts, or why not.
pub(crate) fn counts(state: &MethodState) -> String {
    match (state.allowed, state.dated) {
        (Allowed::No, _) => "not allowed".to_owned(),
        (_, Allowed::Ended | Allowed::No) | (Allowed::Ended, _) => "has ended".to_owned(),
        (Allowed::Unclear(AnswerReason::LegacyNotManaged), _) => "may count".to_owned(),
        (Allowed::Unclear(reason), _) | (_, Allowed::Unclear(reason)) => format!("unclear: {}", reason.words()),
        (Allowed::Yes, Allowed::Yes) => "counts".to_owned(),
    }
}

/// What notification and code of the app count as, where that makes a difference.
pub(crate) fn app_note(explained: &Explanation) -> Option<&'static str> {
    Some(match explained.app_counts_once()? {
        true => "Authenticator notification and code of an app count as one method",
        false => "Authenticator notification and code of an app may count as one method",
    })
}

/// What allows a method, or does not.
pub(crate) fn sources(report: &PersonReport, state: &MethodState) -> String {
    let words: Vec<_> = state.sources.iter().map(|source| source_words(report, *source)).collect();
    if words.is_empty() { "by Microsoft's policy for administrators".to_owned() } else { words.join("; ") }
}

fn source_words(report: &PersonReport, source: MethodSource) -> String {
    let group = |id| format!("the group {}", name(report, id));
    match source {
        MethodSource::LegacySwitch(Some(true)) => "on in the legacy policy".to_owned(),
        MethodSource::LegacySwitch(Some(false)) => "off in the legacy policy".to_owned(),
        MethodSource::LegacySwitch(None) => "the legacy policy was not read".to_owned(),
        MethodSource::Configuration(id, matched) => match matched {
            TargetMatch::Off => format!("`{id}` is off"),
            TargetMatch::Excluded(id_of) => format!("`{id}` is not for {}", group(id_of)),
            TargetMatch::NotIncluded => format!("`{id}` is for others"),
            TargetMatch::Included(TargetPeople::Everybody) => format!("`{id}` is for everybody"),
            TargetMatch::Included(TargetPeople::Group(id_of)) => format!("`{id}` is for {}", group(id_of)),
            TargetMatch::Included(TargetPeople::User(_)) => format!("`{id}` is for this person"),
            TargetMatch::NotKnown => format!("whom `{id}` is for is not known"),
        },
    }
}

/// A registered method that is no method of a reset; `None` for one that is.
pub(crate) fn other_method(name: &str) -> Option<&'static str> {
    match ResetMethod::named(name) {
        Some(_) => None,
        None if RegisteredMethods::never_counts(name) => Some("never resets a password"),
        None => Some("of a kind that this version does not know"),
    }
}

/// What a day changes.
pub(crate) fn coming(report: &PersonReport, coming: &ComingAnswer) -> String {
    let ComingAnswer { day, answer: then, lost } = coming;
    let lost: Vec<_> = lost.iter().map(|kind| method(*kind)).collect();
    let lost = if lost.is_empty() { String::new() } else { format!(" (without: {})", lost.join(", ")) };
    format!("From {day}: {}{lost}", answer(report, then))
}

/// The one thing to do now, as a sentence without its full stop.
pub(crate) fn action(report: &PersonReport, action: &NextAction) -> String {
    match action {
        NextAction::Reset => {
            let page = report.cloud.reset_page().unwrap_or("the sign-in page");
            format!("nothing is missing: they reset the password at {page}")
        }
        NextAction::Register(missing, before) => {
            let what = missing.iter().map(|one| registration(*one)).collect::<Vec<_>>().join(" and ");
            let how = match before {
                Some(day) => format!(" before {day}"),
                None => format!("; if they cannot sign in, {}", without_sign_in(report.access_pass)),
            };
            let page = report.cloud.registration_page().map(|page| format!("at {page}"));
            let page = page.unwrap_or_else(|| "on the page of their account, under \"Security info\"".to_owned());
            format!("they register {what} {page}{how}")
        }
        NextAction::AllowMethods => {
            "an administrator allows them more methods: none that they could register is enough".to_owned()
        }
        NextAction::OpenScope => "an administrator puts them in scope (`scope.users`)".to_owned(),
        NextAction::AddToGroup(group) => {
            format!("an administrator adds them to the group {}, or changes `scope.group`", name(report, *group))
        }
        NextAction::AskAdministrator => {
            "another administrator resets the password, or switches `scope.administrators` on".to_owned()
        }
        NextAction::EnableAccount => "the helpdesk enables the account, if the person still works here".to_owned(),
        NextAction::GoHome => "they reset the password in their own tenant; this one has none of theirs".to_owned(),
        NextAction::GetLicence { in_scope: false } => {
            "the helpdesk resets the password; to do it themselves they need a licence that permits a reset, and to be in \
             scope"
                .to_owned()
        }
        NextAction::GetLicence { in_scope: true } => {
            "the helpdesk resets the password; a licence that permits a reset would let them do it".to_owned()
        }
        NextAction::SwitchWritebackOn => {
            "an administrator switches writeback on (`writeback.passwords`); until then the helpdesk resets it on premises"
                .to_owned()
        }
        NextAction::StartWriteback => {
            "an administrator starts the writeback client; until then the helpdesk resets it on premises".to_owned()
        }
        NextAction::WaitForReport => {
            "wait until tomorrow, as the registration report lags by hours, and ask again".to_owned()
        }
        NextAction::ReadMore => {
            "ask again with a token that may read what is named below; `ssprctl doctor` names permissions".to_owned()
        }
        NextAction::ReadRoles => {
            "ask again with a token that may read roles (`RoleManagement.Read.Directory`)".to_owned()
        }
        NextAction::Try => "they try it at https://aka.ms/sspr: no document says".to_owned(),
        NextAction::Migrate => {
            "an administrator completes the migration to the authentication methods policy".to_owned()
        }
    }
}

/// What helps somebody to register who cannot sign in. A temporary access pass does where the tenant has it on for them.
fn without_sign_in(pass: TargetMatch) -> &'static str {
    match pass.known() {
        Some(true) => "the helpdesk adds a temporary access pass first",
        Some(false) => {
            "an administrator resets the password first, as temporary access passes are not on for them \
             (`TemporaryAccessPass` of the authentication methods policy)"
        }
        None => {
            "an administrator resets the password first: it is unclear whether they may have a temporary access pass"
        }
    }
}

/// The code of an action in JSON.
pub(crate) fn action_code(action: &NextAction) -> &'static str {
    match action {
        NextAction::Reset => "reset",
        NextAction::Register(..) => "register",
        NextAction::AllowMethods => "allow-methods",
        NextAction::OpenScope => "open-scope",
        NextAction::AddToGroup(_) => "add-to-group",
        NextAction::AskAdministrator => "ask-administrator",
        NextAction::EnableAccount => "enable-account",
        NextAction::GoHome => "go-home",
        NextAction::GetLicence { .. } => "get-licence",
        NextAction::SwitchWritebackOn => "switch-writeback-on",
        NextAction::StartWriteback => "start-writeback",
        NextAction::WaitForReport => "wait-for-report",
        NextAction::ReadMore => "read-more",
        NextAction::ReadRoles => "read-roles",
        NextAction::Try => "try",
        NextAction::Migrate => "migrate",
    }
}

/// What a person registers, as the object of a sentence.
pub(crate) fn registration(one: RegistrableMethod) -> &'static str {
    match one {
        RegistrableMethod::Authenticator => "Microsoft Authenticator",
        RegistrableMethod::Email => "an e-mail address",
        RegistrableMethod::MobilePhone => "a mobile phone",
        RegistrableMethod::OfficePhone => "an office phone",
        RegistrableMethod::Questions => "security questions",
    }
}

/// Parts of the reasons that the service logs, in lower case, and what they mean. They are those of an older list of Microsoft's:
/// newer pages name only one of them, so others may come.
const LOGGED: [(&str, &str); 11] = [
    ("insufficient authentication methods", "too few methods were registered"),
    ("not a member of the password reset users group", "they were not in the group in scope"),
    ("disabled entirely", "nobody was in scope"),
    ("not enabled for this user", "they were not in scope"),
    ("does not have a license", "the licence was missing"),
    ("managed on-premises", "the password is on premises, and writeback was off"),
    ("could not reach your on-premises", "the writeback service could not be reached"),
    ("resetting the user's on-premises password", "the directory on premises refused the password"),
    ("cookies", "the browser accepted no cookies"),
    ("fuzzypolicyviolation", "the new password is too common"),
    ("blocked for 24 hours", "they tried too often, and were blocked for 24 hours"),
];

/// Why a reset was refused, in our words; the service's where they are not known.
pub(crate) fn refused(reset: &RefusedReset) -> String {
    let RefusedReset { at: _, activity, reason } = reset;
    let lower = reason.to_ascii_lowercase();
    match LOGGED.iter().find(|(part, _)| lower.contains(part)) {
        Some((_, means)) => (*means).to_owned(),
        None if activity.to_ascii_lowercase().starts_with("blocked") => {
            "they tried more than five times within 24 hours, and were blocked for a day".to_owned()
        }
        None if reason.is_empty() => format!("the log gives no reason ({activity})"),
        None => format!("the service says: {reason}"),
    }
}

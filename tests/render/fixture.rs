//! Reviews and applies made by hand: every kind of value, finding, error, ending and result.

#[path = "fixture/applies.rs"]
mod applies;
#[path = "fixture/drift.rs"]
mod drift;
#[path = "fixture/exceptions.rs"]
mod exceptions;
#[path = "fixture/reports.rs"]
mod reports;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::finding::Finding;
use ssprctl::testing::base::ids::{ObjectId, RequestId, TenantId, TenantName};
use ssprctl::testing::base::source::{Place, Source};
use ssprctl::testing::base::value::{Question, Value};
use ssprctl::testing::catalog::no_effect::NoEffectReason;
use ssprctl::testing::catalog::setting::Setting;
use ssprctl::testing::catalog::{self};
use ssprctl::testing::engine::result::TenantResult;
use ssprctl::testing::person::answer::AnswerReason;
use ssprctl::testing::person::forecast::ForecastCounts;
use ssprctl::testing::person::state::LossReason;
use ssprctl::testing::plan::change::{Change, Plan, Step, UnknownSetting};
use ssprctl::testing::plan::effective::EffectiveSetting;
use ssprctl::testing::policy::document::Method;
use ssprctl::testing::review::approve::Review;
use ssprctl::testing::review::impact::{Impact, ImpactResult, LostReset};
use ssprctl::testing::review::losses::Losses;
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::facts::{SynchronisedPeople, UnreadFact};
use ssprctl::testing::tenant::surface::{Decider, Service, Surface};

pub(crate) use applies::applies;
pub(crate) use drift::{drifting, driftings};
pub(crate) use exceptions::{checked, exceptions, silenced, waived};
pub(crate) use reports::{no_reports, shown};

pub(crate) type Outcomes<T> = Result<T, Box<dyn Error>>;

pub(crate) const GROUP: &str = "b6cdb9c3-d660-4558-bcfd-82c14a986b56";
const TENANT: &str = "11111111-2222-4333-8444-555555555555";
const REQUEST: &str = "0f0f0f0f-1111-4222-8333-444444444444";

const POLICY: &str = "version: 1
tenant: contoso.onmicrosoft.com
extends: baseline.yaml
scope:
  users: selected
  group: SSPR-Pilot
methods:
  required: 2
  allowed: [email, mobileAppCode, mobilePhone]
securityQuestions:
  toRegister: 5
  questions:
    - custom: What is your badge number?
helpdesk:
  link: https://help.contoso.com/password
notifications:
  users: true
";
const BASELINE: &str = "version: 1
kind: baseline
notifications:
  administrators: true
registration:
  reconfirmAfterDays: 180
";

/// The words that a tenant or a file brings in; every one of them may be hostile.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) tenant: String,
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Words {
    pub(crate) fn plain() -> Self {
        Self {
            tenant: "contoso.onmicrosoft.com".into(),
            path: "policies/contoso.yaml".into(),
            text: "SSPR-Pilot".into(),
        }
    }
}

pub(crate) fn setting(name: &str) -> Outcomes<&'static Setting> {
    catalog::find(name).ok_or_else(|| format!("no setting {name}").into())
}

fn words(list: &[&str]) -> Value {
    Value::Set(list.iter().map(|word| (*word).to_owned()).collect())
}

fn questions(list: &[Question]) -> Value {
    Value::Questions(list.iter().cloned().collect::<BTreeSet<_>>())
}

fn place(source: &Arc<Source>, needle: &str) -> Place {
    let start = source.text.find(needle).unwrap_or_default();
    Place::new(source, start, start + needle.len())
}

pub(crate) fn request() -> Outcomes<RequestId> {
    Ok(REQUEST.parse()?)
}

/// Every kind of error.
pub(crate) fn kinds() -> Vec<TenantErrorKind> {
    vec![
        TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)),
        TenantErrorKind::NoAccess(MissingAccess::WrongTenant(Service::Graph)),
        TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)),
        TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal)),
        TenantErrorKind::NoAccess(MissingAccess::Licence),
        TenantErrorKind::NoAccess(MissingAccess::UnknownShape(Service::Portal)),
        TenantErrorKind::Refused,
        TenantErrorKind::NotFound,
        TenantErrorKind::Unavailable,
        TenantErrorKind::OutcomeUnknown,
        TenantErrorKind::UnexpectedResponse,
    ]
}

pub(crate) fn error_of(words: &Words) -> Outcomes<TenantError> {
    let error = TenantError::new(
        TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal)),
        format!("the Entra portal API refuses to read passwordReset of {}", words.text),
    );
    Ok(error.hint(format!("give {} the role Authentication Policy Administrator", words.text)).request(request()?))
}

fn sources(words: &Words) -> (Arc<Source>, Arc<Source>) {
    let policy = Source::new(words.path.clone(), POLICY);
    (Arc::new(policy), Arc::new(Source::new("policies/baseline.yaml", BASELINE)))
}

fn change(name: &str, before: Value, after: Value, place: Place) -> Outcomes<Change> {
    Ok(Change { setting: setting(name)?, before, after, place })
}

/// Changes of every kind of value, in three requests of which the last waits for the second.
fn steps(words_in: &Words) -> Outcomes<Vec<Step>> {
    let (policy, baseline) = sources(words_in);
    let text = || words_in.text.clone();
    let predefined = Question::Predefined("What was the name of your first pet?".into());
    let main = vec![
        change("scope.users", Value::Text("none".into()), Value::Text("selected".into()), place(&policy, "selected"))?,
        change("scope.group", Value::Unset, Value::Group(GROUP.parse()?), place(&policy, "SSPR-Pilot"))?,
        change("methods.required", Value::Number(1), Value::Number(2), place(&policy, "2\n"))?,
        change(
            "methods.allowed",
            words(&["email", "mobilePhone", "officePhone"]),
            words(&["email", "mobileAppCode", "mobilePhone"]),
            place(&policy, "[email"),
        )?,
        change(
            "securityQuestions.questions",
            questions(&[predefined.clone(), Question::Custom(text())]),
            questions(&[predefined, Question::Custom(format!("{} again?", text()))]),
            place(&policy, "- custom"),
        )?,
        change("helpdesk.link", Value::Unset, Value::Text(text()), place(&policy, "https:"))?,
        change("notifications.administrators", Value::Bool(false), Value::Bool(true), place(&baseline, "true"))?,
    ];
    let on = |name| change(name, Value::Bool(false), Value::Bool(true), place(&policy, "true"));
    let step = |surface, changes, waits_for| Step { surface, body: Document::default(), changes, waits_for };
    Ok(vec![
        step(Surface::PasswordReset, main, vec![]),
        step(Surface::OnPremisesPasswordReset, vec![on("writeback.passwords")?], vec![]),
        step(Surface::OnPremisesPasswordReset, vec![on("writeback.unlockWithoutReset")?], vec![1]),
    ])
}

fn actual(steps: &[Step]) -> BTreeMap<&'static str, Value> {
    let mut live: BTreeMap<_, _> =
        steps.iter().flat_map(|step| &step.changes).map(|c| (c.setting.name, c.before.clone())).collect();
    live.insert("securityQuestions.toRegister", Value::Number(5));
    live.insert("registration.reconfirmAfterDays", Value::Number(180));
    live.insert("notifications.users", Value::Bool(true));
    live.insert("registration.requiredAtSignIn", Value::Bool(true));
    live
}

/// Settings that act as written, that act otherwise, and that do nothing.
fn effects(words: &Words) -> Outcomes<Vec<EffectiveSetting>> {
    let effect = |name, value, origin, idle| {
        let setting = setting(name)?;
        Ok(EffectiveSetting { setting, value, decider: origin, no_effect: idle, needed_by_administrators: None })
    };
    let allowed = Value::Set(BTreeSet::from(["email".to_owned(), "mobileAppCode".to_owned()]));
    [
        effect("methods.allowed", allowed, Decider::Either, None),
        effect("securityQuestions.toRegister", Value::Number(5), Decider::Legacy, Some(NoEffectReason::NoQuestions)),
        effect(
            "registration.reconfirmAfterDays",
            Value::Number(180),
            Decider::Legacy,
            Some(NoEffectReason::RegistrationNotRequired),
        ),
        effect("scope.administrators", Value::Bool(true), Decider::Administrators, None),
        effect("helpdesk.link", Value::Text(words.text.clone()), Decider::Legacy, None),
        effect("writeback.passwords", Value::Bool(true), Decider::OnPremises, Some(NoEffectReason::NoClient)),
    ]
    .into_iter()
    .collect()
}

/// Every number another one.
fn impact() -> Outcomes<Impact> {
    Ok(Impact {
        people: 4_867,
        now: 2_101,
        then: 1_804,
        gain: 12,
        lose: 309,
        lost: LostReset {
            reasons: [(LossReason { why: AnswerReason::NothingAllowed, methods: [Method::MobilePhone].into() }, 300)]
                .into(),
            without_plan: 8,
            perhaps_without_plan: 1,
            administrators: [(LossReason { why: AnswerReason::MethodsMissing, methods: [].into() }, 3)].into(),
        },
        short: 298,
        unregistered: 41,
        unclear: 7,
        at_risk: 4,
        administrators_lose: 3,
        administrators_enabled: 2,
        administrators_unclear: 1,
        administrators_reasons: [(AnswerReason::AppOnceOrTwice, 1)].into(),
        synchronised: SynchronisedPeople {
            people: 21,
            cannot: 20,
            unclear: 1,
            why: "their password is on premises, and writeback is off",
        },
        external: 6,
        at: Some(jiff::civil::date(2026, 11, 22)),
        by_date_alone: false,
        not_counted: [].into(),
        reasons: [(AnswerReason::NotInReport, 5), (AnswerReason::MethodNotKnown, 2)].into(),
        unread: Vec::new(),
        forecast: ForecastCounts::default(),
        grouped: None,
        losses: Losses {
            sure: 2_112,
            able: 2_101,
            losing: 312,
            reasons: [(LossReason { why: AnswerReason::NothingAllowed, methods: [Method::MobilePhone].into() }, 312)]
                .into(),
            unclear: 8,
            ..Losses::default()
        },
        refreshed: Some(("2026-11-21T22:10:00Z".parse()?, "2026-11-22T00:47:00Z".parse()?)),
    })
}

fn plan(words: &Words, steps: Vec<Step>) -> Outcomes<Plan> {
    let (policy, _) = sources(words);
    let unchanged = ["securityQuestions.toRegister", "registration.reconfirmAfterDays", "notifications.users"];
    Ok(Plan {
        tenant: TenantName::parse(&words.tenant),
        tenant_id: TENANT.parse::<TenantId>()?,
        cloud: Cloud::Global,
        source: policy,
        files: Vec::new(),
        taken: "2026-11-02T09:30:00Z".parse()?,
        actual: actual(&steps),
        ended: Vec::new(),
        effects_now: Vec::new(),
        effects: effects(words)?,
        unread: Vec::new(),
        steps,
        seen: BTreeMap::new(),
        unchanged: unchanged.into_iter().map(setting).collect::<Outcomes<_>>()?,
        unmanaged: vec![setting("registration.requiredAtSignIn")?, setting("scope.administrators")?],
        skipped: Vec::new(),
        unknown: Vec::new(),
        new_keys: Vec::new(),
        rolled_back: std::collections::BTreeSet::new(),
        group_names: BTreeMap::from([(GROUP.parse::<ObjectId>()?, words.text.clone())]),
    })
}

fn warning(words: &Words) -> Finding {
    let (policy, baseline) = sources(words);
    Finding::warning("sms-voice-retirement", format!("methods.allowed has `mobilePhone`, says {}", words.text))
        .at(place(&policy, "mobilePhone"), words.text.clone())
        .also(place(&baseline, "baseline"), format!("extended by {}", words.text))
        .also(place(&baseline, "180"), "")
        .hint("allow `mobileAppCode` and email, or waive the rule with a reason and an expiry")
}

fn error(words: &Words) -> Finding {
    let (policy, _) = sources(words);
    Finding::error("group-not-found", format!("the tenant has no group called `{}`", words.text))
        .at(place(&policy, "SSPR-Pilot"), "no such group")
        .hint(format!("create {} first, or correct its name", words.text))
}

pub(crate) fn findings(words: &Words) -> Vec<Finding> {
    vec![Finding::warning("empty-folder", "no file names a tenant"), error(words), warning(words)]
}

/// A review with changes and a warning.
pub(crate) fn changing(words: &Words) -> Outcomes<Review> {
    let mut review = Review::new(plan(words, steps(words)?)?, vec![warning(words)]);
    (review.waived, review.silenced) = (waived(words), silenced(words));
    review.impact = Some(ImpactResult::Counted(Box::new(impact()?)));
    Ok(review)
}

/// A review that nobody may approve: an error, and a setting that is unknown.
pub(crate) fn barred(words: &Words) -> Outcomes<Review> {
    let (policy, _) = sources(words);
    let mut plan = plan(words, steps(words)?.into_iter().take(1).collect())?;
    plan.unread.push(UnreadFact { what: "the tenant's licences", why: error_of(words)? });
    plan.unknown.push(UnknownSetting {
        setting: setting("scope.administrators")?,
        place: place(&policy, "users: selected"),
        why: error_of(words)?,
    });
    let mut review = Review::new(plan, vec![error(words)]);
    review.impact = Some(ImpactResult::Unknown(error_of(words)?));
    Ok(review)
}

/// A review with nothing to report.
pub(crate) fn matching(words: &Words) -> Outcomes<Review> {
    Ok(Review::new(plan(words, Vec::new())?, Vec::new()))
}

/// A review that changes one link.
pub(crate) fn linking(words: &Words, link: &str) -> Outcomes<Review> {
    let (policy, _) = sources(words);
    let after = Value::Text(link.to_owned());
    let changes = vec![change("helpdesk.link", Value::Unset, after, place(&policy, "https:"))?];
    let step = Step { surface: Surface::PasswordReset, body: Document::default(), changes, waits_for: Vec::new() };
    Ok(Review::new(plan(words, vec![step])?, Vec::new()))
}

pub(crate) fn tenant<T>(words: &Words, result: Result<T, TenantError>) -> TenantResult<T> {
    TenantResult { tenant: words.tenant.clone(), path: words.path.clone(), result }
}

/// One tenant of each sort; two of them change alike.
pub(crate) fn reviews(words: &Words) -> Outcomes<Vec<TenantResult<Review>>> {
    let named = |name: &str| Words {
        tenant: format!("{name}.{}", words.tenant),
        path: format!("policies/{name}/{}", words.path),
        text: words.text.clone(),
    };
    let link = format!("https://help.example.com/{}", words.text);
    Ok(vec![
        tenant(words, Ok(changing(words)?)),
        tenant(&named("fabrikam"), Ok(linking(&named("fabrikam"), &link)?)),
        tenant(&named("adatum"), Ok(matching(&named("adatum"))?)),
        tenant(&named("northwind"), Ok(linking(&named("northwind"), &link)?)),
        tenant(&named("tailspin"), Err(error_of(words)?)),
        tenant(&named("wingtip"), Ok(barred(&named("wingtip"))?)),
    ])
}

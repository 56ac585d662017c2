//! Whether the steps of an advice take the reset from nobody, played one after the other in made-up tenants.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::base::ids::ObjectId;
use crate::base::source::Source;
use crate::catalog::desired::Desired;
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::person::answer::Answer;
use crate::person::census::Census;
use crate::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::person::registered::every_name;
use crate::person::state::Moment;
use crate::plan::build::build;
use crate::policy::Policy;
use crate::review::advice::steps::StepKind;
use crate::review::advice::{Advice, AdvisedPolicy, advise, states};
use crate::review::config::ReviewConfig;
use crate::review::dice::Dice;
use crate::tenant::account::{AccountHome, UserAccount};
use crate::tenant::authentication_methods::{into_entries, migration};
use crate::tenant::document::Document;
use crate::tenant::facts::{Licence, Migration, ResetLicence, TenantFacts};
use crate::tenant::registration::UserRegistrationDetails;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

type TestResult = Result<(), Box<dyn Error>>;

const UNTOUCHED: &str = include_str!("../../../tests/contract/get-untouched-2026-05.json");
const TODAY: Date = date(2026, 11, 27);
const TENANTS: u64 = 12;
const PEOPLE: u64 = 40;

const fn id(number: u64) -> ObjectId {
    ObjectId(Uuid::from_u128(number as u128))
}

/// A made-up tenant with its people.
struct MadeUpTenant {
    snapshot: Snapshot,
    desired: Desired,
    situation: TenantSituation,
    people: Vec<(UserAccount, UserRegistrationDetails)>,
}

fn made_up(number: u64) -> Result<MadeUpTenant, Box<dyn Error>> {
    let dice = &mut Dice(number.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 14);
    let mut reset = Document::parse(UNTOUCHED)?;
    for key in ["emailOptionEnabled", "mobilePhoneOptionEnabled", "officePhoneOptionEnabled", "mobileAppCodeEnabled"] {
        reset = reset.with(key, &dice.chance(50).into());
    }
    let group = dice.chance(25);
    let required = 1 + dice.below(2);
    reset = reset
        .with("securityQuestionsOptionEnabled", &dice.chance(20).into())
        .with("mobileAppNotificationEnabled", &(required == 2 && dice.chance(40)).into())
        .with("numberOfAuthenticationMethodsRequired", &required.into())
        .with("enablementType", &(if group { 1 } else { 2 }).into())
        .with("passwordResetEnabledGroupIds", &if group { json!([id(10).to_string()]) } else { json!([]) });
    let state = ["migrationComplete", "migrationComplete", "migrationInProgress", "preMigration"];
    let state = state.get(usize::try_from(dice.below(4))?).ok_or("no state")?;
    let configurations = ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "HardwareOath"];
    let configurations: Vec<Json> = configurations
        .into_iter()
        .map(|name| {
            let target = match dice.below(4) {
                0 => json!([{ "targetType": "group", "id": id(10 + dice.below(3)).to_string() }]),
                _ => json!([{ "targetType": "group", "id": "all_users" }]),
            };
            let excluded =
                if dice.chance(15) { json!([{ "targetType": "group", "id": id(11).to_string() }]) } else { json!([]) };
            json!({
                "@odata.type": "#microsoft.graph.authenticationMethodConfiguration", "id": name,
                "state": if dice.chance(50) { "enabled" } else { "disabled" }, "includeTargets": target,
                "excludeTargets": excluded, "isOfficePhoneAllowed": dice.chance(50),
                "isSoftwareOathEnabled": dice.chance(60),
            })
        })
        .collect();
    let converged = json!({ "policyMigrationState": state, "authenticationMethodConfigurations": configurations });
    let converged = into_entries(&Document::parse(&converged.to_string())?)?;
    let mut groups = GroupMemberships::default();
    for group in 10..13 {
        groups.insert(id(group), Some((100..100 + PEOPLE).filter(|_| dice.chance(50)).map(id).collect()));
    }
    let licence = Licence { reset: ResetLicence::Permits, writeback: true };
    let facts =
        TenantFacts { licence: Some(licence), migration: Some(migration(&converged)?), ..TenantFacts::default() };
    let documents = [
        (Surface::PasswordReset, reset),
        (Surface::AuthenticationMethods, converged),
        (Surface::AuthorizationPolicy, Document::parse(r#"{"allowedToUseSSPR":true}"#)?),
    ];
    let snapshot = Snapshot {
        taken: "2026-11-27T12:00:00Z".parse()?,
        tenant: "11111111-2222-4333-8444-555555555555".parse()?,
        identities: BTreeMap::new(),
        documents: documents.into_iter().map(|(surface, document)| (surface, Ok(document))).collect(),
        groups: BTreeMap::new(),
        facts,
    };
    // Now and then the policy says more than methods, such as another scope.
    let scope =
        if dice.chance(30) { json!({ "users": if dice.chance(50) { "all" } else { "none" } }) } else { json!({}) };
    let document = json!({ "version": 1, "tenant": "contoso.onmicrosoft.com", "scope": scope });
    let policy = Policy::without_places(
        Arc::new(Source::new("", "")),
        "contoso.onmicrosoft.com",
        serde_json::from_value(document)?,
    );
    let situation = TenantSituation {
        licence: Some(licence),
        synchronised: Some(false),
        writeback_running: None,
        needed_by_administrators: (2, 2),
        groups,
        calendar: TenantCalendar::default(),
        today: TODAY,
    };
    let people = (100..100 + PEOPLE).map(|person| made_up_person(dice, person)).collect();
    Ok(MadeUpTenant { snapshot, desired: Desired::from_policy(&policy), situation, people })
}

fn made_up_person(dice: &mut Dice, person: u64) -> (UserAccount, UserRegistrationDetails) {
    let methods = every_name().filter(|_| dice.chance(30)).map(|(_, name)| name).collect();
    let report = UserRegistrationDetails {
        id: id(person),
        member: true,
        administrator: dice.chance(10),
        methods,
        enabled: true,
        capable: true,
        refreshed: None,
    };
    (UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: false }, report)
}

impl MadeUpTenant {
    fn advice(&self) -> Result<Advice, Box<dyn Error>> {
        let config = ReviewConfig::new(TODAY);
        let mut census = Census::new(&states(&self.desired, &self.snapshot, &config)?);
        for (account, report) in &self.people {
            let person = PersonFacts { id: report.id, account: Some(*account), report: Some(report), roles: None };
            census.add(&self.situation.groups, &person);
        }
        Ok(advise(&self.desired, &self.snapshot, &config, &census, &self.situation)?)
    }
}

/// A tenant while the steps of an advice are taken.
struct Walk<'a> {
    tenant: &'a MadeUpTenant,
    people: Vec<(UserAccount, UserRegistrationDetails)>,
    dates: &'a [Date],
    /// How many dates have passed.
    passed: usize,
    state: PolicyState,
}

impl Walk<'_> {
    fn can(
        &self,
        policy: &PolicyState,
        passed: usize,
        (account, report): &(UserAccount, UserRegistrationDetails),
    ) -> bool {
        let person = PersonFacts { id: report.id, account: Some(*account), report: Some(report), roles: None };
        let at = self.dates.get(passed).copied().unwrap_or(TODAY);
        Moment { policy, at, read: None }.answer(&self.tenant.situation, &person) == Answer::Yes
    }

    /// Moves on to another policy or date. Whoever would lose the reset by it registers first, with methods that are allowed
    /// now, so that they have it until the end. Returns how many that are.
    fn go(&mut self, next: &PolicyState, passed: usize, allowed: &[String], end: &PolicyState) -> Result<u64, String> {
        let mut registered = 0;
        for index in 0..self.people.len() {
            let Some(person) = self.people.get(index).cloned() else { continue };
            if !self.can(&self.state, self.passed, &person) || self.can(next, passed, &person) {
                continue;
            }
            registered += 1;
            let holds = |more: &[&String]| {
                let (account, mut report) = person.clone();
                report.methods.extend(more.iter().copied().cloned());
                let person = (account, report);
                let later = (passed..self.dates.len()).all(|at| self.can(end, at, &person));
                (later && self.can(next, passed, &person)).then_some(person)
            };
            let has_role = person.1.administrator;
            let names: Vec<String> =
                every_name().map(|(_, name)| name).filter(|name| has_role || allowed.contains(name)).collect();
            let pairs = names.iter().flat_map(|one| names.iter().map(move |two| [one, two]));
            let found = pairs.filter_map(|pair| holds(&pair)).next();
            let found = found.ok_or_else(|| format!("{:?} cannot register: {names:?}", person.1.methods))?;
            if let Some(known) = self.people.get_mut(index) {
                *known = found;
            }
        }
        (self.state, self.passed) = (next.clone(), passed);
        Ok(registered)
    }
}

/// Takes the steps of an option, each on the tenant as the step before has left it, some of them after dates have passed.
fn play(tenant: &MadeUpTenant, advice: &Advice, option: &AdvisedPolicy, dice: &mut Dice) -> TestResult {
    let policy = if advice.lost_by_policy > 0 { tenant.desired.without_people() } else { tenant.desired.clone() };
    let mut snapshot = tenant.snapshot.clone();
    let live = PolicyState::of(|surface| snapshot.document(surface).ok());
    let mut walk = Walk { tenant, people: tenant.people.clone(), dates: &advice.dates, passed: 0, state: live };
    let Some(last) = option.order.steps.last() else { return Ok(()) };
    let end = last.policy.state.clone();
    let mut allowed = advice.today.choice.allowed.clone();
    let mut awaited = 0;
    let mut steps = option.order.steps.iter().skip(1).peekable();
    while let Some(step) = steps.next() {
        let choice = &step.policy.choice;
        let desired = match step.kind {
            StepKind::Apply => policy.clone(),
            StepKind::Announce | StepKind::Register | StepKind::Switch | StepKind::Remove => {
                policy.with_methods(&choice.allowed, choice.required, step.policy.converged)
            }
        };
        let (plan, _) = build(&desired, &snapshot);
        for (surface, document) in plan.documents_after() {
            snapshot.documents.insert(surface, Ok(document));
        }
        let next = PolicyState::of(|surface| snapshot.document(surface).ok());
        assert!(next == step.policy.state, "{}", step.kind.word());
        let names = |allowed: &BTreeSet<_>| -> Vec<String> {
            every_name().filter(|(method, _)| allowed.contains(method)).map(|(_, name)| name).collect()
        };
        let registered = walk.go(&next, walk.passed, &names(&allowed), &end)?;
        assert!(registered <= step.waits_for.all(), "{}: {registered} {:?}", step.kind.word(), step.waits_for);
        awaited += registered;
        allowed.clone_from(&choice.allowed);
        // After the last step every date passes.
        let until =
            if steps.peek().is_none() { advice.dates.len() - 1 } else { walk.passed + usize::from(dice.chance(40)) };
        for passed in walk.passed + 1..=until.min(advice.dates.len() - 1) {
            let registered = walk.go(&next, passed, &names(&allowed), &end)?;
            let at = advice.dates.get(passed).ok_or("no date")?;
            let known = option.order.dates.get(at).copied().unwrap_or_default();
            assert!(registered <= known.all(), "{at}: {registered} {known:?}");
            awaited += registered;
        }
    }
    assert!(awaited <= option.order.register.all(), "{awaited} {:?}", option.order.register);
    Ok(())
}

#[test]
fn the_steps_of_an_advice_lock_out_nobody_who_can_reset() -> TestResult {
    let (mut options, mut steps, mut waits) = (0, BTreeMap::new(), 0);
    for number in 0..TENANTS {
        let tenant = made_up(number)?;
        let advice = tenant.advice()?;
        let before_migration = tenant.snapshot.facts.migration == Some(Migration::PreMigration);
        for option in &advice.options {
            // No document says what a write of the legacy switches still does.
            assert!(!before_migration || option.policy.choice.allowed == advice.today.choice.allowed, "{number}");
            options += 1;
            waits += option.order.register.all();
            option.order.steps.iter().for_each(|step| *steps.entry(step.kind.word()).or_insert(0) += 1);
            for round in 0..2 {
                let played = play(&tenant, &advice, option, &mut Dice(number * 10 + round));
                played.map_err(|error| format!("tenant {number}, {:?}: {error}", option.policy.choice))?;
            }
        }
    }
    // The tenants are made up so that every kind of step has somebody to wait for.
    let kinds = ["announce", "register", "switch", "remove"];
    assert!(kinds.iter().all(|kind| steps.contains_key(kind)), "{steps:?}");
    assert!(options > TENANTS && waits > options, "{options} {steps:?} {waits}");
    Ok(())
}

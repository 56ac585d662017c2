//! The model of one person reads the same effective methods out of a tenant's documents as `show`.

use std::collections::BTreeSet;

use entra_sandbox::Migration;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::catalog::tenant_calendar::TenantCalendar;
use ssprctl::testing::person::answer::Answer;
use ssprctl::testing::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use ssprctl::testing::person::policy_state::{PolicyState, ResetScope, TargetPeople};
use ssprctl::testing::person::state::Moment;
use ssprctl::testing::plan::actual::allowed_methods;
use ssprctl::testing::tenant::account::{AccountHome, UserAccount};
use ssprctl::testing::tenant::facts::{Licence, ResetLicence};
use ssprctl::testing::tenant::registration::UserRegistrationDetails;
use uuid::Uuid;

use crate::harness::{CONTOSO, Harness, TestResult};

/// Each method of policies, and what the registration report calls it.
const METHODS: [(&str, &str); 6] = [
    ("mobileAppNotification", "microsoftAuthenticatorPush"),
    ("mobileAppCode", "softwareOneTimePasscode"),
    ("email", "email"),
    ("mobilePhone", "mobilePhone"),
    ("officePhone", "officePhone"),
    ("securityQuestions", "securityQuestion"),
];
const CONFIGURATIONS: [&str; 5] = ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath"];
const LEGACY: [&str; 4] = [
    "email,mobilePhone",
    "mobileAppNotification,mobileAppCode,officePhone",
    "email,securityQuestions",
    "mobileAppCode,email,mobilePhone",
];

/// As many as people have to register in a new tenant.
const QUESTIONS: &str =
    r#"[{"custom":"First?"},{"custom":"Second?"},{"custom":"Third?"},{"custom":"Fourth?"},{"custom":"Fifth?"}]"#;

/// The answer for somebody who has registered these, in a tenant of which everything else is known.
fn answer(policy: &PolicyState, required: u32, registered: &[&str]) -> Answer {
    let id = ObjectId(Uuid::from_u128(1));
    let today = jiff::civil::date(2026, 11, 22);
    let tenant = TenantSituation {
        licence: Some(Licence { reset: ResetLicence::Permits, writeback: true }),
        synchronised: Some(false),
        writeback_running: None,
        needed_by_administrators: (2, 2),
        groups: GroupMemberships::default(),
        calendar: TenantCalendar::of(Cloud::Global),
        today,
    };
    let report = UserRegistrationDetails {
        id,
        member: true,
        administrator: false,
        methods: registered.iter().map(|name| (*name).to_owned()).collect(),
        enabled: true,
        capable: false,
        refreshed: None,
    };
    let account = Some(UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: false });
    let policy = PolicyState { scope: Some(ResetScope::Everybody), required: Some(required), ..policy.clone() };
    let person = PersonFacts { id, account, report: Some(&report), roles: None };
    Moment { policy: &policy, at: today, read: None }.answer(&tenant, &person)
}

/// Why somebody may be unclear although every target is everybody.
fn is_open(answer: &Answer, state: Migration) -> bool {
    match answer {
        Answer::Unclear(reasons) => reasons.iter().all(|reason| match reason.code() {
            "code-app-not-known" => true,
            "legacy-not-managed" => state == Migration::PreMigration,
            _ => false,
        }),
        Answer::Yes | Answer::No(_) => false,
    }
}

/// Somebody with one method where one is required, and with each two where two are, can reset exactly where `show` has these
/// methods as effective.
#[tokio::test]
async fn where_everybody_is_a_target_the_model_allows_what_show_says() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, "securityQuestions.questions", QUESTIONS)?;
    let (mut certain, mut open) = (0, 0);
    for state in [Migration::PreMigration, Migration::MigrationInProgress, Migration::MigrationComplete] {
        harness.world.migrate(CONTOSO, Some(state))?;
        for bits in 0..32_usize {
            // In a migrated tenant this also sets the switches for office phones and codes.
            harness.set(CONTOSO, "methods.allowed", LEGACY[(bits ^ bits >> 2) % LEGACY.len()])?;
            for (index, configuration) in CONFIGURATIONS.iter().enumerate() {
                let state = if bits >> index & 1 == 1 { "enabled" } else { "disabled" };
                harness.set(CONTOSO, &format!("authenticationMethods.{configuration}.state"), state)?;
            }
            let snapshot = harness.snapshot(CONTOSO).await?;
            let mut effective = allowed_methods(&snapshot).map_err(|error| error.message)?;
            let policy = PolicyState::of(|surface| snapshot.documents.get(&surface)?.as_ref().ok());
            everybody_is_a_target(&policy)?;
            // The setting has calls to offices alone, so that a policy can ask for them alone; calls go to mobile phones, too.
            if state != Migration::PreMigration && calls_offices(&policy) {
                effective.insert("mobilePhone".to_owned());
            }
            for (required, words, registered) in groups_of_methods() {
                let answer = answer(&policy, required, &registered);
                let expected = words.iter().all(|word| effective.contains(*word));
                match answer.known() {
                    Some(known) => {
                        assert_eq!(known, expected, "{state:?} {bits:05b} {words:?} {effective:?} {answer:?}")
                    }
                    None => assert!(is_open(&answer, state), "{state:?} {bits:05b} {words:?} {effective:?} {answer:?}"),
                }
                certain += u32::from(answer.known().is_some());
                open += u32::from(answer.known().is_none());
            }
        }
    }
    assert_eq!((certain, open), (1_582, 242));
    Ok(())
}

/// A notification alone where one method is required, and notification and code as two, have rules of their own.
fn groups_of_methods() -> Vec<(u32, Vec<&'static str>, Vec<&'static str>)> {
    let mut groups = Vec::new();
    for (first, (word, name)) in METHODS.into_iter().enumerate() {
        if word != "mobileAppNotification" {
            groups.push((1, vec![word], vec![name]));
        }
        for (other, other_name) in METHODS.into_iter().skip(first + 1) {
            if (word, other) != ("mobileAppNotification", "mobileAppCode") {
                groups.push((2, vec![word, other], vec![name, other_name]));
            }
        }
    }
    groups
}

fn calls_offices(policy: &PolicyState) -> bool {
    let voice = policy.converged.as_ref().and_then(|converged| converged.configurations.get("Voice"));
    voice.is_some_and(|voice| voice.on == Some(true) && voice.office_phone)
}

fn everybody_is_a_target(policy: &PolicyState) -> TestResult {
    let converged = policy.converged.as_ref().ok_or("the authentication methods policy was not read")?;
    let read: BTreeSet<_> = converged.configurations.keys().copied().collect();
    assert!(CONFIGURATIONS.iter().all(|id| read.contains(id)), "{read:?}");
    for (id, targets) in &converged.configurations {
        let include = targets.include.as_ref().ok_or("the targets were not read")?;
        assert!(include.iter().all(|target| target.people == TargetPeople::Everybody), "{id}: {include:?}");
        assert!(!include.is_empty() && targets.exclude.as_ref().is_some_and(Vec::is_empty), "{id}: {targets:?}");
    }
    Ok(())
}

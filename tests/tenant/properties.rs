//! Laws that hold for any policy and any state of the tenant.

use entra_sandbox::Person;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use ssprctl::testing::apply::outcome::StepResult;

use crate::harness::{ADATUM, FABRIKAM, Harness, TestResult, errors, policy, wanted};

/// Some settings, each maybe managed, each with some allowed value.
fn sections() -> impl Strategy<Value = String> {
    let switch = || prop::option::of(any::<bool>());
    let scope = prop::sample::select(vec!["", "users: none", "users: all", "users: selected, group: SSPR Users"]);
    let methods = prop::sample::select(vec![
        "",
        "required: 1, allowed: [email, mobilePhone]",
        "required: 2, allowed: [email, mobilePhone, officePhone]",
        "required: 2, allowed: [mobileAppCode, mobileAppNotification, email, officePhone]",
        "allowed: [email, officePhone, mobilePhone]",
    ]);
    let link =
        prop::sample::select(vec!["", "link: none", "link: https://help.fabrikam.com", "link: a.b@fabrikam.com"]);
    let registration = (switch(), prop::option::of(0_u32..=730));
    (scope, switch(), methods, link, registration, switch(), switch(), switch(), switch()).prop_map(
        |(scope, administrators, methods, link, (required, days), users, admins, passwords, unlock)| {
            let key = |name: &str, value: Option<String>| value.map(|value| format!("{name}: {value}"));
            let text = |value: Option<bool>| value.map(|on| on.to_string());
            let some = |part: &str| (!part.is_empty()).then(|| part.to_owned());
            let lists = [
                ("scope", vec![some(scope), key("administrators", text(administrators))]),
                ("methods", vec![some(methods)]),
                (
                    "registration",
                    vec![
                        key("requiredAtSignIn", text(required)),
                        key("reconfirmAfterDays", days.map(|d| d.to_string())),
                    ],
                ),
                ("notifications", vec![key("users", text(users)), key("administrators", text(admins))]),
                ("helpdesk", vec![some(link)]),
                ("writeback", vec![key("passwords", text(passwords)), key("unlockWithoutReset", text(unlock))]),
            ];
            let written = lists.into_iter().filter_map(|(section, keys)| {
                let keys: Vec<_> = keys.into_iter().flatten().collect();
                (!keys.is_empty()).then(|| format!("{section}: {{ {} }}\n", keys.join(", ")))
            });
            written.collect::<String>()
        },
    )
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn on_runtime(work: impl Future<Output = TestResult>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| TestCaseError::fail(error.to_string()))?;
    runtime.block_on(work).map_err(|error| TestCaseError::fail(error.to_string()))
}

#[test]
fn after_an_apply_the_plan_is_empty_and_a_second_apply_sends_nothing() -> TestResult {
    let twice =
        (sections(), sections()).prop_filter("a policy manages something", |(a, b)| !a.is_empty() && !b.is_empty());
    runner(48).run(&twice, |(first, second)| {
        on_runtime(async {
            let harness = Harness::start()?;
            // The first policy makes some state, from which the second one starts.
            for sections in [first, second] {
                let text = policy(FABRIKAM, &sections);
                let unmanaged = unmanaged(&harness, &text).await?;
                harness.apply(&text).await?;
                assert!(harness.review(&text).await?.plan.is_empty(), "{text}");
                let writes = harness.writes().len();
                harness.apply(&text).await?;
                assert_eq!(harness.writes().len(), writes, "{text}");
                assert_eq!(self::unmanaged(&harness, &text).await?, unmanaged, "{text}");
            }
            Ok(())
        })
    })?;
    Ok(())
}

/// What an apply did, a rollback takes back to the byte, whatever the tenant was before; and the other way round.
#[test]
fn a_rollback_after_an_apply_is_as_if_nothing_had_been() -> TestResult {
    let tenants = prop::sample::select(vec![FABRIKAM, ADATUM]);
    let cases = (tenants, sections(), sections())
        .prop_filter("a policy manages something", |(_, a, b)| !a.is_empty() && !b.is_empty());
    runner(32).run(&cases, |(tenant, first, second)| {
        on_runtime(async {
            let harness = Harness::start()?;
            let [first, second] = [first, second].map(|sections| policy(tenant, &sections));
            if !errors(&wanted(&first)?).is_empty() || harness.review(&first).await?.refusal().is_some() {
                return Ok(());
            }
            harness.apply(&first).await?;
            let before = harness.world.show(tenant)?;
            let review = harness.review(&second).await?;
            if review.refusal().is_some() || review.plan.steps.is_empty() {
                return Ok(());
            }
            harness.apply(&second).await?;
            let after = harness.world.show(tenant)?;
            assert!(before != after, "{second}");
            for state in [&before, &after] {
                let back = harness.rollback(tenant).await?;
                assert_eq!((back.findings.len(), back.refusal()), (0, None), "{second}");
                let outcome =
                    harness.apply_as(back, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
                assert!(outcome.steps.iter().all(|done| done.result == StepResult::Verified), "{second}\n{outcome:#?}");
                let now = harness.world.show(tenant)?;
                assert!(untimed(&now) == untimed(state), "{first}{second}{}", difference(state, &now));
            }
            Ok(())
        })
    })?;
    Ok(())
}

/// Without the moment of the last change, which the service itself sets.
fn untimed(shown: &str) -> String {
    shown.lines().filter(|line| !line.contains("lastModifiedDateTime")).collect::<Vec<_>>().join("\n")
}

fn difference(expected: &str, found: &str) -> String {
    similar::TextDiff::from_lines(expected, found).unified_diff().to_string()
}

/// Every key of every document that no managed setting of a policy owns, with its text.
async fn unmanaged(harness: &Harness, text: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let desired = wanted(text)?;
    assert_eq!(errors(&desired), [], "{text}");
    let owned: Vec<_> = desired.settings.iter().flat_map(|desired| desired.setting.keys).copied().collect();
    let snapshot = harness.snapshot(FABRIKAM).await?;
    let mut found = Vec::new();
    for (surface, read) in &snapshot.documents {
        let document = read.as_ref().map_err(|error| error.message.clone())?;
        let keys = document.keys().filter(|key| !owned.contains(key) && !surface.spec().volatile_keys.contains(key));
        found
            .extend(keys.map(|key| format!("{} {key} {}", surface.spec().name, document.raw(key).unwrap_or_default())));
    }
    Ok(found)
}

//! `plan --impact`: the people that a plan touches, without touching the plan.

use entra_sandbox::{Faults, Person};
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, TestResult};

const REPORT: &str = "userRegistrationDetails";

fn without_people(mut document: Value) -> Value {
    if let Some(tenant) = document["tenants"][0].as_object_mut() {
        tenant.remove("people");
        tenant.remove("readAt");
    }
    document
}

#[test]
fn people_are_counted_only_when_asked_and_change_nothing_else() -> TestResult {
    let harness =
        Harness::with("methods: { required: 2 }\nscope: { users: selected, group: SSPR-Pilot }", Faults::none())?;
    let plain = harness.run(&["plan", "--format", "json"])?.json()?;
    assert!(plain["tenants"][0].get("people").is_none() && !harness.was_asked(REPORT), "{plain:#}");
    let asked = harness.run(&["plan", "--format", "json", "--impact"])?.json()?;
    let counts = &asked["tenants"][0]["people"]["counts"];
    assert_eq!((counts["people"].as_u64(), counts["ableNow"].as_u64()), (Some(42), Some(0)), "{asked:#}");
    assert!(counts["oldest"].as_str().is_some_and(|at| at.contains("T00:47")), "{counts:#}");
    assert!(harness.was_asked(REPORT) && harness.was_asked("transitiveMembers"));
    assert_eq!(without_people(asked), without_people(plain));
    assert_eq!(harness.writes(), 0);
    Ok(())
}

/// The numbers before and after are those that the tenant's own report shows before and after.
#[test]
fn what_was_forecast_is_what_the_report_shows_afterwards() -> TestResult {
    let text = "scope: { users: all }\nmethods: { required: 1, allowed: [email, mobilePhone, officePhone, mobileAppCode, securityQuestions] }
securityQuestions: { toRegister: 3, toReset: 3, questions: [{ custom: One at least }, { custom: Two at least }, { custom: Three at least }] }";
    let harness = Harness::with(text, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let policy = harness.folder.path().join("policies/policy.yaml");
    std::fs::write(&policy, std::fs::read_to_string(&policy)?.replace("required: 1", "required: 2"))?;
    let forecast = harness.run(&["plan", "--format", "json", "--impact"])?.json()?;
    let counts = &forecast["tenants"][0]["people"]["counts"];
    let number = |name: &str| counts[name].as_u64().unwrap_or_default();
    assert!(number("lose") > 0 && number("gain") == 0 && number("short") >= number("lose"), "{counts:#}");
    assert_eq!(number("ableNow") - number("lose"), number("ableThen"));
    assert_eq!(harness.apply()?.code, Some(0));
    let shown = harness.run(&["show", "--tenant", CONTOSO, "--registration", "--format", "json"])?.json()?;
    let capable = shown["registration"]["members"]["capable"].as_u64().unwrap_or_default();
    let range = number("ableThen")..=number("ableThen") + number("unclear");
    assert!(range.contains(&capable), "{capable} of {counts:#}");
    Ok(())
}

#[test]
fn what_cannot_be_counted_stops_nobody() -> TestResult {
    let person = Person::lacking(&["AuditLog.Read.All"]);
    let harness = Harness::of(CONTOSO, "methods: { required: 2 }", Faults::none(), &person)?;
    let run = harness.run(&["plan", "--impact"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("unknown: may not read the registration report"), "{run:#?}");
    let nobody = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let run = nobody.run(&["plan", "--impact"])?;
    assert!(run.stdout.contains("nobody: the plan changes neither who may reset nor with what"), "{run:#?}");
    assert!(!nobody.was_asked(REPORT));
    Ok(())
}

/// Whoever asks for people sees them, also in a tenant that the plan does not change.
#[test]
fn a_date_is_forecast_where_nothing_changes() -> TestResult {
    let harness = Harness::with("notifications: { users: true }", Faults::none())?;
    let run = harness.run(&["plan", "--impact", "--as-of", "2027-08-01"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("people, by the registration report"), "{run:#?}");
    assert!(run.stdout.contains("on 2027-08-01, with the policies as they are"), "{run:#?}");
    assert!(run.stdout.ends_with("No changes: the tenant matches the policy.\n"), "{run:#?}");
    Ok(())
}

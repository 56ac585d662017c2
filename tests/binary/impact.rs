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

/// A tenant in which everybody is in scope, and a policy with these sections in place of the one that was applied to it.
fn everybody_then(sections: &str) -> Result<Harness, Box<dyn std::error::Error>> {
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let policy = format!("version: 1\ntenant: {CONTOSO}\n{sections}\n");
    std::fs::write(harness.folder.path().join("policies/policy.yaml"), policy)?;
    Ok(harness)
}

/// A policy that names what the tenant does not have takes the reset from nobody: the numbers are those of the tenant, in the
/// plan, its file of people and the forecast alike.
#[test]
fn half_of_a_policy_is_not_counted() -> TestResult {
    let harness = everybody_then("scope: { users: selected, group: Nope }\nmethods: { required: 2 }")?;
    let forecast = harness.run(&["forecast", "--format", "json"])?.json()?;
    let plan = harness.run(&["plan", "--impact", "--people", "people.csv"])?;
    assert!(
        plan.code == Some(4)
            && plan.stdout.contains(
                "the policy is not counted, as it names something that the tenant does not have: group-not-found"
            )
            && !plan.stdout.contains("nobody is in scope")
            && !plan.stdout.contains("[too-many-losing]"),
        "{plan:#?}"
    );
    let people = std::fs::read_to_string(harness.folder.path().join("people.csv"))?;
    assert!(people.contains("2027-02-01") && !people.contains("onceApplied"), "{people}");
    let json = harness.run(&["plan", "--impact", "--format", "json"])?.json()?;
    let people = &json["tenants"][0]["people"];
    let counts = &people["counts"];
    assert!(
        people.get("touched").is_none() && counts["notCounted"] == serde_json::json!(["group-not-found"]),
        "{people:#}"
    );
    assert!(counts["ableNow"] == counts["ableThen"] && counts["lose"] == 0, "{counts:#}");
    assert_eq!(counts["forecast"], forecast["tenants"][0]["forecast"]);
    Ok(())
}

/// The numbers below "lose it" that have the same words; those of the dates ahead follow them.
fn losing(stdout: &str) -> Result<(u64, Vec<u64>), Box<dyn std::error::Error>> {
    let mut lines = stdout.lines().map(str::trim).skip_while(|line| !line.starts_with("of "));
    let first = lines.next().and_then(|line| line.split(", ").last()).ok_or("nobody is counted")?;
    let number = |line: &str| line.split(' ').next().unwrap_or_default().parse::<u64>();
    let below = lines.take_while(|line| line.contains(" lose it ") || line.contains(" loses it "));
    let below = below.take_while(|line| !line.contains(" it on "));
    Ok((number(first)?, below.map(number).collect::<Result<_, _>>()?))
}

/// The lines below how many lose it add up to that number: whoever loses it by the date alone has a line, and administrators
/// are not among them.
#[test]
fn reasons_add_up_to_those_who_lose_it() -> TestResult {
    let harness = everybody_then("scope: { users: selected, group: SSPR-Pilot, administrators: false }")?;
    let plan = harness.run(&["plan", "--impact"])?;
    let (lose, reasons) = losing(&plan.stdout)?;
    assert!(lose > 0 && lose == reasons.iter().sum::<u64>(), "{plan:#?}");
    let administrators =
        "8 administrators can reset now, and cannot then\n      8 because administrators may not reset\n";
    assert!(plan.stdout.contains(administrators), "{plan:#?}");
    for as_of in ["2027-02-01", "2027-08-01"] {
        let plan = harness.run(&["plan", "--impact", "--as-of", as_of])?;
        let (lose, reasons) = losing(&plan.stdout)?;
        assert!(lose > 0 && lose == reasons.iter().sum::<u64>() && reasons.len() > 1, "{plan:#?}");
        assert!(plan.stdout.contains(" lose it by that date, and would without the plan, too\n"), "{plan:#?}");
    }
    Ok(())
}

/// One person is no plural.
#[test]
fn one_person_has_a_verb_of_their_own() -> TestResult {
    let harness = everybody_then("scope: { users: selected, group: SSPR-Pilot, administrators: false }")?;
    let forecast = harness.run(&["forecast"])?;
    for words in [
        "      1 loses it because the methods",
        "      1 needs one method more, which can be: ",
        ", 9 people are unclear",
    ] {
        assert!(forecast.stdout.contains(words), "{words}: {forecast:#?}");
    }
    for words in [" 1 lose ", " 1 need ", "9 are unclear"] {
        assert!(!forecast.stdout.contains(words), "{words}: {forecast:#?}");
    }
    let far = harness.run(&["forecast", "--as-of", "9999-12-31"])?;
    assert!(far.stderr.contains("write a day from 2000-01-01 to 2099-12-31"), "{far:#?}");
    Ok(())
}

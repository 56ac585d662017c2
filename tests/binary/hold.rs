//! Steps that a policy makes only once enough people are ready for them.

use std::error::Error;
use std::fs;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, portal_user};
use serde_json::{Value, json};

use crate::harness::{CONTOSO, Harness, Run, TestResult};
use crate::readiness::add_days;

/// One method is required, and everybody who has one of them can reset. The emulator's report counts methods also where they
/// are not allowed, so all of them are.
const ONE: &str = "scope: { users: all, administrators: true }
methods: { required: 1, allowed: [email, mobilePhone, officePhone, mobileAppCode, securityQuestions] }
securityQuestions: { toRegister: 3, toReset: 3, questions: [{ custom: One at least }, { custom: Two at least }, { custom: Three at least }] }";
const HELD: &str = "; 1 setting is held until enough people are ready.";

/// The same with two methods, once so many can reset with two.
fn two(able: &str) -> String {
    ONE.replace("required: 1", &format!("required: 2, readiness: {{ able: {able}, reportAge: 3d }}"))
}

fn harness() -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(ONE, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    Ok(harness)
}

fn write(harness: &Harness, sections: &str) -> TestResult {
    let text = format!("version: 1\ntenant: {CONTOSO}\n{sections}\n");
    Ok(fs::write(harness.folder.path().join("policies/policy.yaml"), text)?)
}

fn plan(harness: &Harness) -> Result<(Run, Value), Box<dyn Error>> {
    let run = harness.run(&["plan", "--format", "json"])?;
    let document: Value = serde_json::from_str(&run.stdout)?;
    Ok((run, document["tenants"][0].clone()))
}

/// The share of people, in whole percent, who can reset with two methods.
fn share(harness: &Harness) -> Result<u64, Box<dyn Error>> {
    write(harness, &two("100%"))?;
    let (run, tenant) = plan(harness)?;
    let ready = &tenant["held"][0]["readiness"];
    let number = |key: &str| ready[key].as_u64().ok_or_else(|| format!("no {key}: {run:#?}"));
    let share = 100 * number("able")? / (number("able")? + number("notAble")?);
    assert!((10..90).contains(&share), "{ready}");
    Ok(share)
}

fn required(harness: &Harness) -> Result<Value, Box<dyn Error>> {
    let run = harness.run(&["show", "--tenant", CONTOSO, "--format", "json"])?;
    let document: Value = serde_json::from_str(&run.stdout)?;
    let settings = document["settings"].as_array().ok_or("no settings")?;
    let required = settings.iter().find(|one| one["setting"] == "methods.required");
    Ok(required.ok_or("no methods.required")?["value"].clone())
}

/// Below the share nothing is sent, and every command says so; at it the step is made.
#[test]
fn a_step_is_held_below_its_share_and_made_at_it() -> TestResult {
    let harness = harness()?;
    let share = share(&harness)?;
    let before = required(&harness)?;
    write(&harness, &format!("{}\nhelpdesk: {{ link: https://help.contoso.com }}", two(&format!("{}%", share + 1))))?;
    let (_, tenant) = plan(&harness)?;
    let held = &tenant["held"][0];
    assert_eq!(
        (&held["setting"], &held["why"], &held["able"]),
        (&json!("methods.required"), &json!("not-ready"), &json!(share + 1))
    );
    assert_eq!((held["requests"].as_array().map(Vec::len), &held["reportAge"]), (Some(0), &json!("3d")));
    let others = |key: &str| tenant[key].to_string().contains("methods.required");
    assert!(!others("changes") && !others("unchanged") && !others("unmanaged"), "{tenant:#}");
    let text = harness.run(&["plan"])?;
    assert!(text.stdout.contains("held until enough people are ready\n  ~ methods.required"), "{text:#?}");
    assert!(text.stdout.contains(&format!("and {} % have to; too few days", share + 1)), "{text:#?}");
    assert!(text.stdout.trim_end().ends_with(&format!("in 1 requests{HELD}")), "{text:#?}");
    let annotated = harness.run(&["plan", "--format", "github"])?;
    assert!(
        annotated.stdout.contains("::notice") && annotated.stdout.contains("methods.required of"),
        "{annotated:#?}"
    );
    let comment = harness.run(&["plan", "--format", "markdown"])?;
    assert!(
        comment.stdout.contains("1 to change, 1 held") && comment.stdout.contains("Held until enough"),
        "{comment:#?}"
    );

    let applied = harness.apply()?;
    assert_eq!(applied.code, Some(0), "{applied:#?}");
    assert!(
        applied.stdout.contains("Applied: 1 changed, 1 verified, in 1 requests; 1 setting is held"),
        "{applied:#?}"
    );
    assert_eq!(required(&harness)?, before);
    // Nothing is left but what is held: the tenant is not in sync, and says so.
    let left = harness.run(&["plan", "--detailed-exitcode"])?;
    assert_eq!(left.code, Some(2), "{left:#?}");
    assert!(left.stdout.trim_end().ends_with(&format!("in 0 requests{HELD}")), "{left:#?}");
    let again = harness.apply()?;
    assert!(
        again.code == Some(0) && again.stdout.contains("nothing else is to change; nothing was sent"),
        "{again:#?}"
    );
    assert!(again.stdout.trim_end().ends_with(&format!("in 0 requests{HELD}")), "{again:#?}");
    let drift = harness.run(&["drift"])?;
    assert_eq!(drift.code, Some(0), "{drift:#?}");
    assert!(drift.stdout.contains("in 0 of 1 tenants; 1 setting is pending."), "{drift:#?}");

    write(&harness, &two(&format!("{share}%")))?;
    let made = harness.apply()?;
    assert!(made.code == Some(0) && made.stdout.contains("Applied: 1 changed, 1 verified"), "{made:#?}");
    assert_ne!(required(&harness)?, before);
    assert!(harness.run(&["plan"])?.stdout.ends_with("No changes: the tenant matches the policy.\n"));
    // A tenant that had the step and lost it has drifted, whatever the condition says.
    portal_user::set(&harness.world, CONTOSO, "methods.required", "1")?;
    write(&harness, &two("100%"))?;
    let drift = harness.run(&["drift"])?;
    assert!(drift.code == Some(2) && drift.stdout.contains("Drift: 1 settings in 1 of 1 tenants."), "{drift:#?}");
    // What somebody took back is repaired, and not held again.
    let (_, tenant) = plan(&harness)?;
    assert!(tenant["held"].is_null() && tenant["changes"].to_string().contains("methods.required"), "{tenant:#}");
    Ok(())
}

/// With the counts of earlier days the plan says about when its share is reached.
#[test]
fn a_step_that_waits_has_a_day_once_enough_days_are_counted() -> TestResult {
    let harness = harness()?;
    let share = share(&harness)?;
    write(&harness, &two(&format!("{}%", share + 3)))?;
    let (_, tenant) = plan(&harness)?;
    let today = &tenant["held"][0]["readiness"];
    assert_eq!(today["pace"], "too-few-days");
    let start = i64::try_from(share)? * 10;
    add_days(&harness, today, |before| start - 5 * before)?;
    let (text, tenant) = (harness.run(&["plan"])?, plan(&harness)?.1);
    let readiness = &tenant["held"][0]["readiness"];
    let day = |key: &str| readiness[key].as_str().ok_or_else(|| format!("no {key}: {readiness}"));
    let words =
        format!("{} % about {} (between {} and {})", share + 3, day("about")?, day("earliest")?, day("latest")?);
    assert!(text.stdout.contains(&words) && text.stdout.trim_end().ends_with(HELD), "{words}: {text:#?}");
    assert!(day("report")? < day("about")?, "{readiness}");
    Ok(())
}

/// People outside of a scope that waits do not count for the number of methods: in the pilot too few can reset with two, though
/// enough of everybody could.
#[test]
fn each_step_is_judged_by_the_plan_that_is_left() -> TestResult {
    let pilot = ONE.replace("users: all", "users: selected, group: SSPR-Pilot");
    let harness = Harness::with(&pilot, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let share_of = |scope: &str| -> Result<Value, Box<dyn Error>> {
        write(&harness, &two("100%").replace("users: all", scope))?;
        Ok(plan(&harness)?.1["held"].clone())
    };
    let (few, all) = (share_of("users: selected, group: SSPR-Pilot")?, share_of("users: all")?);
    let held = |held: &Value, setting: &str| held.as_array().into_iter().flatten().any(|one| one["setting"] == setting);
    assert!(held(&few, "methods.required") && held(&all, "methods.required"), "{few:#} {all:#}");
    let number = |key: &str| all[0]["readiness"][key].as_u64().unwrap_or_default();
    let share = 100 * number("able") / (number("able") + number("notAble"));
    let both = two(&format!("{share}%")).replace("users: all", "users: all, readiness: { able: 100% }");
    write(&harness, &both)?;
    let (_, tenant) = plan(&harness)?;
    let both = &tenant["held"];
    assert!(held(both, "scope.users") && held(both, "methods.required"), "{tenant:#}");
    // With everybody in scope at once, so many are ready.
    write(&harness, &two(&format!("{share}%")))?;
    let (_, tenant) = plan(&harness)?;
    assert!(tenant["held"].is_null() && tenant["changes"].to_string().contains("methods.required"), "{tenant:#}");
    Ok(())
}

/// What a saved review holds stays held, however many people are ready when it is applied; and a change that was reviewed and is
/// held by then is named.
#[test]
fn a_saved_review_makes_no_step_that_it_held() -> TestResult {
    let harness = harness()?;
    harness.world.populate(CONTOSO, 60)?;
    let few = share(&harness)?;
    harness.world.populate(CONTOSO, 600)?;
    let many = share(&harness)?;
    assert_ne!(few, many);
    let (ready, not_ready) = if few > many { (60, 600) } else { (600, 60) };
    let able = format!("{}%", few.max(many));
    write(&harness, &format!("{}\nhelpdesk: {{ link: https://help.contoso.com }}", two(&able)))?;
    let before = required(&harness)?;

    harness.world.populate(CONTOSO, not_ready)?;
    assert_eq!(harness.run(&["plan", "--out", "held.json"])?.code, Some(0));
    harness.world.populate(CONTOSO, ready)?;
    let made = harness.run(&["plan", "--out", "made.json"])?;
    assert!(made.code == Some(0) && !made.stdout.contains("held until"), "{made:#?}");
    harness.world.populate(CONTOSO, not_ready)?;
    let outdated = harness.run(&["apply", "--plan", "made.json", "--auto-approve"])?;
    assert_eq!(outdated.code, Some(5), "{outdated:#?}");
    let named = "methods.required would not change any more, because too few people are ready for it now";
    assert!(outdated.stdout.contains(named), "{outdated:#?}");
    harness.world.populate(CONTOSO, ready)?;
    let applied = harness.run(&["apply", "--plan", "held.json", "--auto-approve"])?;
    assert!(applied.code == Some(0) && applied.stdout.contains("Applied: 1 changed"), "{applied:#?}");
    assert!(applied.stdout.contains("the review holds it; plan again"), "{applied:#?}");
    assert_eq!(required(&harness)?, before);
    Ok(())
}

/// Where people cannot be counted the step is held with the reason, and steps that ask less of people never are.
#[test]
fn what_is_not_known_is_held_and_what_asks_less_is_not() -> TestResult {
    let harness = harness()?;
    let narrower = "scope: { users: none, readiness: { able: 100% } }";
    write(&harness, narrower)?;
    let (_, tenant) = plan(&harness)?;
    assert!(tenant["held"].is_null() && tenant["changes"].to_string().contains("scope.users"), "{tenant:#}");
    let refused = Fault::on(Method::GET, "userRegistrationDetails", Action::status(403));
    let blind = Harness::with(&two("1%"), Faults::none().and(refused))?;
    let (_, tenant) = plan(&blind)?;
    assert_eq!((&tenant["held"][0]["why"], &tenant["complete"]), (&json!("not-known"), &json!(true)), "{tenant:#}");
    Ok(())
}

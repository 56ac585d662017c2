//! `limits.losing`: people are read where it is set, and a plan that takes the reset from more of them is refused.

use entra_sandbox::{Faults, Person, portal_user};
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const REPORT: &str = "userRegistrationDetails";
/// Everybody may reset with one method.
const OPEN: &str = "scope: { users: all }\nmethods: { required: 1, allowed: [email, mobilePhone, mobileAppCode] }";

/// A run for which nothing is allowed.
fn strict(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn std::error::Error>> {
    harness.finish(harness.command(arguments).env_remove("SSPRCTL_ALLOW"))
}

/// A tenant that is as [`OPEN`] says, with a policy that asks for a second method.
fn second_method(person: &Person) -> Result<Harness, Box<dyn std::error::Error>> {
    let before = Harness::with(OPEN, Faults::none())?;
    assert_eq!(before.apply()?.code, Some(0));
    let harness = before.acting_as(CONTOSO, person)?;
    let policy = harness.folder.path().join("policies/policy.yaml");
    std::fs::write(&policy, std::fs::read_to_string(&policy)?.replace("required: 1", "required: 2"))?;
    Ok(harness)
}

fn limit(harness: &Harness, limits: &str) -> TestResult {
    std::fs::write(harness.folder.path().join("ssprctl.yaml"), format!("version: 1\nlimits:\n  {limits}\n"))?;
    Ok(())
}

fn losses(run: &Run) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(run.json()?["tenants"][0]["people"]["counts"]["losses"].clone())
}

#[test]
fn people_are_read_where_the_limit_is_set() -> TestResult {
    let harness = second_method(&Person::Administrator)?;
    let (served, writes) = (harness.asked(), harness.writes());
    let run = strict(&harness, &["plan"])?;
    assert_eq!(run.code, Some(0), "without the limit nothing is known of people: {run:#?}");
    assert!(!harness.asked_since(served, REPORT));
    limit(&harness, "losing: 0")?;
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let served = harness.asked();
        let run = strict(&harness, command)?;
        assert_eq!((run.code, harness.writes()), (Some(4), writes), "{run:#?}");
        assert!(harness.asked_since(served, REPORT), "{run:#?}");
        for part in [
            "error[too-many-losing]: ",
            " people in scope whose answer is known would lose the reset, ",
            "more than the 0 that `limits.losing` allows; ",
            " because they have registered too few methods that are allowed",
            "ssprctl.yaml:3:11",
            "hint: if it is intended, pass --allow too-many-losing to `plan` and `apply`, or raise `limits.losing` in ssprctl.yaml",
        ] {
            assert!(run.stdout.contains(part), "{part}: {run:#?}");
        }
    }
    let served = harness.asked();
    let run = strict(&harness, &["drift"])?;
    let pending = run.stdout.ends_with("; 1 setting is pending.\n");
    assert!(run.code == Some(0) && pending, "what the policy changed is pending, whatever it takes: {run:#?}");
    assert!(!harness.asked_since(served, REPORT));
    let run = strict(&harness, &["apply", "--auto-approve", "--allow", "too-many-losing"])?;
    assert_eq!((run.code, harness.writes()), (Some(0), writes + 1), "{run:#?}");
    Ok(())
}

/// Whoever asks for people has them judged, too: by a limit of nobody.
#[test]
fn asking_for_people_judges_them() -> TestResult {
    let harness = second_method(&Person::Administrator)?;
    let run = strict(&harness, &["plan", "--impact", "--format", "json"])?;
    assert_eq!(run.code, Some(4), "{run:#?}");
    let counted = losses(&run)?;
    let number = |name: &str| counted[name].as_u64().unwrap_or_default();
    assert!(number("lose") > 0 && number("people") > number("lose"), "{counted:#}");
    assert_eq!(counted["reasons"][0]["reason"], "methods-missing", "{counted:#}");
    assert_eq!(counted["reasons"][0]["people"].as_u64(), Some(number("lose")), "{counted:#}");
    let sarif = strict(&harness, &["plan", "--impact", "--format", "sarif"])?;
    assert!(sarif.stdout.contains("\"ruleId\": \"too-many-losing\""), "{}", sarif.stdout);
    let comment = strict(&harness, &["plan", "--impact", "--format", "markdown"])?.stdout;
    assert!(comment.contains("too-many-losing") && comment.contains("lose it because they have"), "{comment}");
    for (limits, code) in [(format!("losing: {}", number("lose")), 0), (format!("losing: {}", number("lose") - 1), 4)] {
        limit(&harness, &limits)?;
        let run = strict(&harness, &["plan"])?;
        assert_eq!(run.code, Some(code), "{limits}: {run:#?}");
    }
    limit(&harness, "losing: 100%")?;
    let run = strict(&harness, &["plan"])?;
    assert!(run.code == Some(0) && run.stdout.contains("`limits.losing` is raised to 100%"), "{run:#?}");
    Ok(())
}

/// A saved review is judged again, by what the report says on the day of the apply.
#[test]
fn a_saved_review_is_judged_again() -> TestResult {
    let harness = second_method(&Person::Administrator)?;
    let writes = harness.writes();
    limit(&harness, "losing: 10000")?;
    assert_eq!(strict(&harness, &["plan", "--out", "review.json"])?.code, Some(0));
    limit(&harness, "losing: 0")?;
    let run = strict(&harness, &["apply", "--plan", "review.json", "--auto-approve"])?;
    assert_eq!((run.code, harness.writes()), (Some(5), writes), "{run:#?}");
    assert!(run.stderr.contains("limits, rings or dates of ssprctl.yaml are not those"), "{run:#?}");
    limit(&harness, "losing: 10000")?;
    let run = strict(&harness, &["apply", "--plan", "review.json", "--auto-approve"])?;
    assert_eq!((run.code, harness.writes()), (Some(0), writes + 1), "{run:#?}");
    Ok(())
}

/// A limit that cannot be checked holds nothing up by default, and everything where a repository sets it.
#[test]
fn a_limit_that_cannot_be_checked_is_not_within_its_number() -> TestResult {
    for lacking in [&["AuditLog.Read.All"][..], &["User.Read.All", "Directory.Read.All"]] {
        let harness = second_method(&Person::lacking(lacking))?;
        let writes = harness.writes();
        let run = strict(&harness, &["plan", "--impact"])?;
        assert_eq!(run.code, Some(0), "{run:#?}");
        limit(&harness, "losing: 50%")?;
        let run = strict(&harness, &["apply", "--auto-approve"])?;
        assert_eq!((run.code, harness.writes()), (Some(4), writes), "{run:#?}");
        let says = "`limits.losing` is set, and it is unclear whether anybody loses the reset: may not ";
        assert!(run.stdout.contains(says), "{run:#?}");
        let doctor = strict(&harness, &["doctor"])?;
        assert_eq!(doctor.code, Some(8), "{doctor:#?}");
        let fix =
            format!("consent to the Microsoft Graph permission {}", lacking.concat().replace("Directory.Read.All", ""));
        assert!(doctor.stdout.contains(&fix), "{doctor:#?}");
    }
    Ok(())
}

#[test]
fn what_is_no_limit_is_an_error_with_its_place() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    for written in ["-1", "101%", "5 %", "some", "2.5", "[1]"] {
        limit(&harness, &format!("losing: {written}"))?;
        let run = strict(&harness, &["validate"])?;
        assert_eq!(run.code, Some(3), "{written}: {run:#?}");
        assert!(run.stdout.contains("ssprctl.yaml:3:11"), "{written}: {run:#?}");
        assert!(run.stdout.contains("write a whole number, or a percentage such as `2%`"), "{written}: {run:#?}");
    }
    Ok(())
}

/// A policy that says nothing of methods, for a tenant that has migrated and allows one: nobody could reset any more.
#[test]
fn a_plan_after_which_nobody_can_reset_is_refused() -> TestResult {
    const ADATUM: &str = "adatum.onmicrosoft.com";
    let harness = Harness::of(ADATUM, "methods: { required: 2 }", Faults::none(), &Person::Administrator)?;
    for (setting, value) in [("methods.required", "1"), ("methods.allowed", "email")] {
        portal_user::set(&harness.world, ADATUM, setting, value)?;
    }
    let refused =
        "error[nobody-can-reset]: none of the 25 people in scope can reset once this is applied, and 10 can now";
    let run = strict(&harness, &["plan", "--impact"])?;
    assert!(run.code == Some(4) && run.stdout.contains(refused), "{run:#?}");
    limit(&harness, "losing: 100%")?;
    let run = strict(&harness, &["apply", "--auto-approve"])?;
    assert!(run.code == Some(4) && run.stdout.contains(refused) && harness.writes() == 0, "{run:#?}");
    Ok(())
}

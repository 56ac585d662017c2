//! `forecast --by`: the people of a forecast by what they have in common, without singling out anybody.

use std::collections::BTreeSet;
use std::error::Error;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, Person};
use serde_json::{Value, json};

use crate::harness::{CONTOSO, FABRIKAM, Harness, Run, TestResult};

const POLICY: &str = "scope: { users: all }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
const STATES: [&str; 6] = ["able", "short", "unregistered", "notPermitted", "unclear", "lose"];

fn run(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    harness.finish(harness.command(arguments).env("SSPRCTL_AS_OF", "2026-11-22"))
}

fn forecast(harness: &Harness, by: &str) -> Result<Value, Box<dyn Error>> {
    Ok(run(harness, &["forecast", "--format", "json", "--by", by])?.json()?["tenants"][0].clone())
}

fn values(tenant: &Value) -> impl Iterator<Item = &Value> {
    tenant["by"]["values"].as_array().into_iter().flatten()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// What the values have adds up to what the forecast has, at every moment and in every state; no value has few people.
#[test]
fn the_values_add_up_to_the_forecast() -> TestResult {
    for (tenant, by, expected) in
        [(CONTOSO, "department", 3), (CONTOSO, "country", 1), (FABRIKAM, "country", 3), (FABRIKAM, "department", 1)]
    {
        let harness = Harness::of(tenant, POLICY, Faults::none(), &Person::Administrator)?;
        let shown = forecast(&harness, by)?;
        let rows = shown["forecast"]["rows"].as_array().ok_or("no rows")?;
        assert!(rows.len() > 4, "{shown:#}");
        for (index, row) in rows.iter().enumerate() {
            for state in STATES {
                let sum: u64 = values(&shown).map(|value| number(&value["rows"][index][state])).sum();
                assert_eq!(sum, number(&row["people"][state]), "{tenant} {by} {index} {state}");
            }
        }
        for value in values(&shown) {
            let all: u64 = STATES[..5].iter().map(|state| number(&value["rows"][0][*state])).sum();
            assert!(all == number(&value["people"]) && all >= 5, "{value:#}");
            assert!(value["others"] == false || value.get("value").is_none(), "{value:#}");
        }
        let lose =
            |value: &Value| value["rows"].as_array().into_iter().flatten().map(|row| number(&row["lose"])).sum::<u64>();
        let losses: Vec<_> = values(&shown).filter(|value| value["others"] == false).map(lose).collect();
        assert!(losses.is_sorted_by(|one, other| one >= other) && values(&shown).count() >= expected, "{shown:#}");
        assert_eq!(shown["by"]["by"], by);
    }
    Ok(())
}

/// A plan and the file of people have the numbers of the forecast, by every department.
#[test]
fn a_plan_and_the_file_have_the_numbers_of_the_forecast() -> TestResult {
    for by in ["department", "group", "method", "country"] {
        let harness = Harness::with(POLICY, Faults::none())?;
        let shown = forecast(&harness, by)?;
        let plan = run(&harness, &["plan", "--by", by, "--format", "json"])?.json()?;
        let counts = &plan["tenants"][0]["people"]["counts"];
        assert_eq!((&counts["forecast"], &counts["by"]), (&shown["forecast"], &shown["by"]), "{by}");
        let comment = run(&harness, &["plan", "--by", by, "--format", "markdown"])?.stdout;
        let text = run(&harness, &["plan", "--by", by])?.stdout;
        for part in [format!("\n    by {by}, once applied "), format!("\n    by {by}, 2027-02-01 ")] {
            assert!(text.contains(&part), "{part}: {text}");
            assert!(comment.contains(&part.replace("\n    ", "\n| ")), "{part}: {comment}");
        }
    }
    let harness = Harness::with(POLICY, Faults::none())?;
    let date =
        ["forecast", "--as-of", "2027-02-01", "--by", "department", "--format", "json", "--people", "people.json"];
    let shown = harness.finish(&mut harness.command(&date))?.json()?["tenants"][0].clone();
    let file: Value = serde_json::from_slice(&std::fs::read(harness.folder.path().join("people.json"))?)?;
    let counted =
        |row: &Value| ["short", "unregistered", "unclear"].iter().map(|state| number(&row[*state])).sum::<u64>();
    let last = |row: &Value| row["rows"].as_array().and_then(|rows| rows.last()).cloned().unwrap_or_default();
    let lines = |department: Option<&Value>| {
        let people = file["people"].as_array().into_iter().flatten();
        let of = people.filter(|one| department.is_none_or(|department| one["department"] == *department));
        of.filter(|one| !["able", "notPermitted"].contains(&one["stateThen"].as_str().unwrap_or_default())).count()
            as u64
    };
    for value in values(&shown).filter(|value| value["others"] == false) {
        let department = value.get("value").cloned().unwrap_or_else(|| json!(""));
        let (of_file, of_forecast) = (lines(Some(&department)), counted(&last(value)));
        assert!(of_file >= of_forecast, "{department}: {of_file} of {value:#}");
    }
    let of_departments: u64 = values(&shown).map(|value| counted(&last(value))).sum();
    let administrators = counted(&last(&shown["forecast"])["administrators"]);
    assert_eq!(lines(None), of_departments + administrators, "administrators are in the file alone");
    assert!(of_departments > 20 && administrators > 0, "{shown:#}");
    let refused = run(&harness, &["plan", "--by", "department", "--format", "sarif"])?;
    assert!(refused.code == Some(1) && refused.stderr.contains("--by has no effect"), "{refused:#?}");
    Ok(())
}

/// Somebody may have several methods, and be in several groups: the values overlap and do not add up.
#[test]
fn methods_and_groups_are_counted_by_name() -> TestResult {
    let policy =
        "scope: { users: selected, group: SSPR-Pilot }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
    let harness = Harness::of(FABRIKAM, policy, Faults::none(), &Person::Administrator)?;
    let names = |shown: &Value| -> BTreeSet<String> {
        values(shown).filter_map(|value| value["value"].as_str()).map(str::to_owned).collect()
    };
    let methods = forecast(&harness, "method")?;
    assert!(names(&methods).is_superset(&["email".to_owned(), "mobilePhone".to_owned()].into()), "{methods:#}");
    let rows = &methods["forecast"]["rows"];
    let listed = number(&rows[0]["people"]["notPermitted"]);
    assert!(values(&methods).all(|value| number(&value["people"]) <= listed.max(5_000)), "{methods:#}");
    let harness = Harness::of(CONTOSO, policy, Faults::none(), &Person::Administrator)?;
    let groups = forecast(&harness, "group")?;
    assert!(names(&groups).contains("SSPR-Pilot"), "{groups:#}");
    let text = run(&harness, &["forecast", "--by", "group"])?.stdout;
    assert!(text.contains("\n    by group, ") && text.contains("\n    in none of these groups"), "{text}");
    Ok(())
}

/// The directory is asked for one column more, and only where that was asked; a list of people changes nothing of the counts.
#[test]
fn columns_are_read_where_they_are_asked_for() -> TestResult {
    for (by, column, other) in [("country", ",country", "department"), ("department", ",department", "country")] {
        let harness = Harness::with(POLICY, Faults::none())?;
        run(&harness, &["forecast", "--by", "method"])?;
        assert!(!harness.was_asked_for_keys(column));
        let alone = forecast(&harness, by)?;
        assert!(harness.was_asked_for_keys(column) && !harness.was_asked_for_keys(other), "{by}");
        assert!(!harness.was_asked_for_keys("externalUserState,displayName"), "{by}");
        let both = ["forecast", "--format", "json", "--by", by, "--people", "people.csv"];
        assert_eq!(run(&harness, &both)?.json()?["tenants"][0]["by"], alone["by"], "{by}");
    }
    Ok(())
}

/// Departments are text of a tenant: nothing in them acts on a terminal or on a page.
#[test]
fn departments_are_text_whatever_is_in_them() -> TestResult {
    let odd = ["\u{1b}[31mSales", "<b>R&D</b> | @octocat", &"x".repeat(300)];
    let users = odd.iter().flat_map(|department| (0..6).map(move |_| department)).enumerate().map(|(number, department)| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        json!({ "id": id, "userPrincipalName": format!("u{number}@contoso.com"), "accountEnabled": true, "department": department })
    });
    let body = json!({ "value": users.collect::<Vec<_>>() }).to_string();
    let answer = Action::Respond { status: 200, headers: Vec::new(), body };
    let harness = Harness::with(POLICY, Faults::none().and(Fault::on(Method::GET, "v1.0/users", answer)))?;
    let text = run(&harness, &["forecast", "--by", "department"])?.stdout;
    assert!(
        text.contains("␛[31mSales") && !text.contains('\u{1b}') && text.contains(&format!("    {}… ", "x".repeat(26))),
        "{text}"
    );
    let tables = text.lines().skip_while(|line| !line.contains("by department"));
    assert!(tables.take_while(|line| !line.is_empty()).all(|line| line.chars().count() <= 80), "{text}");
    let page = run(&harness, &["forecast", "--by", "department", "--format", "markdown"])?.stdout;
    assert!(page.contains("R&amp;D") || page.contains("R\\&D"), "{page}");
    assert!(!page.contains("<b>") && !page.contains("| @octocat"), "{page}");
    Ok(())
}

//! `--people`: the people whom a forecast is about, or a plan, in a file of their own.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, Person, portal_user};
use serde_json::{Value, json};

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const TODAY: &str = "2026-11-22";
const OPEN: &str =
    "scope: { users: all, administrators: true }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
const COLUMNS: &str = "tenant,displayName,userPrincipalName,department,stateToday,date,stateThen,reason,register";
const REPORT: &str = "userRegistrationDetails";

fn run(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    harness.finish(harness.command(arguments).env("SSPRCTL_AS_OF", TODAY))
}

/// The records of a CSV file by RFC 4180 alone, after the byte order mark.
fn records(text: &str) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let text = text.strip_prefix('\u{feff}').ok_or("no byte order mark")?;
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => field.extend(rest.next()),
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            '"' => return Err(format!("a quote within {field}").into()),
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted && rest.next_if_eq(&'\n').is_some() => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            '\r' | '\n' if !quoted => return Err("a line break of another kind".into()),
            c => field.push(c),
        }
    }
    if quoted || !field.is_empty() || !record.is_empty() { Err("cut off".into()) } else { Ok(all) }
}

/// The people of a CSV file, each by column.
fn people(path: &Path) -> Result<Vec<BTreeMap<&'static str, String>>, Box<dyn Error>> {
    let mut records = records(&fs::read_to_string(path)?)?.into_iter();
    let banner = records.next().ok_or("no banner")?;
    assert!(banner.len() == 1 && banner[0].starts_with("# This file holds personal data: "), "{banner:?}");
    assert_eq!(records.next().ok_or("no columns")?.join(","), COLUMNS);
    Ok(records.map(|record| COLUMNS.split(',').zip(record).collect()).collect())
}

#[cfg(unix)]
fn mode(path: &Path) -> std::io::Result<u32> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()) & 0o777)
}

/// For many states of a tenant, many policies and each date the lines of the file are the numbers of the forecast, and
/// those of `plan --people` are the same.
#[test]
fn the_file_has_the_people_whom_the_forecast_counts() -> TestResult {
    let mut compared = 0;
    for case in 0..6_usize {
        let pick = |list: &[&'static str], step: usize| list[(case * step + step / 2) % list.len()];
        let allowed = pick(&["email", "email, mobilePhone", "mobileAppCode, email, mobilePhone"], 1);
        let required = if allowed.starts_with("mobileAppCode") { "2" } else { "1" };
        let scope = pick(&["all", "selected, group: SSPR-Pilot", "all"], 1);
        let text = format!("scope: {{ users: {scope} }}\nmethods: {{ required: {required}, allowed: [{allowed}] }}");
        let harness = Harness::with(&text, Faults::none())?;
        portal_user::set(&harness.world, CONTOSO, "scope.users", pick(&["all", "none", "all"], 1))?;
        portal_user::set(&harness.world, CONTOSO, "methods.allowed", pick(&["mobilePhone", "email,mobilePhone"], 1))?;
        let file = harness.folder.path().join("people.csv");
        for at in ["2099-01-01", "2027-03-15"] {
            let arguments = ["forecast", "--format", "json", "--people", "people.csv", "--as-of", at];
            let forecast = harness.finish(&mut harness.command(&arguments))?;
            let rows = forecast.json()?["tenants"][0]["forecast"]["rows"].clone();
            let then = rows.as_array().and_then(|rows| rows.last()).ok_or(format!("{case} {forecast:#?}"))?.clone();
            let listed = people(&file)?;
            let number = |states: &[&str]| {
                let all =
                    ["people", "administrators"].iter().flat_map(|who| states.iter().map(|state| &then[*who][*state]));
                all.filter_map(Value::as_u64).sum::<u64>()
            };
            let lines = |of: &dyn Fn(&str, &str) -> bool| {
                listed.iter().filter(|one| of(&one["stateToday"], &one["stateThen"])).count() as u64
            };
            for state in ["short", "unregistered", "unclear"] {
                assert_eq!(lines(&|_, then| then == state), number(&[state]), "{case} {at} {state}: {then:#}");
            }
            let cannot = |state: &str| ["short", "unregistered", "notPermitted"].contains(&state);
            assert_eq!(lines(&|now, then| now == "able" && cannot(then)), number(&["loseSinceToday"]), "{case} {at}");
            assert_eq!(lines(&|now, then| cannot(now) && then == "able"), number(&["gainSinceToday"]), "{case} {at}");
            // The date is the day since when a state holds: that of the loss, and not the one that was asked for.
            let no_later = |one: &str| one == "onceApplied" || one <= at;
            assert!(listed.iter().all(|one| no_later(&one["date"])), "{listed:#?}");
            assert!(listed.iter().all(|one| one["reason"].is_empty() == (one["stateThen"] == "able")), "{listed:#?}");
            compared += listed.len();
        }
        let forecast = run(&harness, &["forecast", "--people", "people.csv", "--format", "json"])?;
        let (of_forecast, rows) = (fs::read(&file)?, forecast.json()?["tenants"][0]["forecast"].clone());
        for one in people(&file)?.iter().filter(|one| one["stateToday"] == "able") {
            let at = |row: &Value| row["at"] == one["date"] || one["date"] == "onceApplied" && row["applied"] == true;
            let from = rows["rows"].as_array().and_then(|rows| rows.iter().position(at)).ok_or("no row")?;
            let flow = |flow: &&Value| {
                flow["row"] == from && flow["before"] == "able" && flow["after"] == json!(one["stateThen"])
            };
            assert!(one["stateThen"] == "able" || rows["flows"].as_array().into_iter().flatten().any(|one| flow(&one)));
        }
        let plan = run(&harness, &["plan", "--people", "people.csv"])?;
        assert!(plan.stderr.contains("wrote people.csv with "), "{plan:#?}");
        if plan.stdout.contains("people, by the registration report") {
            assert_eq!(String::from_utf8(fs::read(&file)?)?, String::from_utf8(of_forecast)?);
        }
    }
    assert!(compared > 200, "{compared}");
    Ok(())
}

/// Whatever people are called: the file is read by a parser of the format, nothing in it is a formula, and JSON has the names
/// as they are.
#[test]
fn names_are_text_whatever_is_in_them() -> TestResult {
    let long = "x".repeat(300);
    let names = [
        "Lee, \"Kim\"",
        "two\r\nlines",
        "=HYPERLINK(\"http://example.com\")",
        " \"+1",
        "@SUM(1)",
        "-x;=1+1",
        "\t=1",
        "\u{202e}mi K",
        "עדי כהן",
        long.as_str(),
        "",
    ];
    let users = names.iter().enumerate().map(|(number, name)| {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        json!({ "id": id, "userPrincipalName": format!("u{number}@contoso.com"), "accountEnabled": true, "displayName": name, "department": name })
    });
    let body = json!({ "value": users.collect::<Vec<_>>() }).to_string();
    let answer = Action::Respond { status: 200, headers: Vec::new(), body };
    let harness = Harness::with(OPEN, Faults::none().and(Fault::on(Method::GET, "v1.0/users", answer)))?;
    assert_eq!(harness.apply()?.code, Some(0));
    let written = run(&harness, &["forecast", "--people", "people.csv"])?;
    let file = harness.folder.path().join("people.csv");
    let listed = people(&file)?;
    let mine: Vec<_> = listed.iter().filter(|one| one["userPrincipalName"].ends_with("@contoso.com")).collect();
    assert_eq!(mine.len(), names.len(), "{written:#?}");
    for (one, name) in mine.iter().zip(names) {
        for column in ["displayName", "department"] {
            let cells =
                one[column].split([';', ',', '\n', '\r', '\t']).filter(|_| name.chars().any(|c| "=+-@".contains(c)));
            let begins = |cell: &str| cell.trim_start_matches([' ', '"']).starts_with(['=', '+', '-', '@']);
            assert!(!cells.clone().any(begins), "{name:?}: {:?}", one[column]);
        }
        assert_eq!((one["reason"].as_str(), one["register"].as_str()), ("not-in-report", ""), "{one:#?}");
    }
    assert_eq!(mine[9]["displayName"], long);
    // Everybody of the report is there as well: the directory has none of them.
    assert!(listed.len() > names.len() && listed.iter().any(|one| one["displayName"].is_empty()), "{listed:#?}");

    run(&harness, &["forecast", "--people", "people.json"])?;
    let document: Value = serde_json::from_str(&fs::read_to_string(harness.folder.path().join("people.json"))?)?;
    let schema: Value = serde_json::from_str(&run(&harness, &["schema", "people"])?.stdout)?;
    let validator = jsonschema::validator_for(&schema)?;
    let wrong: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let people = document["people"].as_array().ok_or("no people")?;
    assert_eq!(people.len(), listed.len());
    let shown: Vec<_> = people.iter().take(names.len()).map(|one| one["displayName"].as_str().unwrap_or("?")).collect();
    assert_eq!(shown, names);
    assert_eq!(people[0].as_object().map(|one| one.keys().cloned().collect::<Vec<_>>().len()), Some(9));
    Ok(())
}

/// A file is whole or as it was: where the people cannot be read, where the run is over before, and where somebody else could
/// read it or it would be elsewhere.
#[test]
fn the_file_is_written_whole_and_for_its_owner_alone() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    let folder = harness.folder.path();
    let file = folder.join("people.csv");
    fs::write(&file, "older")?;
    let run_with = |faults: Faults, arguments: &[&str]| -> Result<Run, Box<dyn Error>> {
        let other = Harness::with(OPEN, faults)?;
        other.finish(other.command(arguments).env("SSPRCTL_AS_OF", TODAY).current_dir(folder))
    };
    let refused = Fault::on(Method::GET, REPORT, Action::status(403));
    let unread = run_with(Faults::none().and(refused.clone()), &["forecast", "--people", "people.csv"])?;
    assert!(unread.stderr.contains("people.csv is not written: no tenant could be read"), "{unread:#?}");
    let unread = run_with(Faults::none().and(refused), &["plan", "--people", "people.csv"])?;
    assert!(unread.stderr.contains("people.csv is not written") && unread.code != Some(0), "{unread:#?}");
    let slow = Fault::on(Method::GET, REPORT, Action::Delay(std::time::Duration::from_secs(60)));
    let cut = run_with(Faults::none().and(slow), &["forecast", "--people", "people.csv", "--timeout", "2s"])?;
    assert!(cut.code == Some(1) && fs::read_to_string(&file)? == "older", "{cut:#?}");
    let left: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?;
    assert_eq!(left.len(), 2, "the policies and the file: {left:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
        let written = run(&harness, &["forecast", "--people", "people.csv"])?;
        assert!(people(&file)?.len() > 10, "{written:#?}");
        assert_eq!(mode(&file)?, 0o600);
        symlink("people.csv", folder.join("link.csv"))?;
        let link = run(&harness, &["forecast", "--people", "link.csv"])?;
        assert!(
            link.code == Some(1) && link.stderr.contains("link.csv cannot be written: it is not a regular file"),
            "{link:#?}"
        );
    }
    let nowhere = run(&harness, &["plan", "--people", "new/sub/people.json"])?;
    assert!(nowhere.stderr.contains("wrote new/sub/people.json"), "{nowhere:#?}");
    Ok(())
}

/// What contradicts itself is refused before anything is read.
#[test]
fn a_wrong_name_is_refused_before_anything_is_read() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    for (arguments, words) in [
        (&["forecast", "--people", "people.xlsx"][..], "name a file that ends in .csv or .json"),
        (&["forecast", "--people", "people"], "name a file that ends in .csv or .json"),
        (&["forecast", "--people", "a.csv", "--output", "a.csv"], "name the same file"),
        (&["plan", "--people", "a.json", "--also", "json=./a.json"], "name the same file"),
        (&["plan", "--people", "a.csv", "--against", "b"], "a snapshot has no people, so --people does"),
        (&["plan", "--by", "country", "--against", "b"], "a snapshot has no people, so --by does"),
    ] {
        let refused = run(&harness, arguments)?;
        assert!(refused.code == Some(1) && refused.stderr.contains(words), "{refused:#?}");
    }
    assert!(!harness.was_asked(REPORT) && !harness.was_asked("organization"));
    Ok(())
}

/// Names are asked for with the option alone, and are in its file alone.
#[test]
fn names_are_in_the_file_alone() -> TestResult {
    for arguments in [&["forecast"][..], &["plan", "--impact"]] {
        let harness = Harness::with(OPEN, Faults::none())?;
        run(&harness, arguments)?;
        assert!(!harness.was_asked_for_keys("department"), "{arguments:?}");
        for format in ["terminal", "markdown", "json"] {
            let listing = [arguments, &["--people", "people.csv", "--format", format, "-vv"]].concat();
            let listed = run(&harness, &listing)?;
            assert!(harness.was_asked_for_keys("department"));
            for one in people(&harness.folder.path().join("people.csv"))? {
                for text in [&one["displayName"], &one["userPrincipalName"]].into_iter().filter(|text| !text.is_empty())
                {
                    assert!(!listed.stdout.contains(text) && !listed.stderr.contains(text), "{text}: {listed:#?}");
                }
            }
        }
    }
    Ok(())
}

/// A file that git would take is warned of; one that it ignores is not.
#[test]
fn a_file_that_git_does_not_ignore_is_warned_of() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    let folder = harness.folder.path();
    let arguments = ["forecast", "--people", "lists/people.csv"];
    assert!(!run(&harness, &arguments)?.stderr.contains(".gitignore"));
    let made = Command::new("git").args(["init", "--quiet"]).current_dir(folder).status()?;
    assert!(made.success());
    assert!(
        run(&harness, &arguments)?
            .stderr
            .contains("lists/people.csv will hold personal data, and git does not ignore it")
    );
    fs::write(folder.join(".gitignore"), "/lists/\n")?;
    assert!(!run(&harness, &arguments)?.stderr.contains("warning"));
    Ok(())
}

/// Without the permission to list accounts there are no names; the run says so and does not pretend.
#[test]
fn without_accounts_there_is_no_list() -> TestResult {
    let person = Person::lacking(&["User.Read.All", "Directory.Read.All"]);
    let harness = Harness::of(CONTOSO, OPEN, Faults::none(), &person)?;
    let forecast = run(&harness, &["forecast", "--people", "people.csv"])?;
    assert!(forecast.code == Some(8) && forecast.stderr.contains("people.csv is not written"), "{forecast:#?}");
    let plan = run(&harness, &["plan", "--people", "people.csv"])?;
    assert!(plan.code == Some(8) && plan.stderr.contains("people.csv is not written"), "{plan:#?}");
    assert!(!harness.folder.path().join("people.csv").exists());
    Ok(())
}

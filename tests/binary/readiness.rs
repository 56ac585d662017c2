//! Readiness over days: what `forecast` saves of each report, and what it says from the counts of many.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use entra_sandbox::Faults;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::harness::{Harness, Run, TestResult};

/// The emulator's report counts methods also where they are not allowed, so all of them are.
const SECTIONS: &str = "scope: { users: all, administrators: true }
methods: { required: 1, allowed: [email, mobilePhone, officePhone, mobileAppCode, securityQuestions] }
securityQuestions: { toRegister: 3, toReset: 3, questions: [{ custom: One at least }, { custom: Two at least }, { custom: Three at least }] }";
/// A policy by which more than a tenth of the people are unclear.
const UNCLEAR: &str =
    "scope: { users: all, administrators: true }\nmethods: { required: 1, allowed: [email, mobilePhone] }";

/// A forecast of the tenant as it is today, with the counts by the newest report.
fn forecast(harness: &Harness, more: &[&str]) -> Result<(Run, Value), Box<dyn Error>> {
    let json = harness.folder.path().join("forecast.json");
    let also = format!("json={}", json.display());
    let arguments: Vec<_> = ["forecast", "--also", &also].into_iter().chain(more.iter().copied()).collect();
    let run = harness.run(&arguments)?;
    let document: Value = serde_json::from_str(&fs::read_to_string(json)?)?;
    Ok((run, document["tenants"][0]["readiness"].clone()))
}

fn file(harness: &Harness) -> Result<PathBuf, Box<dyn Error>> {
    let folder = harness.state().join("readiness");
    let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    let [path] = files.as_slice() else { return Err(format!("not one file: {files:?}").into()) };
    Ok(path.clone())
}

fn stored(harness: &Harness) -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(&fs::read_to_string(file(harness)?)?)?)
}

/// Adds counts of days before the newest report to the policy that was counted, so many in a thousand people.
pub(crate) fn add_days(harness: &Harness, readiness: &Value, able: impl Fn(i64) -> i64) -> TestResult {
    let report: Date = readiness["report"].as_str().unwrap_or_default().parse()?;
    let mut history = stored(harness)?;
    let policies = history["policies"].as_object_mut().ok_or("no policies")?;
    let days = policies.values_mut().next().and_then(Value::as_object_mut).ok_or("no policy")?;
    for before in 1..=30 {
        let able = able(before);
        let counts = json!({ "able": able, "notAble": 1_000 - able, "unclear": 0 });
        days.insert(report.saturating_sub(before.days()).to_string(), counts);
    }
    fs::write(file(harness)?, history.to_string())?;
    Ok(())
}

fn harness(sections: &str) -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(sections, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    Ok(harness)
}

/// The first run saves the counts of its report, once for a day, for the owner alone; a policy of others is counted apart.
#[test]
fn each_report_is_counted_once_and_says_nothing_of_people() -> TestResult {
    let harness = harness(SECTIONS)?;
    let (first, readiness) = forecast(&harness, &[])?;
    assert!(first.stdout.contains("    ready: "), "{first:#?}");
    assert!(first.stdout.contains("; too few days are counted to say when 90 % are reached: 1, "), "{first:#?}");
    assert_eq!((&readiness["pace"], &readiness["threshold"]), (&json!("too-few-days"), &json!(90)));
    let history = stored(&harness)?;
    let days = history["policies"].as_object().and_then(|policies| policies.values().next()).ok_or("no policy")?;
    let counts = json!({ "able": readiness["able"], "notAble": readiness["notAble"], "unclear": readiness["unclear"] });
    assert_eq!(*days, json!({ readiness["report"].as_str().unwrap_or_default(): counts }));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file(&harness)?.metadata()?.permissions().mode() & 0o777, 0o600);
    }
    forecast(&harness, &[])?;
    assert_eq!(stored(&harness)?, history, "the same report is counted once");
    let policy = harness.folder.path().join("policies/policy.yaml");
    fs::write(&policy, fs::read_to_string(&policy)?.replace("required: 1", "required: 2"))?;
    forecast(&harness, &[])?;
    assert_eq!(stored(&harness)?["policies"].as_object().map(serde_json::Map::len), Some(2));
    Ok(())
}

/// The counts of a past day are judged by other dates than those of today, so they are neither saved nor shown.
#[test]
fn a_past_day_is_not_counted() -> TestResult {
    let harness = harness(SECTIONS)?;
    let (past, readiness) = forecast(&harness, &["--as-of", "2026-11-01"])?;
    assert!(!past.stdout.contains("ready:") && readiness.is_null(), "{past:#?}");
    assert!(!harness.state().join("readiness").exists());
    let (ahead, readiness) = forecast(&harness, &["--as-of", "2099-01-01"])?;
    assert!(ahead.stdout.contains("ready:") && !readiness.is_null(), "today is counted: {ahead:#?}");
    Ok(())
}

#[test]
fn a_pace_has_a_day_and_a_shrinking_share_has_none() -> TestResult {
    let harness = harness(SECTIONS)?;
    let (_, today) = forecast(&harness, &[])?;
    let number = |key: &str| today[key].as_i64().unwrap_or_default();
    let share = 1_000 * number("able") / (number("able") + number("notAble"));
    assert!((100..900).contains(&share), "{today}");
    add_days(&harness, &today, |before| (share - 4 * before).max(0))?;
    let threshold = (share / 10 + 2).to_string();
    let (growing, readiness) = forecast(&harness, &["--ready", &threshold])?;
    assert_eq!(readiness["pace"], "about", "{growing:#?}");
    let date = |key: &str| readiness[key].as_str().unwrap_or_default().parse::<Date>();
    let (report, from, about, to) = (date("report")?, date("earliest")?, date("about")?, date("latest")?);
    let days = report.until(about)?.get_days();
    assert!((3..=6).contains(&days) && report < from && from <= about && about <= to, "{readiness}");
    let words = format!("{threshold} % about {about} (between {from} and {to}), +");
    assert!(growing.stdout.contains(&words), "{words}: {growing:#?}");
    let markdown = harness.run(&["forecast", "--format", "markdown", "--ready", &threshold])?;
    assert!(markdown.stdout.contains(&format!("{threshold} % about {about} ")), "{markdown:#?}");

    add_days(&harness, &today, |before| (share + 4 * before).min(1_000))?;
    let (shrinking, readiness) = forecast(&harness, &[])?;
    assert_eq!(readiness["pace"], "not-growing", "{shrinking:#?}");
    assert!(
        shrinking.stdout.contains("; 90 % are not in sight, as the share does not grow for certain: -"),
        "{shrinking:#?}"
    );
    let (reached, readiness) = forecast(&harness, &["--ready", "1%"])?;
    assert_eq!(readiness["pace"], "reached", "{reached:#?}");
    for wrong in ["0%", "101", "half"] {
        let refused = harness.run(&["forecast", "--ready", wrong])?;
        assert!(refused.stderr.contains("write a whole number from 1% to 100%"), "{refused:#?}");
    }
    Ok(())
}

#[test]
fn a_share_says_nothing_where_many_are_unclear() -> TestResult {
    let harness = harness(UNCLEAR)?;
    let (_, today) = forecast(&harness, &[])?;
    add_days(&harness, &today, |before| 800 - 4 * before)?;
    let (run, readiness) = forecast(&harness, &[])?;
    assert_eq!(readiness["pace"], "not-known", "{run:#?}");
    assert!(run.stdout.contains(" more are unclear; too many are unclear to say when 90 % are reached"), "{run:#?}");
    Ok(())
}

/// What a newer version wrote, or is damaged, is named and stays as it is; the forecast is the same.
#[test]
fn a_file_that_cannot_be_used_is_named_and_stays() -> TestResult {
    let harness = harness(SECTIONS)?;
    let (good, _) = forecast(&harness, &[])?;
    let path = file(&harness)?;
    for (text, why) in
        [("{\"formatVersion\": 2}", "it has the format 2, and this program knows 1"), ("{", "it is damaged")]
    {
        fs::write(&path, text)?;
        let (run, _) = forecast(&harness, &[])?;
        assert_eq!((run.code, &run.stdout), (good.code, &good.stdout), "{run:#?}");
        let named = run.stderr.contains(&format!("warning: {} is not used: {why};", path.display()));
        assert!(named, "{run:#?}");
        assert_eq!(fs::read_to_string(&path)?, text);
    }
    fs::remove_file(&path)?;
    fs::create_dir(&path)?;
    let (run, _) = forecast(&harness, &[])?;
    assert!(run.code == good.code && run.stderr.contains("it is not a regular file"), "{run:#?}");
    Ok(())
}

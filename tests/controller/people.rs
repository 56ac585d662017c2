//! The people that the controller counts: the metrics, and the notices before a date that takes the reset from somebody.

use std::error::Error;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Process, Sandbox, controller_folder, program, request, status, wait_for};
use crate::receiver::Receiver;
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
/// Everybody may reset with one method, and phones are among them.
const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nscope: { users: all, administrators: true }\nmethods: { required: 1, allowed: [email, mobilePhone] }\n";
/// The end of the phones is moved into the past, as each day of a run is: a forecast for a day ahead would be for today as well.
const CONFIG: &str = "version: 1\ncontroller:\n  notify:\n    - { to: webhook, url: SSPRCTL_NOTIFY_HOOK, key: SSPRCTL_NOTIFY_KEY }\ncalendar:\n  sms-voice-retirement: { date: 2026-07-01, reason: by the message center }\n";

/// A folder with a policy that the tenant already has, and a receiver of notices.
pub(crate) struct Harness {
    folder: TempDir,
    sandbox: Sandbox,
    receiver: Receiver,
}

impl Harness {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("policies"))?;
        fs::write(folder.path().join("policies/contoso.yaml"), POLICY)?;
        fs::write(folder.path().join("ssprctl.yaml"), CONFIG)?;
        let sandbox = Sandbox::serve(folder.path())?;
        let harness = Self { folder, sandbox, receiver: Receiver::start(&[])? };
        let applied = program(harness.folder.path(), &harness.sandbox.environment)
            .args(["apply", "--auto-approve", "--verify-timeout", "5s"])
            .output()?;
        assert_eq!(applied.status.code(), Some(0), "{}", String::from_utf8_lossy(&applied.stderr));
        Ok(harness)
    }

    fn environment(&self, day: &str) -> Vec<(String, String)> {
        let hook = format!("http://{}/", self.receiver.address);
        let own = [("SSPRCTL_AS_OF", day), ("SSPRCTL_NOTIFY_HOOK", &hook), ("SSPRCTL_NOTIFY_KEY", "a-key-of-the-test")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.sandbox.environment.iter().cloned().chain(own).collect()
    }

    /// Runs the controller on a day until it is ready and, with `counts`, has counted people; its metrics.
    pub(crate) fn run(&self, day: &str, counts: bool) -> Result<String, Box<dyn Error>> {
        let options = ["controller", "--listen", "127.0.0.1:0"];
        let options: Vec<_> = options.into_iter().chain(counts.then_some("--count-people")).collect();
        let process = Process::start(self.folder.path(), &self.environment(day), &options)?;
        let address = process.address()?;
        wait_for("the people", || {
            let status = status(&address)?;
            let counted = status["tenants"][CONTOSO]["people"]["day"] == day;
            Ok((status["ready"] == true && (counted || !counts)).then_some(()))
        })?;
        let (code, metrics) = request(&address, "GET", "/metrics", "")?;
        assert_eq!(code, 200, "{metrics}");
        let shown = program(self.folder.path(), &self.environment(day)).args(["controller", "status"]).output()?;
        let shown = String::from_utf8(shown.stdout)?;
        let line = shown.lines().find_map(|line| line.strip_prefix("people"));
        let able = people(&metrics, "able", "today");
        let expected = able.map(|able| format!("{able} can reset today, "));
        assert_eq!(line.map(|line| line.trim().split_inclusive(", ").next().unwrap_or_default()), expected.as_deref());
        assert!(line.is_none_or(|line| line.ends_with("; counted in 1 tenant")), "{shown}");
        process.end("-TERM")?;
        Ok(metrics)
    }

    /// The pages of all tenants and of the one, of a run on a day once it has counted people.
    fn pages(&self, day: &str) -> Result<[String; 2], Box<dyn Error>> {
        let options = ["controller", "--listen", "127.0.0.1:0", "--count-people"];
        let process = Process::start(self.folder.path(), &self.environment(day), &options)?;
        let address = process.address()?;
        wait_for("the people", || {
            let status = status(&address)?;
            let known = &status["tenants"][CONTOSO];
            let counted = known["people"]["day"] == day || known["suspendedByFile"] == true;
            Ok((status["ready"] == true && counted).then_some(()))
        })?;
        let page = |path: &str| request(&address, "GET", path, "").map(|(_, page)| page);
        let pages = [page("/")?, page(&format!("/t/{CONTOSO}"))?];
        process.end("-TERM")?;
        Ok(pages)
    }

    /// What `controller status` says of the people, of a run on a day that counts nobody again.
    fn status_line(&self, day: &str) -> Result<String, Box<dyn Error>> {
        let options = ["controller", "--listen", "127.0.0.1:0", "--count-people"];
        let process = Process::start(self.folder.path(), &self.environment(day), &options)?;
        let address = process.address()?;
        wait_for("a ready controller", || Ok((status(&address)?["ready"] == true).then_some(())))?;
        let shown = program(self.folder.path(), &self.environment(day)).args(["controller", "status"]).output()?;
        process.end("-TERM")?;
        Ok(String::from_utf8(shown.stdout)?)
    }

    /// The counts that later forecasts look back at.
    fn recorded(&self) -> Result<Vec<Value>, Box<dyn Error>> {
        let folder = controller_folder(self.folder.path())?.with_file_name("readiness");
        let mut days = Vec::new();
        for file in fs::read_dir(folder).into_iter().flatten() {
            let file: Value = serde_json::from_str(&fs::read_to_string(file?.path())?)?;
            for policy in file["policies"].as_object().into_iter().flatten() {
                days.extend(policy.1.as_object().into_iter().flatten().map(|(_, counts)| counts.clone()));
            }
        }
        Ok(days)
    }

    /// The messages of the notices so far.
    fn notices(&self) -> Result<Vec<String>, Box<dyn Error>> {
        let mut notices = Vec::new();
        for got in self.receiver.got() {
            let document = got.json()?;
            for event in document["events"].as_array().into_iter().flatten().filter(|one| one["reason"] == "LosesReset")
            {
                assert_eq!((&event["tenant"], &event["well"]), (&json!(CONTOSO), &json!(false)));
                notices.push(event["message"].as_str().unwrap_or_default().to_owned());
            }
        }
        Ok(notices)
    }
}

/// The value of a series, by its name with labels.
fn value(metrics: &str, series: &str) -> Option<u64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

fn people(metrics: &str, state: &str, at: &str) -> Option<u64> {
    value(metrics, &format!("ssprctl_people{{at=\"{at}\",state=\"{state}\",tenant=\"{CONTOSO}\"}}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

#[test]
fn metrics_are_what_the_forecast_counts_and_notices_come_once_over_restarts() -> TestResult {
    let harness = Harness::new()?;
    let metrics = harness.run("2026-04-29", true)?;
    assert_eq!(harness.notices()?, [""; 0], "it is 63 days ahead");

    let forecast = program(harness.folder.path(), &harness.environment("2026-04-29"))
        .args(["forecast", "--format", "json"])
        .output()?;
    let forecast: Value = serde_json::from_slice(&forecast.stdout)?;
    let rows = forecast["tenants"][0]["forecast"]["rows"].as_array().ok_or("no rows")?;
    let of_date = |date: &str| rows.iter().find(|row| row["at"] == date).ok_or_else(|| format!("{forecast:#}"));
    let able = |row: &Value| number(&row["people"]["able"]) + number(&row["administrators"]["able"]);
    let (today, phones) = (of_date("2026-04-29")?, of_date("2026-07-01")?);
    assert!(able(phones) < able(today), "{forecast:#}");
    for (at, row) in [("today", today), ("after_plan", today), ("next_calendar_date", phones)] {
        assert_eq!(people(&metrics, "able", at), Some(able(row)), "{at}: {metrics}");
        assert!(people(&metrics, "unclear", at).is_some() && people(&metrics, "notPermitted", at).is_some());
    }
    let losing = number(&phones["people"]["lose"]) + number(&phones["administrators"]["lose"]);
    let series = format!("ssprctl_people_losing{{at=\"next_calendar_date\",tenant=\"{CONTOSO}\"}}");
    assert_eq!((value(&metrics, &series), losing > 0), (Some(losing), true), "{metrics}");

    // Sixty days before, twice on that day; thirty before, of which the day was skipped; seven before.
    for (day, expected) in [("2026-05-03", 1), ("2026-05-03", 1), ("2026-06-05", 2), ("2026-06-28", 3)] {
        harness.run(day, true)?;
        let notices = harness.notices()?;
        assert_eq!(notices.len(), expected, "{day}: {notices:?}");
        let last = notices.last().ok_or("no notice")?;
        assert!(last.contains("lose the reset on 2026-07-01, in ") && !last.contains('@'), "{last}");
    }

    let metrics = harness.run("2026-06-28", false)?;
    assert!(!metrics.contains("ssprctl_people"), "nobody asked to count: {metrics}");
    Ok(())
}

#[test]
fn pages_draw_the_days_on_which_people_were_counted_and_a_gap_stays_one() -> TestResult {
    let harness = Harness::new()?;
    for page in harness.pages("2026-04-27")? {
        assert!(page.contains("One count, of 2026-04-27: "), "{page}");
        assert_eq!((page.matches("<circle").count(), page.contains("class=\"curve\"")), (1, false), "{page}");
    }
    harness.pages("2026-04-28")?;
    for page in harness.pages("2026-04-30")? {
        assert!(page.contains("3 counts, from 2026-04-27 to 2026-04-30: "), "{page}");
        assert!(page.contains("Of 1 day between them there is no count; it is a gap."), "{page}");
        assert!(page.contains("= the same since 2026-04-28"), "{page}");
        // Of three points the first two are joined.
        let curve = page.split("class=\"curve\" d=\"").nth(1).and_then(|rest| rest.split('"').next());
        let moves = curve.map(|curve| curve.replace(|letter: char| !letter.is_ascii_uppercase(), ""));
        assert_eq!((page.matches("<circle").count(), moves.as_deref()), (3, Some("MLM")), "{page}");
        let days = page.split("<th scope=\"row\" class=\"when\">").skip(1).filter_map(|rest| rest.split('<').next());
        assert_eq!(days.collect::<Vec<_>>(), ["2026-04-30", "2026-04-28", "2026-04-27"], "{page}");
        let shown = page.split("<main class=\"board\">").nth(1).unwrap_or_default();
        assert!(shown.contains("Can reset") && !shown.contains('@'), "nobody is named: {page}");
    }
    Ok(())
}

#[test]
fn a_day_that_is_not_past_is_recorded_for_later_forecasts_and_a_suspended_tenant_has_no_numbers() -> TestResult {
    let harness = Harness::new()?;
    harness.run("2026-04-29", true)?;
    assert_eq!(harness.recorded()?, [] as [Value; 0], "the report is not of that day");
    let metrics = harness.run("2099-01-01", true)?;
    let able = people(&metrics, "able", "today").unwrap_or_default();
    let recorded = harness.recorded()?;
    let [day] = recorded.as_slice() else { return Err(format!("{recorded:?}").into()) };
    // Administrators are in the metrics alone.
    assert!((1..=able).contains(&number(&day["able"])), "{day}, {able} by the metrics");

    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\ncontroller: { suspend: ['*'] }\n")?;
    let metrics = harness.run("2099-01-01", true)?;
    assert!(!metrics.contains("ssprctl_people"), "they would become old: {metrics}");
    Ok(())
}

#[test]
fn numbers_of_another_revision_say_so_and_a_suspended_tenant_says_why_it_has_none() -> TestResult {
    let (harness, day) = (Harness::new()?, "2026-04-29");
    for page in harness.pages(day)? {
        assert!(!page.contains("counted with revision") && !page.contains("with which revision"), "{page}");
    }
    let policy = POLICY.replace("administrators: true", "administrators: false");
    fs::write(harness.folder.path().join("policies/contoso.yaml"), policy)?;
    for page in harness.pages(day)? {
        assert!(page.contains("counted with revision ") && page.contains(", not with "), "{page}");
    }
    let shown = harness.status_line(day)?;
    assert!(shown.contains("; counted in 1 tenant, in 1 of them not with the present revision"), "{shown}");

    // A state of an older version does not know it.
    let path = controller_folder(harness.folder.path())?.join("state.json");
    let mut state: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    let counts = state["tenants"][CONTOSO]["people"]["counts"].as_object_mut().ok_or("no counts")?;
    assert!(counts.remove("revision").is_some(), "{state:#}");
    fs::write(&path, state.to_string())?;
    for page in harness.pages(day)? {
        assert!(page.contains("it is not known with which revision they were counted"), "{page}");
    }

    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\ncontroller: { suspend: ['*'] }\n")?;
    for page in harness.pages(day)? {
        assert!(page.contains("unknown") && page.contains("people of a suspended tenant are not counted"), "{page}");
        assert!(!page.contains("only with") && !page.contains("class=\"trend"), "{page}");
    }
    Ok(())
}

#[test]
fn a_suspended_tenant_is_counted_once_in_the_summary() -> TestResult {
    let (harness, day) = (Harness::new()?, "2026-04-29");
    harness.pages(day)?;
    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\ncontroller: { suspend: ['*'] }\n")?;
    let process =
        Process::start(harness.folder.path(), &harness.environment(day), &["controller", "--listen", "127.0.0.1:0"])?;
    let address = process.address()?;
    let summary = wait_for("the suspension", || {
        let status = status(&address)?;
        Ok((status["ready"] == true).then(|| status["summary"].clone()))
    })?;
    let known = ["tenants", "inLine", "differing", "suspended"].map(|key| number(&summary[key]));
    assert_eq!(known, [1, 0, 0, 1], "{summary}");
    process.end("-TERM")?;
    Ok(())
}

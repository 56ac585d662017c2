//! `forecast`: who can reset, over policies and dates, in numbers that agree with those of `plan --impact`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, Person, portal_user};
use serde_json::{Value, json};

use crate::harness::{CONTOSO, Harness, Run, TestResult};

/// The day from which every forecast looks ahead.
const TODAY: &str = "2026-11-22";
/// Everybody may reset with one method, and phones are among them.
const OPEN: &str =
    "scope: { users: all, administrators: true }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
/// The same with every method: the emulator's report counts methods also where they are not allowed.
const EVERY_METHOD: &str = "scope: { users: all }
methods: { required: 1, allowed: [email, mobilePhone, officePhone, mobileAppCode, securityQuestions] }
securityQuestions: { toRegister: 3, toReset: 3, questions: [{ custom: One at least }, { custom: Two at least }, { custom: Three at least }] }";
const STATES: [&str; 5] = ["able", "short", "unregistered", "notPermitted", "unclear"];

fn run(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    harness.finish(harness.command(arguments).env("SSPRCTL_AS_OF", TODAY))
}

/// A tenant that is as its policy says.
fn applied(sections: &str) -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(sections, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    Ok(harness)
}

fn last_line(run: &Run) -> &str {
    run.stdout.lines().last().unwrap_or_default()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn rows(document: &Value) -> Vec<&Value> {
    document["tenants"][0]["forecast"]["rows"].as_array().into_iter().flatten().collect()
}

/// The people who go from one row to the next, by the state before and after.
fn flows(forecast: &Value, row: usize) -> BTreeMap<(String, String), u64> {
    let listed = forecast["flows"].as_array().into_iter().flatten();
    let of_row = listed.filter(|flow| flow["row"] == json!(row) && flow["administrators"] == json!(false));
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of_row.map(|flow| ((word(&flow["before"]), word(&flow["after"])), number(&flow["people"]))).collect()
}

/// The phones end, and those fall out who have nothing else: on the day itself, and not on the day before. A policy that takes
/// nothing from anybody changes nothing of that.
#[test]
fn people_fall_out_on_the_day_and_not_before() -> TestResult {
    let harness = applied(OPEN)?;
    for (until, code, words) in
        [("2027-01-31", 0, "nobody falls out until 2027-01-31, "), ("2027-02-01", 2, " fall out on 2027-02-01, ")]
    {
        let forecast = run(&harness, &["forecast", "--until", until])?;
        assert_eq!(forecast.code, Some(code), "{forecast:#?}");
        assert!(last_line(&forecast).contains(words), "{forecast:#?}");
    }
    let at = "2099-01-31";
    let alone = harness.finish(harness.command(&["forecast", "--as-of", at]).env_remove("SSPRCTL_AS_OF"))?;
    assert_eq!(alone.code, Some(2), "{alone:#?}");
    assert!(last_line(&alone).contains(&format!(" fall out on {at}, ")), "{alone:#?}");
    let all = run(&harness, &["forecast"])?;
    assert_eq!(all.code, Some(2), "{all:#?}");
    for words in [
        "sms-voice-retirement (2027-02-01): Microsoft's delivery of texts and calls ends",
        "security-questions-retirement (March 2027, not certain on this day): security questions end",
        "registered, and no longer counts: mobilePhone for ",
        " lose it because the methods that they have registered have ended (mobilePhone no longer counts)",
        " need one method more, which can be: email for ",
        "nobody moves",
    ] {
        assert!(all.stdout.contains(words), "{words}: {all:#?}");
    }
    assert!(last_line(&all).starts_with("Forecast: 1") && last_line(&all).contains("on 2027-02-01"), "{all:#?}");
    let policy = harness.folder.path().join("policies/policy.yaml");
    fs::write(&policy, fs::read_to_string(&policy)?.replace("mobilePhone]", "mobilePhone, mobileAppCode]"))?;
    let planned = run(&harness, &["forecast", "--until", "2027-01-31"])?;
    assert!(planned.stdout.contains("once applied"), "{planned:#?}");
    assert!(last_line(&planned).starts_with("Forecast: nobody falls out until 2027-01-31, "), "{planned:#?}");
    Ok(())
}

/// A date that Microsoft moved, and phones that a provider of the tenant's own serves.
#[test]
fn dates_move_and_a_provider_carries_phones() -> TestResult {
    let harness = applied(OPEN)?;
    fs::create_dir(harness.folder.path().join(".git"))?;
    let calendar = |entry: &str| {
        let text =
            format!("version: 1\ncalendar:\n  sms-voice-retirement: {{ {entry}, reason: by the message center }}\n");
        fs::write(harness.folder.path().join("ssprctl.yaml"), text)
    };
    calendar("date: 2027-05-03")?;
    let moved = run(&harness, &["forecast"])?;
    assert!(last_line(&moved).contains(" fall out on 2027-05-03, "), "{moved:#?}");
    assert!(moved.stdout.contains("(2027-05-03 (moved from 2027-02-01))"), "{moved:#?}");
    calendar("provider: true")?;
    let served = run(&harness, &["forecast"])?;
    assert_eq!(served.code, Some(0), "{served:#?}");
    assert!(last_line(&served).starts_with("Forecast: nobody falls out until 2027-07-01, "), "{served:#?}");
    Ok(())
}

/// A policy that takes the reset from people is a moment of its own, before all dates; a waiver that ends is one, too.
#[test]
fn the_policy_and_its_waivers_are_moments() -> TestResult {
    let harness = applied(OPEN)?;
    let waiver = "waivers: [{ rule: one-method-required, reason: until the app is rolled out, owner: Identity, expires: 2027-01-14 }]";
    let text = format!("{}\n{waiver}", OPEN.replace("required: 1", "required: 2"));
    fs::write(harness.folder.path().join("policies/policy.yaml"), format!("version: 1\ntenant: {CONTOSO}\n{text}\n"))?;
    let shown = run(&harness, &["forecast"])?;
    assert_eq!(shown.code, Some(2), "{shown:#?}");
    assert!(last_line(&shown).contains(" fall out once applied"), "{shown:#?}");
    assert!(
        shown
            .stdout
            .contains("\n    2027-01-15: nobody moves\n      the waiver of one-method-required ended on 2027-01-14"),
        "{shown:#?}"
    );
    let json = run(&harness, &["forecast", "--format", "json"])?.json()?;
    let rows = json["tenants"][0]["forecast"]["rows"].as_array().ok_or("no rows")?;
    let dates: Vec<_> = rows.iter().map(|row| (row["at"].as_str().unwrap_or_default(), &row["applied"])).collect();
    let (no, yes) = (json!(false), json!(true));
    let later = ["2027-01-15", "2027-02-01", "2027-03-01", "2027-04-01", "2027-07-01"];
    let expected: Vec<_> = [(TODAY, &no), (TODAY, &yes)].into_iter().chain(later.map(|at| (at, &yes))).collect();
    assert_eq!(dates, expected);
    assert!(number(&rows[6]["ableWithoutPlan"]) > number(&rows[6]["people"]["able"]), "{rows:#?}");
    assert_eq!(rows[2]["causes"][0]["waiver"], "one-method-required", "{rows:#?}");
    Ok(())
}

/// For many states of a tenant and many policies the forecast is the one of `plan --impact`, and the matrix adds up.
#[test]
fn the_forecast_is_that_of_the_plan() -> TestResult {
    let methods =
        ["email", "mobilePhone", "email,mobilePhone", "mobileAppCode,email,mobilePhone", "mobilePhone,officePhone"];
    let mut compared = 0;
    for case in 0..10_usize {
        let pick = |list: &[&'static str], step: usize| list[(case * step + step / 2) % list.len()];
        let scope = pick(&["all", "none", "selected, group: SSPR-Pilot"], 2);
        let (allowed, live) = (pick(&methods, 3), pick(&methods, 1));
        // The service refuses fewer methods than are required.
        let many = |allowed: &str, required| if allowed.contains(',') { required } else { "1" };
        let (required, live_required) = (many(allowed, pick(&["1", "2"], 1)), many(live, pick(&["1", "1", "2"], 5)));
        let allowed = allowed.replace(',', ", ");
        let text = format!("scope: {{ users: {scope} }}\nmethods: {{ required: {required}, allowed: [{allowed}] }}");
        let harness = Harness::with(&text, Faults::none())?;
        for (setting, value) in [
            ("scope.users", pick(&["all", "all", "none"], 1)),
            ("methods.required", "1"),
            ("methods.allowed", live),
            ("methods.required", live_required),
            ("scope.administrators", pick(&["true", "false"], 3)),
        ] {
            portal_user::set(&harness.world, CONTOSO, setting, value)?;
        }
        let forecast = run(&harness, &["forecast", "--format", "json"])?.json()?;
        let forecast = &forecast["tenants"][0]["forecast"];
        let rows = forecast["rows"].as_array().ok_or("no rows")?;
        for (index, row) in rows.iter().enumerate().skip(1) {
            let flows = flows(forecast, index);
            for state in STATES {
                let sum = |wanted: &dyn Fn(&(String, String)) -> bool| -> u64 {
                    flows.iter().filter(|(states, _)| wanted(states)).map(|(_, many)| many).sum()
                };
                assert_eq!(sum(&|(_, after)| after == state), number(&row["people"][state]), "{case} {index} {state}");
                let before = number(&rows[index - 1]["people"][state]);
                assert_eq!(sum(&|(before, _)| before == state), before, "{case} {index} {state}");
            }
        }
        let plan = run(&harness, &["plan", "--impact", "--format", "json"])?.json()?;
        let counts = &plan["tenants"][0]["people"]["counts"];
        if counts.is_null() {
            assert_eq!(rows[1]["applied"], json!(false), "{case}");
            continue;
        }
        compared += 1;
        assert_eq!(&counts["forecast"], forecast, "{case}");
        let (now, then) = (&rows[0]["people"], &rows[1]["people"]);
        assert_eq!(counts["ableNow"], now["able"], "{case}");
        assert_eq!((&counts["lose"], &counts["gain"]), (&then["lose"], &then["gain"]), "{case}");
        for (key, state) in [("ableThen", "able"), ("short", "short"), ("unregistered", "unregistered")] {
            assert_eq!(counts[key], then[state], "{case} {state}");
        }
        assert_eq!(counts["administratorsLose"], rows[1]["administrators"]["lose"], "{case}");
    }
    assert!(compared >= 6, "{compared}");
    Ok(())
}

/// What was forecast for a second method is what the emulator's own report shows once it is required.
#[test]
fn the_policy_does_what_was_forecast() -> TestResult {
    let harness = applied(EVERY_METHOD)?;
    let policy = harness.folder.path().join("policies/policy.yaml");
    fs::write(&policy, fs::read_to_string(&policy)?.replace("required: 1", "required: 2"))?;
    let forecast = run(&harness, &["forecast", "--format", "json"])?.json()?;
    let then = &forecast["tenants"][0]["forecast"]["rows"][1]["people"];
    assert!(number(&then["lose"]) > 0, "{then:#}");
    assert_eq!(harness.apply()?.code, Some(0));
    let shown = run(&harness, &["show", "--tenant", CONTOSO, "--registration", "--format", "json"])?.json()?;
    let capable = number(&shown["registration"]["members"]["capable"]);
    let able = number(&then["able"]);
    // The emulator's report knows nothing of where a password is.
    let most = able + number(&then["unclear"]) + number(&then["notPermitted"]);
    assert!((able..=most).contains(&capable), "{capable}: {then:#}");
    Ok(())
}

/// A tenant without a policy is shown as it is; without its name there is nothing to show.
#[test]
fn a_tenant_needs_no_policy() -> TestResult {
    let harness = applied(OPEN)?;
    fs::remove_dir_all(harness.folder.path().join("policies"))?;
    let live = run(&harness, &["forecast", "--tenant", CONTOSO])?;
    assert_eq!(live.code, Some(2), "{live:#?}");
    assert!(last_line(&live).contains("on 2027-02-01") && !live.stdout.contains("once applied"), "{live:#?}");
    let nameless = run(&harness, &["forecast"])?;
    assert!(nameless.code == Some(1) && nameless.stderr.contains("no tenant is named"), "{nameless:#?}");
    fs::create_dir(harness.folder.path().join("policies"))?;
    let other = "version: 1\ntenant: fabrikam.onmicrosoft.com\nmethods: { required: 1 }\n";
    fs::write(harness.folder.path().join("policies/other.yaml"), other)?;
    assert_eq!(run(&harness, &["forecast", "--tenant", CONTOSO])?.stdout, live.stdout);
    let named = run(&harness, &["forecast", "policies", "--tenant", CONTOSO])?;
    assert_eq!(named.code, Some(1), "a path that is given must have the policy: {named:#?}");
    Ok(())
}

/// Several tenants have a table each, and a line for each in which people fall out, the most people first.
#[test]
fn a_fleet_is_summed_up() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    for tenant in ["adatum", "contoso"] {
        let text = format!("version: 1\ntenant: {tenant}.onmicrosoft.com\n{OPEN}\n");
        fs::write(folder.path().join(format!("policies/{tenant}.yaml")), text)?;
    }
    let harness = Harness::with(OPEN, Faults::none())?;
    let run = |format| {
        let mut command = harness.command(&["forecast", "--sandbox", "--format", format]);
        let state = folder.path().join("state");
        harness.finish(command.env("SSPRCTL_AS_OF", TODAY).env("XDG_STATE_HOME", state).current_dir(folder.path()))
    };
    let shown = run("terminal")?;
    assert_eq!(shown.code, Some(2), "{shown:#?}");
    let lines: Vec<_> = shown.stdout.lines().collect();
    let tenants: Vec<_> = lines.iter().filter(|line| line.contains("onmicrosoft.com")).collect();
    assert!(
        tenants.len() == 4 && tenants[2].starts_with("  contoso.onmicrosoft.com: 16 people fall out on"),
        "{shown:#?}"
    );
    assert!(run("markdown")?.stdout.contains("\n- contoso.onmicrosoft.com: 16 people"), "{:#?}", run("markdown")?);
    assert_eq!(run("json")?.json()?["summary"], json!({ "tenants": 2, "unreadable": 0, "losing": 2 }));
    Ok(())
}

/// What cannot be read is said in the last line, and what contradicts itself is refused.
#[test]
fn the_last_line_never_reads_better_than_the_run_was() -> TestResult {
    let person = Person::lacking(&["AuditLog.Read.All"]);
    let harness = Harness::of(CONTOSO, OPEN, Faults::none(), &person)?;
    let unread = run(&harness, &["forecast"])?;
    assert_eq!(unread.code, Some(8), "{unread:#?}");
    assert_eq!(last_line(&unread), "Forecast: nothing is known; 1 tenant could not be read.");
    let both = ["forecast", "--as-of", "2099-01-01", "--until", "2099-01-01"];
    let both = harness.finish(&mut harness.command(&both))?;
    assert!(both.code == Some(1) && both.stderr.contains("leave one of them out"), "{both:#?}");
    fs::write(harness.folder.path().join("policies/policy.yaml"), "version: 1\ntenant: 7\n")?;
    assert_eq!(run(&harness, &["forecast"])?.code, Some(3));
    Ok(())
}

/// Whether a plan of the policy is refused, and whether something could not be read, is in the last line and in the exit code.
#[test]
fn a_refused_policy_and_an_unread_group_are_said() -> TestResult {
    let missing = Harness::with("scope: { users: selected, group: No Such Group }", Faults::none())?;
    let forecast = run(&missing, &["forecast"])?;
    assert_eq!(forecast.code, Some(4), "{forecast:#?}");
    assert!(forecast.stdout.contains("refused, and the policy not counted: group-not-found: "), "{forecast:#?}");
    assert!(last_line(&forecast).ends_with("; 1 tenant with a policy whose plan is refused."), "{forecast:#?}");
    let json: Value = serde_json::from_str(&run(&missing, &["forecast", "--format", "json"])?.stdout)?;
    assert_eq!(json["tenants"][0]["countsPolicy"], json!(false));
    assert_eq!(json["tenants"][0]["refused"][0]["code"], json!("group-not-found"));
    assert!(rows(&json).iter().all(|row| row["applied"] == json!(false)), "{json:#}");

    let forbidden = applied(OPEN)?;
    let policy = forbidden.folder.path().join("policies/policy.yaml");
    fs::write(&policy, fs::read_to_string(&policy)?.replace("users: all", "users: none"))?;
    let forecast = run(&forbidden, &["forecast", "--until", "2027-01-31"])?;
    assert_eq!(forecast.code, Some(4), "{forecast:#?}");
    let says = "refused, and the policy counted as if it were applied: scope-switched-off: ";
    assert!(forecast.stdout.contains(says) && forecast.stdout.contains("once applied"), "{forecast:#?}");

    let accounts = Person::lacking(&["User.Read.All", "Directory.Read.All"]);
    let unread = Harness::of(CONTOSO, OPEN, Faults::none(), &accounts)?;
    let forecast = run(&unread, &["forecast"])?;
    assert_eq!(forecast.code, Some(8), "{forecast:#?}");
    assert!(last_line(&forecast).starts_with("Forecast: nobody is known to fall out"), "{forecast:#?}");
    assert!(last_line(&forecast).ends_with("; 1 tenant could not be read in full."), "{forecast:#?}");

    let past = run(&unread, &["forecast", "--until", "2026-11-21"])?;
    assert!(past.code == Some(1) && past.stderr.contains("--until 2026-11-21 is past"), "{past:#?}");
    Ok(())
}

/// Whatever decides about people and could not be read is named, and the run does not end as if all were known.
#[test]
fn licences_and_documents_that_are_not_read_are_said() -> TestResult {
    for (path, what) in [
        ("subscribedSkus", "the tenant's licences"),
        ("onPremisesPasswordResetPolicies", "onPremisesPasswordReset"),
        ("authorizationPolicy", "authorizationPolicy"),
    ] {
        let forbidden = Fault::on(Method::GET, path, Action::status(403));
        let faults = Faults::none().and(forbidden);
        let harness = Harness::of(CONTOSO, "scope: { users: all }", faults, &Person::Administrator)?;
        let forecast = run(&harness, &["forecast", "--until", "2027-01-31"])?;
        let last = last_line(&forecast);
        assert_eq!(forecast.code, Some(8), "{path}: {forecast:#?}");
        assert!(forecast.stdout.contains(&format!("not read: {what}: ")), "{path}: {forecast:#?}");
        assert!(last.starts_with("Forecast: nobody is known to fall out until 2027-01-31, "), "{path}: {last}");
        assert!(last.ends_with("; 1 tenant could not be read in full."), "{path}: {last}");
        let plan = run(&harness, &["plan", "--impact"])?;
        assert!(plan.stdout.lines().any(|line| line.contains(what) && line.contains("403")), "{path}: {plan:#?}");
        let advice = run(&harness, &["advise"])?;
        assert!(advice.stdout.contains(&format!("not read: {what}: ")), "{path}: {advice:#?}");
    }
    Ok(())
}

/// No output holds anything that names a person: no id but that of the tenant, and no address.
#[test]
fn nobody_is_named() -> TestResult {
    let harness = applied(OPEN)?;
    let policy = harness.folder.path().join("policies/policy.yaml");
    fs::write(&policy, fs::read_to_string(&policy)?.replace("required: 1", "required: 2"))?;
    for format in ["terminal", "markdown", "json"] {
        let shown = run(&harness, &["forecast", "--format", format])?;
        assert!(shown.code == Some(2) && !shown.stdout.contains('@'), "{shown:#?}");
        let is_id = |word: &&str| word.len() == 36 && word.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        let words = shown.stdout.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let ids: Vec<_> = words.filter(is_id).collect();
        assert_eq!(ids.len(), usize::from(format == "json"), "{ids:?}");
    }
    Ok(())
}

/// A day that is past is not called today: its date is in the place of the word, and it is said what was read when.
#[test]
fn a_past_day_has_its_date() -> TestResult {
    let policy = "scope: { users: all }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
    let harness = Harness::with(policy, Faults::none())?;
    for (command, until) in [(&["forecast"][..], "2026-11-01"), (&["plan", "--impact"], "2026-11-01")] {
        let past = |format: &str| {
            harness.finish(&mut harness.command(&[command, &["--as-of", until, "--format", format]].concat()))
        };
        for (format, row) in [("terminal", "\n    2026-11-01    "), ("markdown", "\n| 2026-11-01 |")] {
            let shown = past(format)?.stdout;
            assert!(shown.contains(row) && !shown.contains("today"), "{shown}");
            assert!(shown.contains(", read now and judged as on 2026-11-01"), "{shown}");
        }
        let page = past("html")?.stdout;
        let page = page.split_once("</style>").ok_or("no page")?.1;
        assert!(page.contains(">2026-11-01<") && !page.contains("today"), "{page}");
        let tenant = past("json")?.json()?["tenants"][0].clone();
        let counts = tenant.get("forecast").unwrap_or(&tenant["people"]["counts"]["forecast"]).clone();
        assert!(counts["past"] == true && counts["rows"][0]["at"] == until, "{counts:#}");
        let now = harness.finish(&mut harness.command(command))?.stdout;
        assert!(now.contains("\n    today    ") && !now.contains("judged as on"), "{now}");
    }
    Ok(())
}

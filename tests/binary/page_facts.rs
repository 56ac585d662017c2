//! Pages say what the terminal says of the same run: nothing that a manager or a change board needs is left out.

use std::error::Error;
use std::fs;
use std::process::Command;

use entra_sandbox::{Faults, portal_user};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{CONTOSO, FABRIKAM, Harness, TestResult, clock_variable};

/// A rule that is off, a limit that is raised, and a change that is always allowed.
const REPOSITORY: &str =
    "version: 1\nrules: {no-helpdesk-link: off}\nlimits: {losing: 40%, allow: [writeback-switched-off]}\n";
/// A step that waits, and a waiver.
const OF_CONTOSO: &str = "scope: {users: all}
methods: {required: 2, readiness: {able: 90%, reportAge: 3d}, allowed: [mobilePhone, email, mobileAppCode]}
waivers: [{rule: sms-voice-retirement, reason: the app is rolled out, owner: identity@contoso.com, expires: 2026-12-20}]";
const OF_FABRIKAM: &str = "methods: {required: 1, allowed: [email, mobileAppCode]}";

/// A run in the terminal, with its page and its document.
struct Shown {
    terminal: String,
    page: String,
    document: Value,
}

/// Embedded tenants whose policies need what licences permit.
struct Sandbox(TempDir);

impl Sandbox {
    fn of(policies: &[(&str, &str)]) -> Result<Self, Box<dyn Error>> {
        let sandbox = Self(tempfile::tempdir()?);
        fs::create_dir(sandbox.path("policies"))?;
        fs::write(sandbox.path("ssprctl.yaml"), REPOSITORY)?;
        for (tenant, sections) in policies {
            fs::write(
                sandbox.path(&format!("policies/{tenant}.yaml")),
                format!("version: 1\ntenant: {tenant}\n{sections}\n"),
            )?;
            sandbox.run(&["sandbox", "set", "--tenant", tenant, "methods.required=1"])?;
        }
        let faults = "version: 1\nfaults:\n  - { path: subscribedSkus, fault: { error: { status: 403 } } }\n";
        fs::write(sandbox.path("faults.yaml"), faults)?;
        Ok(sandbox)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.env_clear().envs([clock_variable()]).current_dir(self.0.path()).env("NO_COLOR", "1").args(arguments);
        command.env("XDG_STATE_HOME", self.path("state"));
        let output = command.args(["--as-of", "2026-11-22"]).output()?;
        Ok(String::from_utf8(output.stdout)?)
    }

    fn shown(&self, arguments: &[&str]) -> Result<Shown, Box<dyn Error>> {
        let also = ["--sandbox", "--also", "html=page.html", "--also", "json=page.json"];
        let terminal = self.run(&[arguments, &also].concat())?;
        let page = fs::read_to_string(self.path("page.html"))?.replace("&#39;", "'").replace("&gt;", ">");
        let page = page.replace("<code>", "`").replace("</code>", "`");
        let document = serde_json::from_str(&fs::read_to_string(self.path("page.json"))?)?;
        Ok(Shown { terminal, page, document })
    }
}

/// Each is in the text, or the test says which is not.
fn assert_says<'a>(text: &str, facts: impl IntoIterator<Item = &'a str>) {
    for fact in facts {
        assert!(text.contains(fact), "{fact}\n{text}");
    }
}

/// Lines that both the terminal and the page have.
fn assert_both(shown: &Shown, facts: &[&str]) {
    assert_says(&shown.terminal, facts.iter().copied());
    assert_says(&shown.page, facts.iter().copied());
}

#[test]
fn the_page_of_a_plan_says_what_waits_what_is_unread_and_what_is_excepted() -> TestResult {
    let sandbox = Sandbox::of(&[(CONTOSO, OF_CONTOSO), (FABRIKAM, OF_FABRIKAM)])?;
    let shown = sandbox.shown(&["plan", "--impact", "--faults", "faults.yaml"])?;
    let reason =
        shown.document.pointer("/tenants/0/held/0/message").and_then(Value::as_str).ok_or("nothing is held")?;
    assert_both(
        &shown,
        &[
            reason,
            "the tenant's licences",
            "may not list the tenant's subscriptions (HTTP 403)",
            "consent to the Microsoft Graph permission LicenseAssignment.Read.All",
            "the rule `no-helpdesk-link` is off",
            "`limits.losing` is raised to 40%",
            "`writeback-switched-off` is allowed",
            "without the plan: 0 can reset then",
            "unclear because the tenant's licences could not be read",
            "registered, and no longer counts: mobilePhone for",
            "and no two methods let them do it for certain",
            "are in scope and cannot reset then: their password is on premises, and writeback is off",
            "administrators are unclear",
        ],
    );
    assert_says(
        &shown.page,
        [
            "1 setting is held until enough people are ready.",
            "2027-03-01: nobody moves",
            "<h2>Held until enough people are ready</h2>",
            "<h2>In effect once applied</h2>",
            "either policy, while the tenant migrates",
            "aria-label=\"Administrators at each date\"",
        ],
    );
    assert_eq!(shown.page.matches("Graph permission LicenseAssignment").count(), 1, "what tenants share is there once");
    Ok(())
}

#[test]
fn the_page_of_a_plan_compares_with_today_and_with_no_plan() -> TestResult {
    let sections = "scope: {users: all}\nmethods: {required: 1, allowed: [email, mobilePhone]}";
    let sandbox = Sandbox::of(&[(CONTOSO, sections)])?;
    let shown = sandbox.shown(&["plan", "--impact"])?;
    let facts = ["against today: ", "without the plan: ", "could reset, and "];
    let lines = shown.terminal.lines().map(str::trim).filter(|line| facts.iter().any(|fact| line.contains(fact)));
    let lines: Vec<_> = lines.collect();
    assert!(lines.iter().any(|line| line.starts_with("without the plan")), "{}", shown.terminal);
    assert_says(&shown.page, lines);
    Ok(())
}

/// A tenant in which nobody falls out and people are unclear has a row that says how many.
#[test]
fn the_page_of_a_forecast_says_how_many_are_unclear_in_each_tenant() -> TestResult {
    let sandbox = Sandbox::of(&[(CONTOSO, OF_CONTOSO), (FABRIKAM, OF_FABRIKAM)])?;
    let shown = sandbox.shown(&["forecast", "--faults", "faults.yaml"])?;
    let tenants = shown.document["tenants"].as_array().ok_or("no tenants")?;
    let mut rows = 0;
    for tenant in tenants {
        let number = |key: &str| tenant["forecast"][key].as_u64().unwrap_or_default();
        let (people, administrators) = (number("unclear"), number("administratorsUnclear"));
        assert!(people > 1 && administrators > 1, "{tenant:#}");
        let unclear = format!("{people} people and {administrators} administrators are unclear");
        assert_says(&shown.page, [unclear.as_str()]);
        rows += shown.page.matches(&format!("nobody is known to fall out; {unclear}")).count();
    }
    assert!(rows > 0 && !shown.page.contains("nobody falls out<"), "{}", shown.page);
    assert_both(&shown, &["may not list the tenant's subscriptions (HTTP 403)"]);
    Ok(())
}

#[test]
fn the_page_of_an_apply_says_what_waits_and_what_is_unread() -> TestResult {
    let sandbox = Sandbox::of(&[(CONTOSO, OF_CONTOSO), (FABRIKAM, OF_FABRIKAM)])?;
    let shown = sandbox.shown(&["apply", "--auto-approve", "--faults", "faults.yaml"])?;
    assert_both(&shown, &["people can reset with the policy", "and 90 % have to"]);
    assert_says(
        &shown.page,
        ["<h2>Held until enough people are ready</h2>", "may not list the tenant's subscriptions"],
    );
    let drift = sandbox.shown(&["drift", "--faults", "faults.yaml"])?;
    assert_both(&drift, &["may not list the tenant's subscriptions (HTTP 403)"]);
    Ok(())
}

#[test]
fn the_page_of_a_check_says_what_is_excepted() -> TestResult {
    let sandbox = Sandbox::of(&[(CONTOSO, OF_CONTOSO)])?;
    fs::write(sandbox.path("page.html"), "")?;
    sandbox.run(&["validate", "--also", "html=page.html"])?;
    let page = fs::read_to_string(sandbox.path("page.html"))?;
    assert_says(
        &page,
        ["the rule <code>no-helpdesk-link</code> is off", "<code>limits.losing</code> is raised to 40%"],
    );
    Ok(())
}

/// The page says when the tenant was read, how sure each date is, and on what the settings take effect depends.
#[test]
fn the_page_of_a_tenant_says_when_it_was_read_and_how_sure_dates_are() -> TestResult {
    let sandbox = Sandbox::of(&[(FABRIKAM, OF_FABRIKAM)])?;
    let arguments = ["show", "--tenant", FABRIKAM, "--registration", "--faults", "faults.yaml"];
    let shown = sandbox.shown(&arguments)?;
    let read = shown.document["readAt"].as_str().ok_or("no time")?;
    assert_says(&shown.page, [&format!("· read {}", read.split_once('T').ok_or("no time")?.0)].map(String::as_str));
    assert_both(
        &shown,
        &[
            "2027-02-01 (one source says so): text messages as a first factor of signing in end",
            "may not list the tenant's subscriptions (HTTP 403)",
            "allowed by either policy; the tenant is migrating",
            "synchronised",
            "2026-11-2",
        ],
    );
    assert_says(&shown.page, ["on premises: synchronised"]);
    let score = shown.document.pointer("/secureScore/status").and_then(Value::as_str).ok_or("no score")?;
    assert_both(&shown, &[score]);
    Ok(())
}

/// Tenants of which nothing is to be said are in a fold where there are many, and are open where there are few.
#[test]
fn tenants_that_are_well_are_folded_in_a_large_fleet() -> TestResult {
    let names: Vec<_> = (1..=12).map(crate::fleet::name).collect();
    let tenants = |drifted: usize| -> Vec<Value> {
        let setting = |n: usize| -> Vec<Value> {
            let drift = serde_json::json!({
                "setting": "methods.required", "key": "methods-required-00000000", "expected": 2, "found": 1,
                "path": "policies/a.yaml", "line": 1, "column": 1, "state": "drifted",
            });
            (n < drifted).then_some(drift).into_iter().collect()
        };
        let tenant = |(n, name): (usize, &String)| {
            serde_json::json!({
                "tenant": name, "path": "policies/a.yaml", "complete": true, "settings": setting(n), "unchanged": [],
                "unmanaged": [], "unknown": [], "findings": [],
            })
        };
        names.iter().enumerate().map(tenant).collect()
    };
    let page = |drifted: usize, all: usize| -> Result<String, Box<dyn Error>> {
        let tenants: Vec<_> = tenants(drifted).into_iter().take(all).collect();
        let summary = serde_json::json!({
            "tenants": all, "unreadable": 0, "drifted": drifted, "settings": drifted, "pending": 0, "unknown": 0,
        });
        let document = serde_json::json!({
            "formatVersion": 1, "command": "drift", "exitCode": 2, "summary": summary, "tenants": tenants,
        });
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("drift.json"), document.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        let output = command
            .env_clear()
            .envs([clock_variable()])
            .current_dir(folder.path())
            .args(["report", "drift.json"])
            .output()?;
        Ok(String::from_utf8(output.stdout)?)
    };
    assert_says(&page(2, 12)?, ["<summary>10 more tenants: no drift</summary>"]);
    assert_says(&page(0, 12)?, ["<summary>12 tenants: no drift</summary>"]);
    assert!(!page(2, 9)?.contains("<summary>"), "few tenants are all open");
    Ok(())
}

/// Before the first apply nobody knows whether the tenant ever was as the policy says, and one run has seen it.
#[test]
fn drift_says_no_longer_only_of_what_was_in_sync() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let drift = || harness.run(&["drift", "--format", "html"]);
    let page = drift()?.stdout;
    assert!(page.contains("1 setting is not as the policy says.") && page.contains("setting differs"), "{page}");
    let said = [harness.run(&["drift"])?.stdout, harness.run(&["drift"])?.stdout].concat();
    assert!(said.contains("every run since "), "the second run and the third have seen it: {said}");
    let fresh = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let once = fresh.run(&["drift"])?.stdout;
    assert!(once.contains("changed by: unknown (a run at ") && !once.contains("every run"), "{once}");

    assert_eq!(harness.apply()?.code, Some(0));
    portal_user::set(&harness.world, CONTOSO, "notifications.administrators", "false")?;
    let page = drift()?.stdout;
    assert!(page.contains("1 setting is no longer as the policy says.") && page.contains("setting drifted"), "{page}");
    Ok(())
}

/// One person of another tenant is a person, as several are.
#[test]
fn the_page_of_a_plan_speaks_of_one_person_as_of_several() -> TestResult {
    let sandbox = Sandbox::of(&[(CONTOSO, OF_CONTOSO)])?;
    let shown = sandbox.shown(&["plan", "--impact"])?;
    assert_eq!(shown.document["tenants"][0]["people"]["counts"]["external"], 1, "{:#}", shown.document);
    assert_both(&shown, &["1 more whose account is in another tenant, which decides about them"]);
    Ok(())
}

/// The page of an apply says of how many people the plan took the reset, as the terminal does, and so does its document.
#[test]
fn the_page_of_an_apply_says_whom_it_affects() -> TestResult {
    let sandbox =
        Sandbox::of(&[(CONTOSO, "scope: {users: all}\nmethods: {required: 1, allowed: [email, mobilePhone]}")])?;
    let refused = "version: 1\nfaults: [{method: PUT, path: PasswordResetPolicies, fault: {error: {status: 403}}}]\n";
    fs::write(sandbox.path("faults.yaml"), refused)?;
    let failed = sandbox.shown(&["apply", "--auto-approve", "--faults", "faults.yaml"])?;
    assert!(failed.document["tenants"][0].get("people").is_none(), "nothing was written: {:#}", failed.document);
    assert!(
        ![&failed.terminal, &failed.page].iter().any(|text| text.contains("People, counted")),
        "{}",
        failed.terminal
    );
    let gained = sandbox.shown(&["apply", "--auto-approve"])?;
    let says = gained.document.pointer("/summary/says/0").and_then(Value::as_str).ok_or("nothing is said")?;
    assert!(says.starts_with("People, counted before anything was sent: 0 people lose the reset; "), "{says}");
    assert_both(&gained, &[says]);
    let many = &gained.document["tenants"][0]["people"]["counts"]["gain"];
    assert_says(&gained.page, [format!("<b class=\"good\">{many}</b>people gain it by the plan").as_str()]);
    let again = sandbox.shown(&["apply", "--auto-approve"])?;
    assert!(again.document["tenants"][0].get("people").is_none(), "nothing was sent: {:#}", again.document);
    Ok(())
}

/// Administrators who lose the reset have a number of their own, and the column of the tenants says that it has them.
#[test]
fn administrators_who_lose_it_are_in_a_number_of_their_own() -> TestResult {
    let sandbox = Sandbox::of(&[(CONTOSO, "scope: {administrators: false}"), (FABRIKAM, OF_FABRIKAM)])?;
    let shown = sandbox.shown(&["plan", "--impact"])?;
    assert_says(&shown.page, ["administrators lose it", "Lose it, with administrators"]);
    Ok(())
}

/// A setting of a baseline has one place, whichever tenants have it from there.
#[test]
fn a_setting_of_a_baseline_has_one_place() -> TestResult {
    let sandbox = Sandbox::of(&[])?;
    sandbox.run(&["sandbox", "reset", "--fleet", "21"])?;
    fs::write(sandbox.path("policies/base.yaml"), "version: 1\nhelpdesk: {link: https://help.contoso.com}\n")?;
    for number in 1..=21 {
        let tenant = format!("version: 1\ntenant: tenant-{number:04}.onmicrosoft.com\nextends: [base.yaml]\n");
        fs::write(sandbox.path(&format!("policies/{number}.yaml")), tenant)?;
    }
    let shown = sandbox.shown(&["plan"])?;
    assert!(shown.page.contains("policies/base.yaml:2:18") && !shown.page.contains("and others"), "{}", shown.page);
    Ok(())
}

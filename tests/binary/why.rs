//! `why`: one person alone is read, nothing of them is left behind, and the answers add up to what `plan --impact` counts.

use std::error::Error;
use std::fs;
use std::path::Path;

use entra_sandbox::{Faults, Person};
use serde_json::Value;

use crate::harness::{CONTOSO, FABRIKAM, Harness, TestResult, play_all};

const ADATUM: &str = "adatum.onmicrosoft.com";
const USER: &str = "user12@fabrikam.onmicrosoft.com";
/// Every spelling by which the files and the log could name that person.
const NEEDLES: [&str; 3] = ["user12", "User 12", "55bc0002-0ac0-4000-8000-000000000070"];

fn files(folder: &Path) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push((path.display().to_string(), String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
    }
    Ok(found)
}

#[test]
fn nothing_of_the_person_is_logged_or_saved() -> TestResult {
    let harness = Harness::of(FABRIKAM, "methods: { required: 1 }", Faults::none(), &Person::Administrator)?;
    let temporary = harness.folder.path().join("tmp");
    fs::create_dir(&temporary)?;
    for (user, log, verbose) in [(USER, "debug", "-v"), (NEEDLES[2], "ssprctl=trace", "-vv")] {
        for more in [&["--format", "json"][..], &["--policy", "policies/policy.yaml", "--log-format", "json"]] {
            let tenant = ["why", user, "--tenant", FABRIKAM, verbose];
            let mut command = harness.command(&[&tenant[..], more].concat());
            for variable in ["TMPDIR", "TMP", "TEMP"] {
                command.env(variable, &temporary);
            }
            let run = harness.finish(command.env("SSPRCTL_LOG", log))?;
            assert!(run.code == Some(0) && run.stdout.contains(USER), "{run:#?}");
            assert!(run.stderr.contains("/v1.0/users/{id}"), "nothing was logged: {}", run.stderr);
            for needle in NEEDLES {
                assert!(!run.stderr.contains(needle), "the log names {needle}: {}", run.stderr);
            }
        }
    }
    let left = files(harness.folder.path())?;
    let named = left.iter().filter(|(path, text)| NEEDLES.iter().any(|one| path.contains(one) || text.contains(one)));
    assert_eq!(named.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<&String>::new());
    let lists = ["/users", "/userRegistrationDetails", "/transitiveMembers"];
    let paths = harness.paths();
    assert!(!paths.iter().any(|path| lists.iter().any(|list| path.ends_with(list))), "lists of people: {paths:?}");
    assert_eq!(harness.writes(), 0);
    Ok(())
}

#[test]
fn an_unknown_user_is_an_error_and_nobody_is_listed() -> TestResult {
    let harness = Harness::with("methods: { required: 1 }", Faults::none())?;
    for (user, message) in [
        ("nobody@contoso.com", "the tenant has no account `nobody@contoso.com`"),
        ("0e0a0000-0000-4000-8000-000000000000", "the tenant has no account"),
        ("anna", "neither a sign-in name nor an object id"),
    ] {
        let run = harness.run(&["why", user, "--tenant", CONTOSO])?;
        assert!(run.code == Some(1) && run.stderr.contains(message) && run.stdout.is_empty(), "{run:#?}");
    }
    assert!(!harness.paths().iter().any(|path| path.ends_with("/users")), "{:?}", harness.paths());
    Ok(())
}

/// Whoever may not read roles is told that it is unclear which policy holds, and how to know; whoever may not read the account
/// gets no answer.
#[test]
fn what_may_not_be_read_is_named() -> TestResult {
    let alice = ["why", "alice@contoso.onmicrosoft.com", "--tenant", CONTOSO, "--format", "json"];
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    let known = harness.run(&alice)?.json()?;
    assert_eq!(known["live"]["policy"], "administrators", "{known:#}");
    let harness = harness.acting_as(CONTOSO, &Person::lacking(&["Directory.Read.All"]))?;
    let unclear = harness.run(&alice)?.json()?;
    assert_eq!((&unclear["live"]["policy"], &unclear["live"]["answer"]), (&"notKnown".into(), &"unclear".into()));
    assert_eq!(unclear["live"]["action"]["code"], "read-roles", "{unclear:#}");
    let harness = harness.acting_as(CONTOSO, &Person::lacking(&["Directory.Read.All", "User.Read.All"]))?;
    let refused = harness.run(&alice)?;
    assert!(refused.code == Some(8) && refused.stderr.contains("User.Read.All"), "{refused:#?}");
    Ok(())
}

/// The numbers of `plan --impact` are the sums of `why` over everybody who is no administrator.
#[test]
fn the_answers_add_up_to_what_is_counted() -> TestResult {
    let harness = Harness::with("scope: { users: selected, group: SSPR-Pilot }", Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let policy = harness.folder.path().join("policies/policy.yaml");
    fs::write(
        &policy,
        "version: 1\ntenant: contoso.onmicrosoft.com\nscope: { users: all }\nmethods: { required: 2 }\n",
    )?;
    let plan = harness.run(&["plan", "--format", "json", "--impact"])?.json()?;
    let counts = &plan["tenants"][0]["people"]["counts"];

    let users = (1..=25).map(|n| format!("user{n:02}")).chain(["member".to_owned()]);
    let workers = (34..=50).filter(|n| *n != 40).map(|n| format!("worker{n:07}"));
    let users: Vec<_> = users.chain(workers).map(|user| format!("{user}@{CONTOSO}")).collect();
    let answers = std::sync::Mutex::new(Vec::new());
    let wrong = play_all(&users, |user| {
        let arguments = ["why", user, "--policy", "policies/policy.yaml", "--format", "json"];
        let document = harness.run(&arguments).and_then(|run| run.json()).map_err(|error| error.to_string())?;
        let answer = |path: &str| document.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let both = (answer("/live/answer"), answer("/proposed/answer/answer"));
        answers.lock().map_err(|error| error.to_string())?.push(both);
        Ok(())
    });
    assert_eq!(wrong, Vec::<String>::new());
    let answers = answers.into_inner()?;
    let count = |holds: &dyn Fn(&str, &str) -> bool| {
        let both = |(live, then): &&(Option<String>, Option<String>)| matches!((live, then), (Some(live), Some(then)) if holds(live, then));
        u64::try_from(answers.iter().filter(both).count()).ok()
    };
    assert_eq!(counts["people"].as_u64(), count(&|_, _| true), "{counts:#}");
    assert_eq!(counts["ableNow"].as_u64(), count(&|live, _| live == "yes"), "{counts:#}");
    assert_eq!(counts["ableThen"].as_u64(), count(&|live, then| live != "unclear" && then == "yes"), "{counts:#}");
    assert_eq!(counts["unclear"].as_u64(), count(&|live, then| live == "unclear" || then == "unclear"), "{counts:#}");
    assert!(counts["ableNow"].as_u64() > Some(0) && counts["unclear"].as_u64() > Some(0), "{counts:#}");
    Ok(())
}

/// What the report does not say is not said of anybody: neither that a method is registered nor that it is not.
#[test]
fn what_is_registered_is_not_known_without_the_report() -> TestResult {
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    let lacking = |harness: Harness| harness.acting_as(CONTOSO, &Person::lacking(&["AuditLog.Read.All"]));
    // The report does not have the one, and may not be read for the other.
    for (user, harness) in
        [("user25", harness), ("user05", lacking(Harness::with("scope: { users: all }", Faults::none())?)?)]
    {
        let question = ["why", &format!("{user}@{CONTOSO}"), "--tenant", CONTOSO];
        let shown = harness.run(&question)?.stdout;
        assert!(shown.contains("not known whether registered; would count"), "{shown}");
        assert!(shown.contains("not allowed, registered or not: "), "{shown}");
        assert!(!shown.contains("  not registered") && !shown.contains("neither registered"), "{shown}");
        let document = harness.run(&[&question[..], &["--format", "json"]].concat())?.json()?;
        let methods = document["live"]["methods"].as_array().ok_or("no methods")?;
        assert!(methods.iter().all(|method| method.get("registered").is_none()), "{document:#}");
        assert!(document.get("registered").is_none(), "{document:#}");
    }
    Ok(())
}

/// A temporary access pass is recommended where it is on for the person alone.
#[test]
fn a_temporary_access_pass_is_recommended_where_it_is_on() -> TestResult {
    for (tenant, user, on, says) in [
        (ADATUM, "user03", "yes", "; if they cannot sign in, the helpdesk adds a temporary access pass first"),
        (FABRIKAM, "user12", "no", "an administrator resets the password first, as temporary access passes are not on"),
    ] {
        let harness = Harness::of(tenant, "methods: { required: 2 }", Faults::none(), &Person::Administrator)?;
        let mut command =
            harness.command(&["why", &format!("{user}@{tenant}"), "--tenant", tenant, "--format", "json"]);
        let document = harness.finish(command.env("SSPRCTL_AS_OF", "2027-04-01"))?.json()?;
        assert_eq!(document["temporaryAccessPass"], on, "{document:#}");
        assert_eq!(document["live"]["action"]["code"], "register", "{document:#}");
        assert!(document["live"]["action"]["says"].as_str().is_some_and(|words| words.contains(says)), "{document:#}");
    }
    let harness = Harness::of(ADATUM, "methods: { required: 2 }", Faults::none(), &Person::Administrator)?;
    let harness =
        harness.acting_as(ADATUM, &Person::lacking(&["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod"]))?;
    let run = harness.run(&["why", &format!("user03@{ADATUM}"), "--tenant", ADATUM, "--format", "json"])?;
    assert_eq!(run.json()?["temporaryAccessPass"], "unclear", "{run:#?}");
    Ok(())
}

/// Notification and code of one app are two lines, and may be one method of the two that are needed: that is said.
#[test]
fn the_app_may_count_as_one_method() -> TestResult {
    let note = "Authenticator notification and code of an app may count as one method";
    for (required, says) in [(2, true), (1, false)] {
        let policy = format!("methods: {{ required: {required} }}");
        let harness = Harness::of(ADATUM, &policy, Faults::none(), &Person::Administrator)?;
        assert_eq!(harness.apply()?.code, Some(0));
        let question = ["why", &format!("user03@{ADATUM}"), "--tenant", ADATUM];
        let shown = harness.run(&question)?.stdout;
        assert_eq!(shown.lines().filter(|line| line.trim() == note).count(), usize::from(says), "{shown}");
        let document = harness.run(&[&question[..], &["--format", "json"]].concat())?.json()?;
        let once = document["live"].get("appCountsOnce").and_then(Value::as_str);
        assert_eq!(once, says.then_some("unclear"), "{document:#}");
    }
    // Where the legacy policy alone allows the app, it surely is one method.
    let policy = "scope: { users: all }\nmethods: { required: 2, allowed: [mobileAppNotification, mobileAppCode, email, mobilePhone] }";
    let harness = Harness::with(policy, Faults::none())?;
    let shown = harness.run(&["why", &format!("user05@{CONTOSO}"), "--policy", "policies/policy.yaml"])?.stdout;
    assert!(shown.contains("Authenticator notification and code of an app count as one method"), "{shown}");
    Ok(())
}

/// A day that is past is not called now.
#[test]
fn a_past_day_has_its_date() -> TestResult {
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    for (day, words) in [(Some("2026-11-01"), "  On 2026-11-01, as read now: "), (None, "  Now: ")] {
        let mut command = harness.command(&["why", &format!("user05@{CONTOSO}"), "--tenant", CONTOSO]);
        let shown = harness.finish(command.envs(day.map(|day| ("SSPRCTL_AS_OF", day))))?.stdout;
        assert!(shown.contains(words), "{shown}");
    }
    Ok(())
}

/// A plan that is refused is said to be, by its codes; a policy that names what the tenant does not have has no answer.
#[test]
fn a_refused_plan_is_no_answer_in_silence() -> TestResult {
    let harness = Harness::with("scope: { users: all }", Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let user = format!("user07@{CONTOSO}");
    let arguments = ["why", user.as_str(), "--policy", "policies/policy.yaml"];
    for (scope, code, answers) in [
        ("{ users: none }", "scope-switched-off", true),
        ("{ users: selected, group: Nope }", "group-not-found", false),
    ] {
        let policy = format!("version: 1\ntenant: {CONTOSO}\nscope: {scope}\n");
        fs::write(harness.folder.path().join("policies/policy.yaml"), policy)?;
        let run =
            |more: &[&str]| harness.finish(harness.command(&[&arguments[..], more].concat()).env("SSPRCTL_ALLOW", ""));
        let text = run(&[])?;
        let refused = format!("The plan of the policy is refused: {code}");
        assert!(text.stdout.contains(&refused), "{text:#?}");
        assert_eq!(text.stdout.contains("no answer: it names something that the tenant does not have"), !answers);
        assert!(text.stdout.contains("What a later date of the calendar changes is not known"), "{text:#?}");
        let json = run(&["--format", "json"])?.json()?;
        let proposed = &json["proposed"];
        assert_eq!(proposed["refused"], serde_json::json!([code]), "{proposed:#}");
        assert_eq!(proposed.get("answer").is_some(), answers, "{proposed:#}");
    }
    Ok(())
}

/// What is said to do leads out: without a licence nobody is put in scope, and a refused plan is shown by `plan`. The result
/// names a person, so its file is for its owner alone.
#[test]
fn what_is_said_to_do_leads_out() -> TestResult {
    const NORTHWIND: &str = "northwind.onmicrosoft.com";
    let policy = "scope: { users: all }\nmethods: { required: 1, allowed: [email] }";
    let harness = Harness::of(NORTHWIND, policy, Faults::none(), &Person::Administrator)?;
    let why = ["why", "user02@northwind.onmicrosoft.com", "--tenant", NORTHWIND];
    let run = harness.run(&[&why[..], &["--policy", "policies/policy.yaml", "--output", "why.txt"]].concat())?;
    let path = harness.folder.path().join("why.txt");
    let text = fs::read_to_string(&path)?;
    for said in [
        "Do now: the helpdesk resets the password; to do it themselves they need a licence that permits a reset, and to be in scope",
        "`ssprctl plan policies/policy.yaml` shows each with what to do about it",
        "hint: the tenant needs Entra ID P1 or P2 for this",
    ] {
        assert!(text.contains(said), "{run:#?}\n{text}");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata()?.permissions());
    assert_eq!(mode & 0o777, 0o600);
    Ok(())
}

#[test]
fn the_tenant_is_the_only_one_that_has_policies() -> TestResult {
    let harness = Harness::of(FABRIKAM, "methods: { required: 1 }", Faults::none(), &Person::Administrator)?;
    let commands = [&["why", USER][..], &["show"]];
    for command in commands {
        let run = harness.run(command)?;
        assert!(run.code == Some(0) && run.stdout.contains(FABRIKAM), "{run:#?}");
        assert!(run.stderr.contains(&format!("note: the tenant is {FABRIKAM}, the only one in policies/")), "{run:#?}");
    }
    let other = harness.folder.path().join("policies/other.yaml");
    fs::write(&other, format!("version: 1\ntenant: {CONTOSO}\nscope: {{ users: all }}\n"))?;
    for command in commands {
        let run = harness.run(command)?;
        let hint = format!("pass --tenant; policies/ has policies for {CONTOSO}, {FABRIKAM}");
        assert!(run.code == Some(1) && run.stdout.is_empty() && run.stderr.contains(&hint), "{run:#?}");
        let run = harness.run(&[command, &["--policy", "policies/policy.yaml"]].concat())?;
        assert!(run.code == Some(0) && run.stdout.contains(FABRIKAM) && run.stderr.is_empty(), "{run:#?}");
    }
    // Files that are wrong are no reason to guess.
    fs::write(&other, "version: 1\ntenants: x\n")?;
    for command in commands {
        let run = harness.run(command)?;
        assert!(run.code == Some(1) && run.stderr.contains("`ssprctl validate` says why"), "{run:#?}");
    }
    Ok(())
}

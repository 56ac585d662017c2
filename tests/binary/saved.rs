//! Saved reviews and the contract with the services, with the real binary.

use std::fs;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, portal_user};

use crate::harness::{CONTOSO, Harness, NORTHWIND, Run, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

#[test]
fn a_review_is_saved_with_the_plan() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let run = harness.run(&["plan", "--out", "review.json"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(run.stdout.contains("notifications.administrators"), "{run:#?}");
    assert!(run.stderr.contains("wrote review.json"), "{run:#?}");
    let text = fs::read_to_string(harness.folder.path().join("review.json"))?;
    assert!(text.contains("\"policies/policy.yaml\": \"sha256:"), "{text}");
    assert!(!text.contains("\"signature\""), "no key, no signature");
    for secret in harness.secrets() {
        assert!(!text.contains(&secret), "a token is in the file");
    }
    Ok(())
}

/// Saves a review, and applies it after something has happened.
fn apply_after(harness: &Harness, happens: impl FnOnce() -> TestResult) -> Result<Run, Box<dyn std::error::Error>> {
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    happens()?;
    harness.run(&APPLY)
}

const APPLY: [&str; 5] = ["apply", "--plan", "review.json", "--auto-approve", "--verify-timeout=3s"];

#[test]
fn what_was_reviewed_is_applied_to_the_byte_and_once() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let run = apply_after(&harness, || Ok(()))?;
    assert_eq!((run.code, harness.writes()), (Some(0), 1), "{run:#?}");
    assert!(run.stdout.contains("Applied: 1 changed, 1 verified, in 1 requests."), "{run:#?}");
    let review = fs::read_to_string(harness.folder.path().join("review.json"))?;
    let review: serde_json::Value = serde_json::from_str(&review)?;
    let is: serde_json::Value = serde_json::from_str(&harness.world.show(CONTOSO)?)?;
    assert_eq!(review["review"]["tenants"][0]["requests"][0]["body"], is["passwordReset"], "the whole document");

    let run = harness.run(&APPLY)?;
    assert_eq!((run.code, harness.writes()), (Some(5), 1), "{run:#?}");
    assert!(run.stdout.contains("notifications.administrators was false and is true"), "{run:#?}");
    assert!(run.stdout.contains("it may have been applied before"), "{run:#?}");
    Ok(())
}

/// A group whose name is resolved for the review, and cannot be for its apply.
#[test]
fn a_group_that_cannot_be_read_again_makes_nothing_stale() -> TestResult {
    let pilot = "scope: { users: selected, group: SSPR-Pilot }";
    let forbidden = || Fault::on(Method::GET, "v1.0/groups", Action::status(403));
    let harness = Harness::with(pilot, Faults::none().and(forbidden().after(1).times(1)))?;
    let run = apply_after(&harness, || Ok(()))?;
    assert_eq!((run.code, harness.writes()), (Some(8), 0), "{run:#?}");
    assert!(run.stdout.contains("could not be read again before the first write"), "{run:#?}");
    assert!(run.stdout.contains("requests; 1 tenant could not be read."), "{run:#?}");
    let run = harness.run(&APPLY)?;
    assert_eq!((run.code, harness.writes()), (Some(0), 1), "the same review goes on: {run:#?}");
    Ok(())
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_count() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let path = harness.folder.path().join("policies/policy.yaml");
    let windows = || Ok(fs::write(&path, format!("\u{feff}{}", fs::read_to_string(&path)?.replace('\n', "\r\n")))?);
    let run = apply_after(&harness, windows)?;
    assert_eq!((run.code, harness.writes()), (Some(0), 1), "{run:#?}");

    let harness = Harness::with(CHANGE, Faults::none())?;
    let path = harness.folder.path().join("policies/policy.yaml");
    let run = apply_after(&harness, || Ok(fs::write(&path, fs::read_to_string(&path)? + " ")?))?;
    assert_eq!((run.code, harness.writes()), (Some(5), 0), "any other byte counts: {run:#?}");
    Ok(())
}

#[test]
fn an_edit_in_the_portal_makes_it_stale_and_is_named() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let edit = || Ok(portal_user::set(&harness.world, CONTOSO, "registration.reconfirmAfterDays", "90")?);
    let run = apply_after(&harness, edit)?;
    assert_eq!((run.code, harness.writes()), (Some(5), 0), "{run:#?}");
    assert!(run.stdout.contains("registration.reconfirmAfterDays was 180 and is 90"), "{run:#?}");
    let json = harness.run(&[APPLY.as_slice(), &["--format", "json"]].concat())?.json()?;
    assert_eq!(json["tenants"][0]["ending"], "stale");
    assert!(json["tenants"][0]["message"].as_str().is_some_and(|report| report.contains("is 90")), "{json:#}");
    let markdown = harness.run(&[APPLY.as_slice(), &["--format", "markdown"]].concat())?;
    assert!(markdown.stdout.contains("is 90"), "{markdown:#?}");
    assert_eq!(harness.writes(), 0);
    Ok(())
}

#[test]
fn an_edited_policy_is_named_before_anything_is_asked() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    let asked = harness.asked();
    let path = harness.folder.path().join("policies/policy.yaml");
    let policy = fs::read_to_string(&path)?;
    fs::write(&path, format!("{policy}# a comment is an edit, too\n"))?;
    let run = harness.run(&APPLY)?;
    assert_eq!((run.code, harness.asked()), (Some(5), asked), "{run:#?}");
    assert!(run.stderr.contains("policies/policy.yaml") && run.stderr.contains("nothing was sent"), "{run:#?}");
    fs::write(&path, policy)?;
    assert_eq!(harness.run(&APPLY)?.code, Some(0), "put back, it is what was reviewed");
    Ok(())
}

#[test]
fn an_edited_baseline_is_named_once() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let file = |name: &str| harness.folder.path().join("policies").join(name);
    fs::write(file("baseline.yaml"), "version: 1\nmethods: { required: 2 }\n")?;
    for (name, tenant) in [("policy.yaml", CONTOSO), ("second.yaml", NORTHWIND)] {
        fs::write(file(name), format!("version: 1\ntenant: {tenant}\nextends: [baseline.yaml]\n"))?;
    }
    let sandbox = |arguments: &[&str]| harness.run(&[arguments, &["--sandbox"]].concat());
    assert_eq!(sandbox(&["plan", "--out", "review.json"])?.code, Some(0));
    fs::write(file("baseline.yaml"), "version: 1\nmethods: { required: 1 }\n")?;
    let run = sandbox(&APPLY)?;
    assert_eq!(run.code, Some(5), "{run:#?}");
    assert!(run.stderr.contains("that were reviewed: policies/baseline.yaml; nothing was sent"), "{run:#?}");
    Ok(())
}

#[test]
fn a_file_that_is_not_what_it_was_asks_nothing() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    let asked = harness.asked();
    let path = harness.folder.path().join("review.json");
    let text = fs::read_to_string(&path)?;
    let northwind = text.replace(CONTOSO, NORTHWIND);
    let flipped = text.replace("\"notifyOnAdminPasswordReset\": true", "\"notifyOnAdminPasswordReset\": false");
    let newer = text.replace("\"formatVersion\": 1", "\"formatVersion\": 2");
    for (text, report) in [
        (northwind.as_str(), "was changed since it was written"),
        (&flipped, "was changed since it was written"),
        (&newer, "has the format 2"),
        (&text[..text.len() / 3], "is damaged"),
        ("{\"formatVersion\":1}", "is no review file"),
    ] {
        assert_ne!(text, fs::read_to_string(&path)?);
        fs::write(&path, text)?;
        let run = harness.run(&APPLY)?;
        assert_eq!((run.code, harness.asked()), (Some(5), asked), "{run:#?}");
        assert!(run.stderr.contains(report) && run.stderr.contains("hint:"), "{report}: {run:#?}");
    }
    assert_eq!(
        harness.run(&[APPLY.as_slice(), &["policies/policy.yaml"]].concat())?.code,
        Some(1),
        "a PATH with --plan"
    );
    fs::remove_file(&path)?;
    assert_eq!(harness.run(&APPLY)?.code, Some(1));
    Ok(())
}

#[test]
fn a_key_asks_for_its_signature() -> TestResult {
    const KEY: &str = "SSPRCTL_REVIEW_KEY";
    let harness = Harness::with(CHANGE, Faults::none())?;
    let with = |key: &str, arguments: &[&str]| harness.finish(harness.command(arguments).env(KEY, key));
    let (ours, other) = ("k".repeat(40), "x".repeat(40));
    assert_eq!(with("short", &["plan", "--out", "review.json"])?.code, Some(1));
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    assert!(with(&ours, &APPLY)?.stderr.contains("it is not signed"));
    assert_eq!(with(&ours, &["plan", "--out", "review.json"])?.code, Some(0));
    assert!(with(&other, &APPLY)?.stderr.contains("its signature is not of"));
    assert_eq!(harness.writes(), 0);
    let run = with(&ours, &APPLY)?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    assert!(!fs::read_to_string(harness.folder.path().join("review.json"))?.contains(&ours), "the key is in the file");
    Ok(())
}

#[test]
fn a_review_with_errors_is_never_applied() -> TestResult {
    let harness = Harness::with("scope: { users: selected, group: No such group }", Faults::none())?;
    let run = harness.run(&["plan", "--out", "review.json"])?;
    assert_eq!(run.code, Some(4), "{run:#?}");
    assert!(run.stderr.contains("may not be applied"), "{run:#?}");
    let asked = harness.asked();
    let run = harness.run(&APPLY)?;
    assert_eq!((run.code, harness.asked()), (Some(4), asked), "{run:#?}");
    Ok(())
}

#[test]
fn a_finding_that_nobody_saw_makes_it_stale() -> TestResult {
    let sections = "methods: { required: 2, allowed: [email, mobileAppCode, mobilePhone] }
waivers: [{ rule: sms-voice-retirement, reason: phones leave with the pilot, owner: a@contoso.com, expires: 2027-01-31 }]";
    let harness = Harness::with(sections, Faults::none())?;
    let sandbox = |arguments: &[&str], day: &str| harness.run(&[arguments, &["--sandbox", "--as-of", day]].concat());
    let run = sandbox(&["plan", "--out", "review.json"], "2027-01-20")?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let run = sandbox(&APPLY, "2027-02-02")?;
    assert_eq!(run.code, Some(5), "{run:#?}");
    assert!(run.stdout.contains("the review did not have the warning waiver-expired"), "{run:#?}");
    let run = sandbox(&APPLY, "2027-01-31")?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}

#[test]
fn a_yes_is_still_needed() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    assert_eq!(harness.run(&["apply", "--plan", "review.json"])?.code, Some(4));
    assert_eq!(harness.writes(), 0);
    Ok(())
}

const OTHER_SHAPE: [(&str, &str); 2] = [
    ("{ dropKey: skipRegistrationAllowed }", "`skipRegistrationAllowed` (boolean) is missing"),
    ("{ retypeKey: enablementType }", "`enablementType` is string instead of number"),
];

fn faults(harness: &Harness, fault: &str) -> std::io::Result<()> {
    let text = format!("version: 1\nfaults:\n  - {{ method: GET, path: /PasswordResetPolicies, fault: {fault} }}\n");
    fs::write(harness.folder.path().join("faults.yaml"), text)
}

/// The embedded tenant starts inside the process here, because only there the command line scripts what it does.
#[test]
fn a_document_of_another_shape_is_read_and_not_written() -> TestResult {
    for (fault, report) in OTHER_SHAPE {
        let harness = Harness::with(CHANGE, Faults::none())?;
        faults(&harness, fault)?;
        for command in [vec!["plan"], vec!["drift"], vec!["apply", "--auto-approve"]] {
            let run = harness.run(&[command.as_slice(), &["--sandbox", "--faults", "faults.yaml"]].concat())?;
            assert_eq!(run.code, Some(8), "{command:?} {run:#?}");
            assert!(run.stdout.contains(report) && run.stdout.contains("report this line"), "{command:?} {run:#?}");
            assert!(!run.stdout.contains("~ notifications"), "nothing is planned: {run:#?}");
        }
        let shown = ["show", "--sandbox", "--faults", "faults.yaml", "--tenant", "contoso.onmicrosoft.com"];
        let run = harness.run(&shown)?;
        assert!(run.stderr.contains(report), "{run:#?}");
        assert!(run.stdout.contains("notifications.administrators    off") || run.stdout.contains("false"), "{run:#?}");
    }
    Ok(())
}

#[test]
fn a_new_key_is_mentioned_once_and_preserved() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    faults(&harness, "{ addKey: futureKey }")?;
    for command in [vec!["plan"], vec!["drift"], vec!["show", "--tenant", "contoso.onmicrosoft.com"]] {
        let run = harness.run(&[command.as_slice(), &["--sandbox", "--faults", "faults.yaml"]].concat())?;
        assert_eq!(run.stderr.matches("futureKey").count(), 1, "{command:?} {run:#?}");
        assert!(!run.stdout.contains("futureKey"), "{run:#?}");
    }
    Ok(())
}

/// A saved plan replaces an older one, and no other file: a slip of the hand costs no policy.
#[test]
fn a_saved_plan_replaces_nothing_but_a_saved_plan() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let policy = harness.folder.path().join("policies/policy.yaml");
    let before = std::fs::read_to_string(&policy)?;
    std::fs::copy(&policy, harness.folder.path().join("other.yaml"))?;
    for (out, why) in [
        ("policies/policy.yaml", "would be one of the files of PATH policies/"),
        ("other.yaml", "is there already, and is no saved review"),
    ] {
        let run = harness.run(&["plan", "--out", out])?;
        assert_eq!((run.code, std::fs::read_to_string(harness.folder.path().join(out))?), (Some(1), before.clone()));
        assert!(run.stderr.contains(why), "{run:#?}");
    }
    std::fs::write(harness.folder.path().join("review.json"), "")?;
    for _ in 0..2 {
        assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    }
    Ok(())
}

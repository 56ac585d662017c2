//! Drift that several tenants have in common: one entry of the result, one text of an issue.

use std::fs;

use entra_sandbox::faults::Action;
use entra_sandbox::{Faults, portal_user};
use serde_json::{Value, json};

use crate::fleet::{Fleet, at_sign_in, name, policy};
use crate::harness::{Run, TestResult};

const SETTING: &str = "scope.administrators";
const KEY: &str = "scope-administrators-";

type Checked<T> = Result<T, Box<dyn std::error::Error>>;

/// A fleet that a run has seen in sync, with one baseline.
fn in_sync(tenants: u32, faults: Faults) -> Checked<Fleet> {
    let fleet = Fleet::of(tenants, faults)?;
    fleet.write("baseline.yaml", "version: 1\nscope:\n  administrators: true\n")?;
    for n in 1..=tenants {
        fleet.write(&format!("policies/t{n:04}.yaml"), &policy(&name(n), "extends: [../baseline.yaml]"))?;
    }
    assert_eq!(fleet.run(&["apply", "--auto-approve"])?.code, Some(0));
    Ok(fleet)
}

fn switch_off(fleet: &Fleet, tenants: impl IntoIterator<Item = u32>) -> TestResult {
    tenants.into_iter().try_for_each(|n| Ok(portal_user::set(&fleet.world, &name(n), SETTING, "false")?))
}

fn drift(fleet: &Fleet, issues: &str) -> Checked<(Run, Value)> {
    let run = fleet.run(&["drift", "--format", "json", "--issues", issues])?;
    let json = run.json()?;
    Ok((run, json))
}

fn issues(fleet: &Fleet, folder: &str) -> Checked<Vec<String>> {
    let list = |folder: &str| -> Checked<Vec<String>> {
        let Ok(entries) = fs::read_dir(fleet.folder.path().join(folder)) else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            let file = entry.file_type()?.is_file().then(|| entry.file_name().to_string_lossy().into_owned());
            names.extend(file);
        }
        names.sort();
        Ok(names)
    };
    let below = list(&format!("{folder}/common"))?.into_iter().map(|file| format!("common/{file}"));
    Ok(list(folder)?.into_iter().chain(below).collect())
}

/// The tenants that a text lists: its lines that begin with a code span.
fn listed(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("- `")?.split('`').next()).collect()
}

#[test]
fn what_three_tenants_share_has_a_name_that_stays() -> TestResult {
    let fleet = in_sync(5, Faults::none())?;
    switch_off(&fleet, [1, 2])?;
    let (_, json) = drift(&fleet, "two")?;
    assert_eq!(json.get("common"), None, "two are not enough: {json:#}");
    let key = json["tenants"][0]["settings"][0]["key"].as_str().unwrap_or_default().to_owned();
    assert!(key.starts_with(KEY) && key.len() == KEY.len() + 8, "{key}");
    assert_eq!(json["tenants"][1]["settings"][0]["key"], key.as_str());
    assert_eq!(issues(&fleet, "two")?, [format!("{}.md", name(1)), format!("{}.md", name(2))]);

    switch_off(&fleet, [4])?;
    let (_, json) = drift(&fleet, "three")?;
    let common = |tenants: [u32; 3]| json!([{ "key": key, "setting": SETTING, "tenants": tenants.map(name) }]);
    assert_eq!(json["common"], common([1, 2, 4]), "{json:#}");
    let mut expected: Vec<_> = [1, 2, 4].map(|n| format!("{}.md", name(n))).into();
    expected.push(format!("common/{key}.md"));
    assert_eq!(issues(&fleet, "three")?, expected);
    let read = |file: &str| fs::read_to_string(fleet.folder.path().join("three").join(file));
    let own = read(&format!("{}.md", name(1)))?;
    let title = format!("Common drift: {}", key.replace('-', " "));
    assert!(
        own.contains(&format!("- `{SETTING}` drifted in the same way in 2 other tenants: see the issue **{title}**."))
    );

    portal_user::set(&fleet.world, &name(1), SETTING, "true")?;
    switch_off(&fleet, [5])?;
    let (_, json) = drift(&fleet, "others")?;
    let common = |tenants: [u32; 3]| json!([{ "key": key, "setting": SETTING, "tenants": tenants.map(name) }]);
    assert_eq!(json["common"], common([2, 4, 5]), "one left and one joined: {json:#}");
    Ok(())
}

#[test]
fn the_text_says_what_and_who_and_its_commands_put_the_policy_back() -> TestResult {
    let fleet = in_sync(4, Faults::none())?;
    switch_off(&fleet, [1, 2, 4])?;
    let (_, json) = drift(&fleet, "issues")?;
    let key = json["common"][0]["key"].as_str().unwrap_or_default().to_owned();
    let text = fs::read_to_string(fleet.folder.path().join(format!("issues/common/{key}.md")))?;
    assert!(text.contains("**3 of 4 tenants drifted in the same way.**"), "{text}");
    assert!(text.contains("```diff\n-scope.administrators: true\n+scope.administrators: false\n```"), "{text}");
    assert!(text.contains("changed by"), "{text}");
    assert!(text.contains("All of them get the value from `baseline.yaml`, line 3: change it there"), "{text}");
    assert!(text.contains("finds that fewer than three still have the drift"), "{text}");
    assert_eq!(listed(&text), [1, 2, 4].map(name), "{text}");
    let commands: Vec<Vec<&str>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("ssprctl "))
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(commands.iter().map(|command| command[0]).collect::<Vec<_>>(), ["plan", "apply", "accept"], "{text}");
    let plan = fleet.run(&[commands[0].as_slice(), &["--format", "json"]].concat())?;
    assert_eq!((plan.code, &plan.json()?["summary"]["changing"]), (Some(0), &3.into()), "{plan:#?}");
    let accept = fleet.run(&[commands[2].as_slice(), &["--dry-run"]].concat())?;
    assert!(accept.stdout.contains("Would accept: 3 settings in 3 of 3 tenants"), "{accept:#?}");
    let apply = fleet.run(&[commands[1].as_slice(), &["--auto-approve"]].concat())?;
    assert_eq!(apply.code, Some(0), "{apply:#?}");
    let (run, json) = drift(&fleet, "after")?;
    assert_eq!((run.code, json.get("common")), (Some(0), None), "{json:#}");
    assert_eq!(issues(&fleet, "after")?, [""; 0]);
    Ok(())
}

#[test]
fn many_tenants_are_in_a_fold_and_one_that_cannot_be_read_is_not_among_them() -> TestResult {
    let gone = Action::status(400);
    let fleet = in_sync(12, Faults::none())?;
    switch_off(&fleet, 1..=11)?;
    let (_, json) = drift(&fleet, "issues")?;
    let key = json["common"][0]["key"].as_str().unwrap_or_default().to_owned();
    let path = fleet.folder.path().join(format!("issues/common/{key}.md"));
    let text = fs::read_to_string(&path)?;
    let (before, fold) = text.split_once("<details>").ok_or("no fold")?;
    assert!(before.contains(" and 3 more\n") && !before.contains(&name(9)), "{text}");
    assert!(fold.starts_with("\n<summary>All 11 tenants</summary>\n"), "{text}");
    assert_eq!(listed(&text), (1..=11).map(name).collect::<Vec<_>>(), "{text}");
    assert!(text.contains("\nssprctl plan\n"), "no list of files that nobody reads: {text}");

    let faults = Faults::none().and(at_sign_in(3, gone));
    let other = Fleet::of(5, faults)?;
    let (run, json) = drift(&other, "issues")?;
    assert_eq!(run.code, Some(8), "{run:#?}");
    let tenants = json["common"][0]["tenants"].as_array().map(Vec::len);
    assert_eq!(tenants, Some(4), "{json:#}");
    assert!(!json["common"].to_string().contains(&name(3)), "{json:#}");
    Ok(())
}

/// The page says first what several tenants have in common; where two tenants drifted alike, it says nothing of the kind.
#[test]
fn the_page_says_first_what_tenants_have_in_common() -> TestResult {
    const TITLE: &str = "The same drift in several tenants";
    let fleet = in_sync(5, Faults::none())?;
    switch_off(&fleet, [1, 2])?;
    let page = fleet.run(&["drift", "--format", "html"])?.stdout;
    assert!(page.contains("Settings that drifted") && !page.contains(TITLE), "{page}");
    switch_off(&fleet, [4])?;
    let page = fleet.run(&["drift", "--format", "html"])?.stdout;
    let note = format!("<code>{SETTING}</code> drifted in the same way in 3 tenants.");
    assert!(page.contains(&note), "{page}");
    let (_, section) = page.split_once(&format!("<h2>{TITLE}</h2>")).ok_or("no section")?;
    let (section, after) = section.split_once("</section>").ok_or("no end")?;
    assert!(after.contains("<h2>Tenants</h2>") && after.contains("<h2>Drift</h2>"), "{page}");
    let says = ["<ins>true</ins> → <del>false</del>", "3 of 5", "baseline.yaml:3:19", "not known (3)"];
    for says in says.map(str::to_owned).into_iter().chain([[1, 2, 4].map(name).join(", ")]) {
        assert!(section.contains(&says), "{says}: {section}");
    }
    Ok(())
}

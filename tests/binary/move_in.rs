//! `import --from`: policies from what other tools have saved. The files in `tests/move_in` have the shapes of public ones.

use std::error::Error;
use std::fs;

use entra_sandbox::Faults;
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const NOTHING: &str = "notifications: { administrators: true }";
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/move_in/");

/// Imports from these sources, each a format and the name of one of our files, with no credential at all.
fn import(harness: &Harness, sources: &[&str]) -> Result<Run, Box<dyn Error>> {
    let from = sources.iter().map(|source| match source.split_once(':') {
        Some((format, file)) => format!("--from={format}:{FILES}{file}"),
        None => format!("--from={source}"),
    });
    let from: Vec<_> = from.collect();
    let mut arguments = vec!["import", "--tenant", CONTOSO, "--out", "policies/new.yaml", "--force"];
    arguments.extend(from.iter().map(String::as_str));
    let mut command = harness.command(&arguments);
    harness.finish(command.env_remove("SSPRCTL_PORTAL_TOKEN").env_remove("SSPRCTL_GRAPH_TOKEN").env("PATH", ""))
}

fn written(harness: &Harness) -> std::io::Result<String> {
    fs::read_to_string(harness.folder.path().join("policies/new.yaml"))
}

/// A file of which nothing can be taken over does not empty the policy that is there.
#[test]
fn a_file_without_anything_usable_leaves_the_policy_alone() -> TestResult {
    let harness = Harness::with("notifications: { users: true }", Faults::none())?;
    let policy = harness.folder.path().join("policies/new.yaml");
    let text = format!("version: 1\ntenant: {CONTOSO}\nnotifications: {{ users: true }}\n");
    fs::write(&policy, &text)?;
    let saved = fs::read_to_string(format!("{FILES}portal-password-reset.json"))?;
    let saved = saved.replace("\"enablementType\"", "\"enablement\"");
    fs::write(harness.folder.path().join("saved.json"), saved)?;
    let run = harness.run(&[
        "import",
        "--tenant",
        CONTOSO,
        "--from=portal:saved.json",
        "--out",
        "policies/new.yaml",
        "--force",
    ])?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("nothing in these files can be taken over; nothing was written"), "{run:#?}");
    assert!(run.stderr.contains("note: left out "), "each setting has its reason: {run:#?}");
    assert_eq!(fs::read_to_string(policy)?, text);
    Ok(())
}

#[test]
fn each_format_says_what_it_holds_and_names_what_it_does_not() -> TestResult {
    let cases: [(&[&str], &[&str], &[&str]); 6] = [
        (
            &["intunecd:intunecd"],
            &["administrators: true", "users: selected", "required: 2", "reconfirmAfterDays: 90", "- mobileAppCode"],
            &[
                "a backup of IntuneCD does not hold the answer for the portal's page On-premises integration",
                "not have the name of group 0f5ad56c",
            ],
        ),
        (
            &["portal:portal-password-reset.json", "portal:portal-on-premises.json", "portal:portal-graph.json"],
            &[
                "unlock",
                "administrators: true",
                "- mobilePhone",
                "Group 0f5ad56c-7a43-4d32-8b8e-53c9a1a3a0c4 is SSPR-Pilot",
            ],
            &[
                "registration.allowedFrom.state: the Conditional Access policy on registering is an object that ssprctl makes for itself",
            ],
        ),
        (
            &["portal:portal-password-reset.json"],
            &["required: 2"],
            &[
                "methods.allowed",
                "page Authentication methods > Policies (`authenticationMethodsPolicy`) is not among the files",
                "save that answer, too",
            ],
        ),
        (
            &["cipp:cipp-template.json"],
            &["administrators: false"],
            &["CIPP does not hold the answer for the portal's pages of password reset"],
        ),
        (&["cipp:cipp-cache.json", "cipp:cipp-template.json"], &["administrators: false"], &["methods.required"]),
        (
            &["monkey365:monkey365-findings.json"],
            &["required: 1", "reconfirmAfterDays: 90"],
            &[
                "monkey365 does not hold the answer for the portal's page On-premises integration",
                "an export has it only with a finding about it",
            ],
        ),
    ];
    for (sources, says, lacks) in cases {
        let harness = Harness::with(NOTHING, Faults::none())?;
        let run = import(&harness, sources)?;
        assert_eq!((run.code, harness.asked()), (Some(0), 0), "{sources:?}: {run:#?}");
        let text = written(&harness)?;
        for words in says {
            assert!(text.contains(words), "{sources:?}: {words}: {text}");
        }
        for words in lacks {
            assert!(run.stderr.contains(words) || text.contains(words), "{sources:?}: {words}: {run:#?} {text}");
            assert!(text.contains("# Left out: ") && text.contains("without reading the tenant"), "{text}");
        }
        fs::remove_file(harness.folder.path().join("policies/policy.yaml"))?;
        let validate = harness.run(&["validate"])?;
        assert_eq!(validate.code, Some(0), "{sources:?}: {validate:#?} {text}");
    }
    Ok(())
}

/// What the tenant itself serves, saved as it is, imports to what the tenant has.
#[test]
fn what_was_saved_of_a_tenant_plans_no_change_there() -> TestResult {
    let harness = Harness::with(NOTHING, Faults::none())?;
    let folder = harness.folder.path();
    fs::remove_file(folder.join("policies/policy.yaml"))?;
    let shown: Value = serde_json::from_str(&harness.world.show(CONTOSO)?)?;
    fs::write(folder.join("saved.json"), shown.to_string())?;
    let mut command = harness.command(&["import", "--tenant", CONTOSO, "--out", "policies/new.yaml"]);
    let run = harness.finish(command.arg("--from=portal:saved.json"))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let plan = harness.run(&["plan", "--detailed-exitcode"])?;
    assert_eq!(plan.code, Some(0), "{plan:#?} {}", written(&harness)?);
    assert!(plan.stdout.contains("No changes"), "{plan:#?}");
    Ok(())
}

/// IntuneCD also writes YAML, and then there may be one document and not the others.
#[test]
fn a_backup_in_yaml_is_read_too() -> TestResult {
    let harness = Harness::with(NOTHING, Faults::none())?;
    let folder = harness.folder.path().join("backup/Entra/Password Reset Policies");
    fs::create_dir_all(&folder)?;
    let json =
        fs::read_to_string(format!("{FILES}intunecd/Entra/Password Reset Policies/password_reset_policies.json"))?;
    let keys: serde_json::Map<String, Value> = serde_json::from_str(&json)?;
    let yaml: String = keys.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    fs::write(folder.join("password_reset_policies.yaml"), yaml)?;
    let run = harness.run(&["import", "--tenant", CONTOSO, "--from=intunecd:backup"])?;
    assert!(run.code == Some(0) && run.stdout.contains("reconfirmAfterDays: 90"), "{run:#?}");
    assert!(run.stderr.contains("may reset (`authorizationPolicy`) is not among the files"), "{run:#?}");
    Ok(())
}

#[test]
fn what_cannot_be_used_is_refused_with_a_way_out() -> TestResult {
    let harness = Harness::with(NOTHING, Faults::none())?;
    let folder = harness.folder.path();
    fs::write(folder.join("text.json"), "not json")?;
    fs::write(folder.join("odd.json"), r#"{"authenticationMethodConfigurations": 5}"#)?;
    let saved = fs::read_to_string(format!("{FILES}portal-password-reset.json"))?;
    fs::write(folder.join("twice.json"), saved.replacen('{', "{\"enablementType\": 2, ", 1))?;
    let within = "{\"authenticationMethodConfigurations\": [{\"id\": \"Email\", \"id\": \"Sms\"}]}";
    fs::write(folder.join("within.json"), within)?;
    fs::write(folder.join("state.json"), r#"{"standards": {"AdminSSPR": {"state": "maybe"}}}"#)?;
    let here = |format: &str, name: &str| format!("{format}:{}", folder.join(name).display());
    for (sources, expected) in [
        (
            vec!["monkey365:monkey365-passes.json".to_owned()],
            ["no document of password reset", "about password reset fails"],
        ),
        (vec!["intunecd:none".to_owned()], ["none does not exist", "the folder of the backup"]),
        (vec!["intunecd:cipp-cache.json".to_owned()], ["cipp-cache.json is not a folder", "the folder of the backup"]),
        (vec!["intunecd:".to_owned() + "intunecd/Entra"], ["Entra/Entra does not exist", "the folder of the backup"]),
        (vec!["portal:none.json".to_owned()], ["none.json cannot be read", "PasswordResetPolicies"]),
        (vec!["portal".to_owned()], ["write one of", "intunecd:PATH"]),
        (vec!["other:x".to_owned()], ["write one of", "monkey365:PATH"]),
        (
            vec!["portal:portal-password-reset.json".to_owned(), "monkey365:monkey365-findings.json".to_owned()],
            ["has another content of the answer for the portal's pages of password reset", "one tenant and one day"],
        ),
    ] {
        let run = import(&harness, &sources.iter().map(String::as_str).collect::<Vec<_>>())?;
        assert!(run.code.is_some_and(|code| code != 0), "{sources:?}: {run:#?}");
        assert!(expected.iter().all(|words| run.stderr.contains(words)), "{sources:?}: {run:#?}");
    }
    for (source, expected) in [
        (here("portal", "text.json"), "is no JSON"),
        (here("portal", "odd.json"), "`authenticationMethodConfigurations` is a number"),
        (here("cipp", "state.json"), "has no `state`"),
        (here("portal", "twice.json"), "the key `enablementType` occurs twice in one object"),
        (here("portal", "within.json"), "the key `id` occurs twice in one object"),
    ] {
        let run = harness.run(&["import", "--tenant", CONTOSO, "--from", &source])?;
        assert!(run.code == Some(1) && run.stderr.contains(expected), "{source}: {run:#?}");
    }
    Ok(())
}

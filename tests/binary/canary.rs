//! A value of an unknown shape may be a secret or be about a person: no output, log or file has it, only its key and type.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const SECTIONS: &str =
    "scope: { users: all, administrators: true }\nmethods: { required: 2, allowed: [email, mobileAppCode] }
registration: { reconfirmAfterDays: 90 }\nhelpdesk: { link: none }\nwriteback: { enabled: true }";
const CANARY: &str = "canary-7f3a";

/// Values that a key has in place of its own: of other types, and of its type with a word or a number that nobody knows.
const VALUES: [&str; 4] = ["canary-7f3a", "{ name: canary-7f3a }", "[{ mail: canary-7f3a }]", "73173173"];
const KEYS: [(&str, &str); 9] = [
    ("/PasswordResetPolicies", "enablementType"),
    ("/PasswordResetPolicies", "numberOfAuthenticationMethodsRequired"),
    ("/PasswordResetPolicies", "registrationReconfirmIntevalInDays"),
    ("/PasswordResetPolicies", "passwordResetEnabledGroupIds"),
    ("/PasswordResetPolicies", "securityQuestions"),
    ("/OnPremisesPasswordResetPolicies", "passwordWritebackSupported"),
    ("/authorizationPolicy", "allowedToUseSSPR"),
    ("/authenticationMethodsPolicy", "policyMigrationState"),
    ("/authenticationMethodsPolicy", "authenticationMethodConfigurations"),
];

const COMMANDS: [&[&str]; 6] = [
    &["plan", "-vv", "--out", "out/review.json", "--also", "json=out/plan.json", "--also", "sarif=out/plan.sarif"],
    &["drift", "-vv", "--log-format", "json", "--also", "markdown=out/drift.md", "--issues", "out"],
    &["show", "--tenant", CONTOSO, "--also", "json=out/show.json"],
    &["import", "--tenant", CONTOSO, "--out", "out/imported.yaml", "--force"],
    &["snapshot", "--out", "out/snapshot.json"],
    &["doctor", "-vv"],
];

fn has_none(run: &Run, harness: &Harness) -> TestResult {
    let mut texts = vec![run.stdout.clone(), run.stderr.clone()];
    let folders = [harness.folder.path().join("out"), harness.folder.path().join("policies"), harness.state()];
    let below = |folder: &std::path::PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in folders.iter().flat_map(below).chain(below(&harness.state().join("drift"))) {
        texts.extend(fs::read_to_string(entry.path()).ok());
    }
    let found = texts.iter().find(|text| text.contains(CANARY) || text.contains("73173173"));
    found.map_or(Ok(()), |text| Err(format!("the canary is in {text}: {run:#?}").into()))
}

#[test]
fn no_value_of_an_unknown_shape_is_in_what_is_written() -> TestResult {
    let harness = Harness::with(SECTIONS, Faults::none())?;
    let folder = harness.folder.path();
    fs::create_dir(folder.join("out"))?;
    for (path, key) in KEYS {
        for value in VALUES {
            // A number is no unknown shape of a number that may be any.
            if value == "73173173" && key.starts_with("registration") | key.starts_with("numberOf") {
                continue;
            }
            let fault = format!("setKey: {{ path: {key}, value: {value} }}");
            let text = format!("version: 1\nfaults: [{{ method: GET, path: {path}, fault: {{ {fault} }} }}]\n");
            fs::write(folder.join("faults.yaml"), text)?;
            // Each key once by every command, and its other values by one.
            let commands = if value == VALUES[0] { &COMMANDS[..] } else { &COMMANDS[3..4] };
            for command in commands {
                let run = harness.run(&[command, &["--sandbox", "--faults", "faults.yaml"][..]].concat())?;
                has_none(&run, &harness).map_err(|why| format!("{key}, {value}, {command:?}: {why}"))?;
                assert!(!run.stderr.contains("is invalid"), "{run:#?}");
            }
        }
    }
    Ok(())
}

/// What another tool has saved is as foreign as what a service sends.
#[test]
fn no_value_of_an_imported_file_is_in_an_error_or_a_comment() -> TestResult {
    let saved = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/move_in/portal-password-reset.json"))?;
    let harness = Harness::with(SECTIONS, Faults::none())?;
    let folder = harness.folder.path();
    let texts = [
        saved.replace("\"enablementType\": 1", "\"enablementType\": \"canary-7f3a\""),
        saved.replace("\"enablementType\": 1", "\"enablementType\": 73173173"),
        saved.replace("\"securityQuestions\": []", "\"securityQuestions\": [\"canary-7f3a\"]"),
        saved.replace("\"passwordResetEnabledGroupIds\": [", "\"passwordResetEnabledGroupIds\": [\"canary-7f3a\", "),
        saved.replace("\"registrationRequiredOnSignIn\": true", "\"registrationRequiredOnSignIn\": \"canary-7f3a\""),
        saved.replace("\"enablementType\": 1", "\"enablementType\": \"canary-7f3a\" 1"),
        saved.replace("\"enablementType\": 1", "\"objectId\": \"canary-7f3a\""),
        "{\"authenticationMethodConfigurations\": {\"mail\": \"canary-7f3a\"}}".to_owned(),
        "{\"authenticationMethodConfigurations\": [{\"mail\": \"canary-7f3a\"}]}".to_owned(),
        "{\"authenticationMethodConfigurations\": [], \"policyMigrationState\": \"canary-7f3a\"}".to_owned(),
        "{\"AdminSSPR\": {\"state\": \"canary-7f3a\"}}".to_owned(),
        "\"canary-7f3a\"".to_owned(),
        "a: b: canary-7f3a\n- \"canary-7f3a".to_owned(),
        "a: &x canary-7f3a\nb: *canary-7f3a\n".to_owned(),
    ];
    fs::create_dir_all(folder.join("backup/Entra/Password Reset Policies"))?;
    fs::create_dir(folder.join("out"))?;
    for text in texts {
        assert!(text.contains(CANARY) || text.contains("73173173"), "{text}");
        fs::write(folder.join("saved.json"), &text)?;
        fs::write(folder.join("backup/Entra/Password Reset Policies/password_reset_policies.yaml"), &text)?;
        for from in ["--from=portal:saved.json", "--from=cipp:saved.json", "--from=intunecd:backup"] {
            let run = harness.run(&["import", "-vv", "--tenant", CONTOSO, from, "--out", "out/new.yaml"])?;
            has_none(&run, &harness).map_err(|why| format!("{from}, {text}: {why}"))?;
            if folder.join("out/new.yaml").exists() {
                fs::remove_file(folder.join("out/new.yaml"))?;
            }
        }
    }
    Ok(())
}

/// The files that this program itself reads again are not quoted either, nor is the parser.
#[test]
fn a_damaged_file_is_named_by_its_place() -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let path = |name: &str| harness.folder.path().join(name);
    assert_eq!(harness.run(&["plan", "--out", "review.json"])?.code, Some(0));
    assert_eq!(harness.run(&["snapshot", "--out", "snapshot.json"])?.code, Some(0));
    for (name, arguments) in [
        ("review.json", &["apply", "--auto-approve", "--plan", "damaged.json"][..]),
        ("snapshot.json", &["plan", "--against", "damaged.json"][..]),
    ] {
        let whole = fs::read_to_string(path(name))?;
        let half = whole.get(..whole.len() / 2).unwrap_or_default().to_owned();
        let texts = [
            (whole.replace("\"formatVersion\": 1", "\"formatVersion\": \"canary-7f3a\""), "line 2, column"),
            (
                whole.replace("\"tool\": \"", "\"canary-7f3a\": 1, \"tool\": [\"canary-7f3a\"], \"x\": \""),
                "another shape at line ",
            ),
            ("[\"canary-7f3a\"]".to_owned(), "another shape at line 1, column "),
            ("{}".to_owned(), "another shape at line 1, column 2"),
            ("canary-7f3a".to_owned(), "it is damaged: it is not JSON at line 1, column 1"),
            (half, "it is damaged: it is not JSON at line "),
        ];
        for (text, place) in texts {
            assert_ne!(text, whole);
            fs::write(path("damaged.json"), &text)?;
            let run = harness.run(arguments)?;
            has_none(&run, &harness)?;
            assert!(run.stderr.contains(place), "{place}: {run:#?}");
            for word in ["struct", "expected", "invalid type", "missing field", "EOF"] {
                assert!(!run.stderr.contains(word), "{word}: {run:#?}");
            }
        }
    }
    Ok(())
}

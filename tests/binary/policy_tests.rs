//! `test`: what must hold for people, without a tenant. What it prints when all is well is in docs/testing-policies.md.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{TestResult, clock_variable};

pub(crate) const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nscope: { users: all, administrators: true }\n\
                      methods:\n  required: 2\n  allowed: [mobileAppNotification, mobileAppCode, email, mobilePhone]\n\
                      writeback: { passwords: true }\n";

/// A repository with a policy and a file of tests; or, without them, an empty folder.
pub(crate) struct Repository(tempfile::TempDir);

impl Repository {
    fn empty() -> std::io::Result<Self> {
        tempfile::tempdir().map(Self)
    }

    pub(crate) fn of(policy: &str, tests: &str) -> std::io::Result<Self> {
        let repository = Self::empty()?;
        repository.write("policies/contoso.yaml", policy)?;
        repository.write("tests/people.yaml", tests)?;
        Ok(repository)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn write(&self, below: &str, text: &str) -> std::io::Result<()> {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        fs::write(path, text)
    }

    /// The exit code and the output of the program, which has no variable that it heeds.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SSPRCTL_")) {
            command.env_remove(name);
        }
        command.envs([clock_variable()]).env("XDG_STATE_HOME", self.path(".state")).current_dir(self.0.path());
        let output = command.args(["--color", "never"]).args(arguments).output()?;
        let text = format!("{}{}", String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
        Ok((output.status.code(), text))
    }

    /// The cases that failed, each with its file, and the message of the failure.
    fn failures(&self) -> Result<Vec<(String, String)>, Box<dyn std::error::Error>> {
        let (code, text) = self.run(&["test", "--format", "json"])?;
        let result: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        let mut failures = Vec::new();
        for file in result["files"].as_array().ok_or_else(|| text.clone())? {
            for case in file["cases"].as_array().ok_or("no cases")? {
                if let Some(message) = case["failure"]["message"].as_str() {
                    failures.push((file["path"].as_str().unwrap_or_default().to_owned(), message.to_owned()));
                }
            }
        }
        assert_eq!(code, Some(i32::from(!failures.is_empty())), "{text}");
        assert_eq!(result["summary"]["failed"], failures.len(), "{text}");
        Ok(failures)
    }

    /// The messages of the failures.
    pub(crate) fn messages(&self) -> Result<Vec<String>, Box<dyn std::error::Error>> {
        Ok(self.failures()?.into_iter().map(|(_, message)| message).collect())
    }
}

/// The tests of a new repository pass for its policies, and each of them fails for policies that are broken on purpose.
#[test]
fn the_tests_of_a_new_repository_find_broken_policies() -> TestResult {
    let repository = Repository::empty()?;
    let (code, text) = repository.run(&["init", ".", "--tenant", "fabrikam.com", "--ci", "none", "--no-input"])?;
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(repository.messages()?, [""; 0]);
    let (people, dates, plan) = ("tests/people.yaml", "tests/dates.yaml", "tests/plan.yaml");
    for (file, from, to, finds) in [
        ("policies/fabrikam.yaml", "users: selected\n  group: SSPR-Pilot", "users: none", &[people, dates][..]),
        ("policies/fabrikam.yaml", "users: selected\n  group: SSPR-Pilot", "users: all", &[people]),
        ("policies/fabrikam.yaml", "group: SSPR-Pilot", "group: Everybody", &[people, dates]),
        ("policies/fabrikam.yaml", "scope:", "scope:\n  administrators: false", &[people]),
        ("policies/baseline.yaml", "required: 2", "required: 1", &[dates, plan]),
        ("policies/baseline.yaml", "    - email\n", "", &[dates]),
        ("policies/baseline.yaml", "    - mobilePhone\n", "", &[dates, plan]),
        ("policies/baseline.yaml", "requiredAtSignIn: true", "requiredAtSignIn: false", &[plan]),
        ("policies/baseline.yaml", "users: true", "users: false", &[plan]),
    ] {
        let whole = fs::read_to_string(repository.path(file))?;
        assert!(whole.contains(from), "{file} has no {from:?}");
        repository.write(file, &whole.replace(from, to))?;
        let failures = repository.failures()?;
        for finds in finds {
            assert!(failures.iter().any(|(file, _)| file == finds), "{to:?}: {finds} passes: {failures:?}");
        }
        repository.write(file, &whole)?;
    }
    Ok(())
}

/// The answers of the page are those of the model, and the reason is the one of the page.
#[test]
fn the_page_on_personas_has_the_answers_of_the_model() -> TestResult {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/personas.md"))?;
    let mut people = String::new();
    let mut expect = String::new();
    for row in page.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [persona, .., answer] = cells.as_slice() else { return Err(row.into()) };
        let (name, words) = (persona.trim_matches('`'), answer.replace(['(', ')', '`'], " "));
        let (answer, because) = words.split_once(' ').unwrap_or((&words, ""));
        let because = if because.is_empty() { String::new() } else { format!(", because: {}", because.trim()) };
        people.push_str(&format!("  {name}: {{ persona: {name} }}\n"));
        let answer = answer.replace("yes", "true").replace("no", "false");
        expect.push_str(&format!("  - {{ people: [{name}], canReset: {answer}{because} }}\n"));
    }
    assert_eq!(expect.lines().count(), 7, "{expect}");
    let policy = POLICY.replace("mobilePhone]", "mobilePhone, officePhone]");
    let repository =
        Repository::of(&policy, &format!("version: 1\ndate: 2026-11-30\npeople:\n{people}expect:\n{expect}"))?;
    assert_eq!(repository.messages()?, [""; 0]);
    Ok(())
}

/// Each fact about the tenant changes an answer, and an answer that is unclear is neither yes nor no.
#[test]
fn facts_about_the_tenant_decide() -> TestResult {
    let people = "people:\n  a: { persona: synchronised }\n  b: { persona: remote, methods: [email, mobilePhone], groups: [Texts] }\n  \
                  c: { persona: administrator, methods: [email] }\n  d: { persona: remote, enabled: false }\n";
    for (tenant, who, answer, because) in [
        ("{}", "a", "true", ""),
        ("{ writebackClient: stopped }", "a", "false", "writeback-not-running"),
        ("{ writebackClient: unknown }", "a", "unclear", "writeback-not-read"),
        ("{ licence: businessStandard }", "a", "false", "writeback-not-licensed"),
        ("{ licence: otherPaid }", "b", "unclear", "licence-not-known"),
        ("{ licence: free }", "b", "false", "licence-change-only"),
        ("{}", "b", "true", ""),
        ("{ methods: [email] }", "b", "false", "methods-missing"),
        ("{ methodGroups: { Sms: [Others], Voice: [Others] } }", "b", "false", "methods-missing"),
        ("{ methodGroups: { Sms: [texts], Voice: [Others] } }", "b", "true", ""),
        ("{ migration: preMigration }", "b", "unclear", "legacy-not-managed"),
        ("{ migration: migrationInProgress }", "b", "true", ""),
        ("{ migration: migrationInProgress, methods: [mobilePhone] }", "b", "true", ""),
        ("{ migration: preMigration, methods: [mobilePhone] }", "b", "unclear", "legacy-not-managed"),
        ("{}", "c", "false", "methods-missing"),
        ("{ synchronised: true, customDomain: false }", "c", "false", "methods-missing"),
        ("{}", "d", "false", "account-disabled"),
    ] {
        let expect = |answer: &str, because: &str| {
            let because = if because.is_empty() { String::new() } else { format!(", because: {because}") };
            format!("expect: [{{ people: [{who}], canReset: {answer}{because} }}]\n")
        };
        let head = format!("version: 1\ndate: 2026-12-01\ntenant: {tenant}\n{people}");
        let repository = Repository::of(POLICY, &format!("{head}{}", expect(answer, because)))?;
        assert_eq!(repository.messages()?, [""; 0], "{tenant} {who}");
        for other in ["true", "false", "unclear"].into_iter().filter(|other| *other != answer) {
            repository.write("tests/people.yaml", &format!("{head}{}", expect(other, "")))?;
            let messages = repository.messages()?;
            assert!(messages.len() == 1 && messages[0].contains(because), "{tenant} {who} {other}: {messages:?}");
        }
    }
    Ok(())
}

/// `loses` and `gains` compare with the state before, and somebody of whom it is not known is in neither.
#[test]
fn who_loses_and_gains_is_compared_with_the_state_before() -> TestResult {
    let people = "people:\n  app: { persona: remote }\n  mail: { persona: remote, methods: [email, mobilePhone] }\n  \
                  both: { persona: remote, methods: [mobileAppNotification, email] }\n  guest: { persona: guest }\n";
    let file = |before: &str, expect: &str| {
        format!(
            "version: 1\npolicy: ../policies/contoso.yaml\ndate: 2027-02-01\nbefore: {before}\n{people}expect: {expect}\n"
        )
    };
    let by_date = "{ date: 2026-12-01 }";
    let repository = Repository::of(POLICY, &file(by_date, "[loses: [mail]]"))?;
    // The app counts as one method or as two, so it is not known whether they lose it.
    let messages = repository.messages()?;
    assert!(messages.len() == 1 && messages[0].starts_with("it is unclear whether app loses it"), "{messages:?}");
    let fewer = people.replace("  app: { persona: remote }\n", "");
    let two = file(by_date, "[loses: [mail], gains: []]")
        .replace("[loses: [mail], ", "[loses: [mail]}, {")
        .replace(people, &fewer);
    repository.write(
        "tests/people.yaml",
        &two.replace("[loses: [mail]}, {gains: []]", "[{ loses: [mail] }, { gains: [] }]"),
    )?;
    assert_eq!(repository.messages()?, [""; 0]);
    repository.write("tests/people.yaml", &file(by_date, "[loses: []]").replace(people, &fewer))?;
    let messages = repository.messages()?;
    assert!(
        messages.len() == 1 && messages[0].starts_with("mail loses it: mail cannot reset on 2027-02-01"),
        "{messages:?}"
    );
    // Against another policy on the same day: the tenant was in sync with it.
    repository.write("policies/earlier/contoso.yaml", &POLICY.replace("required: 2", "required: 1"))?;
    repository.write(
        "tests/people.yaml",
        &file("{ policy: ../policies/earlier/contoso.yaml }", "[{ gains: [] }, { requests: 1 }]"),
    )?;
    let messages = repository.messages()?;
    assert_eq!(messages, [""; 0], "{messages:?}");
    repository
        .write("tests/people.yaml", &file("{ policy: ../policies/earlier/contoso.yaml }", "[{ loses: [mail] }]"))?;
    assert_eq!(repository.messages()?.len(), 1);
    Ok(())
}

/// The plan is that of `plan`: its findings, also those about people, its refusal and its requests.
#[test]
fn the_plan_has_findings_a_refusal_and_requests() -> TestResult {
    let people = "people:\n  b: { persona: remote, methods: [email] }\n";
    let head = format!(
        "version: 1\npolicy: ../policies/contoso.yaml\ndate: 2026-12-01\nbefore: {{ policy: ../one.yaml }}\n{people}"
    );
    let expect = "expect:\n  - findings: [too-many-losing, nobody-can-reset, sms-voice-retirement]\n  - refused: true\n  \
                  - requests: 1\n  - noFindings: [one-method-required]\n";
    let repository = Repository::of(POLICY, &format!("{head}{expect}"))?;
    repository.write("one.yaml", &POLICY.replace("required: 2", "required: 1"))?;
    assert_eq!(repository.messages()?, [""; 0]);
    let other = "expect:\n  - noFindings: [too-many-losing]\n  - refused: false\n  - requests: 0\n  - findings: [one-method-required]\n";
    repository.write("tests/people.yaml", &format!("{head}{other}"))?;
    let messages = repository.messages()?;
    assert_eq!(messages.len(), 4, "{messages:?}");
    assert!(messages[1].contains("1 of 1 person in scope"), "{messages:?}");
    assert!(messages[2].ends_with("has 1 request: passwordReset (methods.required)"), "{messages:?}");
    // A limit of the repository holds for tests, too.
    repository.write("ssprctl.yaml", "version: 1\nlimits: { losing: 1, allow: [nobody-can-reset] }\n")?;
    repository.write("tests/people.yaml", &format!("{head}expect: [refused: false]\n"))?;
    assert_eq!(repository.messages()?, [""; 0]);
    Ok(())
}

/// Without `policy` a file is about every policy of the repository, and `--tenant` leaves some.
#[test]
fn every_policy_is_tested() -> TestResult {
    let tests =
        "version: 1\ndate: 2026-12-01\npeople:\n  b: { persona: remote }\nexpect: [{ people: [b], canReset: true }]\n";
    let repository = Repository::of(POLICY, tests)?;
    let other = POLICY.replace("contoso", "fabrikam").replace("users: all", "users: none");
    repository.write("policies/fabrikam.yaml", &other)?;
    let (code, text) = repository.run(&["test"])?;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("  ok      contoso.onmicrosoft.com: b can reset\n"), "{text}");
    assert!(text.contains("  FAILED  fabrikam.onmicrosoft.com: b can reset\n"), "{text}");
    assert!(text.contains(" --> tests/people.yaml:5:35\n") && text.contains("policies/fabrikam.yaml:3:17"), "{text}");
    assert!(text.ends_with("\nTests: 1 passed, 1 failed, in 1 file.\n"), "{text}");
    assert_eq!(repository.run(&["test", "--tenant", "contoso.*"])?.0, Some(0));
    let (code, text) = repository.run(&["test", "--tenant", "nobody.*"])?;
    assert_eq!(code, Some(1));
    assert!(text.contains("no policy is for a tenant that matches `nobody.*`"), "{text}");
    assert_eq!(repository.run(&["--surfaces", "graph", "test", "--tenant", "contoso.*"])?.0, Some(0));
    Ok(())
}

/// Every problem is reported at once, with its place and a way out, and no test runs.
#[test]
fn what_could_not_fail_is_an_error() -> TestResult {
    let head = "version: 1\npolicy: ../policies/contoso.yaml\ndate: 2026-12-01\n";
    let people = "people:\n  ana: { persona: remote }\n";
    let repository = Repository::of(POLICY, "")?;
    repository.write("policies/baseline.yaml", "version: 1\n")?;
    for (file, message, hint) in [
        (format!("{head}{people}"), "the test file has no `expect`", "add `expect`"),
        (format!("{head}{people}expect: []\n"), "`expect`", ""),
        (format!("{head}{people}expect: [{{}}]\n"), "an item of `expect`", ""),
        (
            format!("{head}{people}expect: [{{ people: [anna], canReset: true }}]\n"),
            "there is nobody called `anna`",
            "did you mean `ana`?",
        ),
        (
            format!("{head}{people}expect: [{{ people: [ana] }}]\n"),
            "it is not said whether these people can reset",
            "add `canReset:",
        ),
        (format!("{head}{people}expect: [{{ canReset: true }}]\n"), "it is not said who can reset", "add `people`"),
        (
            format!("{head}{people}expect: [{{ people: [ana], canReset: yes }}]\n"),
            "`yes` is not a value of `expect.canReset`",
            "write `true`, `false` or `unclear`",
        ),
        (
            format!("{head}{people}expect: [{{ people: [ana], canReset: true, because: push-alone }}]\n"),
            "no reason why not",
            "remove it",
        ),
        (
            format!("{head}{people}expect: [{{ people: [ana], canReset: false, because: push-alon }}]\n"),
            "there is no reason `push-alon`",
            "did you mean `push-alone`?",
        ),
        (format!("{head}{people}expect: [loses: []]\n"), "nobody can lose what nobody has", "write `before`"),
        (format!("{head}{people}expect: [{{ gains: [], requests: 1 }}]\n"), "of one kind", "make an item of each"),
        (format!("{head}expect: [gains: []]\n"), "`gains` is about people, and the file has none", "add `people`"),
        (
            format!("{head}expect: [findings: [missing-key]]\n"),
            "a plan has no finding `missing-key`",
            "`ssprctl explain`",
        ),
        (
            format!("{head}expect: [noFindings: [one-methods-required]]\n"),
            "a plan has no finding",
            "did you mean `one-method-required`?",
        ),
        (
            format!("{head}before: {{ date: 2026-12-01 }}\nexpect: [requests: 1]\n"),
            "before and after are the same",
            "earlier `date`",
        ),
        (
            format!("{head}before: {{ date: 2026-12-02 }}\nexpect: [requests: 1]\n"),
            "is after the date of the test",
            "write an earlier day",
        ),
        (
            format!("{head}people: {{ a/b: {{ persona: guest }} }}\nexpect: [requests: 1]\n"),
            "`a/b` cannot be the name",
            "write at most",
        ),
        (
            format!(
                "{head}tenant: {{ synchronised: false }}\npeople: {{ a: {{ persona: synchronised }} }}\nexpect: [requests: 1]\n"
            ),
            "and the tenant is not",
            "leave `tenant.synchronised` out",
        ),
        (
            head.replace("contoso.yaml", "nobody.yaml") + "expect: [requests: 1]\n",
            "`policies/nobody.yaml` does not exist",
            "relative to this file",
        ),
        (
            head.replace("contoso.yaml", "baseline.yaml") + "expect: [requests: 1]\n",
            "`policies/baseline.yaml` is for no tenant",
            "name the policy of a tenant",
        ),
        (head.replace("/contoso.yaml", "") + "expect: [requests: 1]\n", "`policies` is no file", "leave `policy` out"),
        (
            head.replace("../policies/contoso.yaml", "/etc/passwd") + "expect: [requests: 1]\n",
            "is outside of the repository",
            "name a policy of this repository",
        ),
    ] {
        repository.write("tests/people.yaml", &file)?;
        let (code, text) = repository.run(&["test", "--also", "junit=result.xml"])?;
        assert_eq!(code, Some(3), "{file}{text}");
        assert!(text.contains(message) && text.contains(hint) && text.contains("tests/people.yaml:"), "{file}{text}");
        assert!(!text.contains("Tests: "), "{text}");
        assert!(fs::read_to_string(repository.path("result.xml"))?.contains("<error type="), "{file}");
    }
    // Two files at once, and a policy that is invalid.
    repository.write("tests/people.yaml", &format!("{head}expect: [loses: []]\n"))?;
    repository.write("tests/zoe.yaml", &format!("{head}expect: [findings: [no-such-code]]\n"))?;
    repository.write("policies/contoso.yaml", &POLICY.replace("required: 2", "required: 3"))?;
    let (code, text) = repository.run(&["test"])?;
    let all = ["tests/people.yaml:4:", "tests/zoe.yaml:4:", "policies/contoso.yaml:5:"];
    assert!(code == Some(3) && all.iter().all(|place| text.contains(place)), "{text}");
    Ok(())
}

/// The document is well formed whatever names it has, as far as the escapes of XML go.
#[test]
fn junit_escapes_what_files_say() -> TestResult {
    let tests = "version: 1\npolicy: ../policies/contoso.yaml\ndate: 2026-12-01\npeople:\n  b: { persona: guest, groups: [\"<&\\\"]]>\"] }\n\
                 expect: [{ people: [b], canReset: true }]\n";
    let repository = Repository::of(POLICY, tests)?;
    fs::rename(repository.path("tests/people.yaml"), repository.path("tests/a&<\"b.yaml"))?;
    let (code, text) = repository.run(&["test", "--format", "junit"])?;
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.starts_with(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ssprctl test\" tests=\"1\" failures=\"1\""
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "classname=\"tests/a&amp;&lt;&quot;b.yaml\" name=\"b can reset\">\n      <failure type=\"test-failed\""
        ),
        "{text}"
    );
    assert_eq!(text.matches('<').count(), text.matches("</").count() * 2 + 1, "every element is closed: {text}");
    Ok(())
}

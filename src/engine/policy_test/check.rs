//! Checks what the schema of a test file cannot: that what an expectation names exists, and that it could fail.

use std::collections::BTreeSet;

use crate::base::finding::Finding;
use crate::catalog::desired::Desired;
use crate::engine::policy_test::tenant::allowed_by;
use crate::person::answer::AnswerReason;
use crate::policy::located_tests::{LocatedTests, TEST_INVALID};
use crate::policy::suggest::nearest;
use crate::policy::test_file::{ExpectedAnswer, Persona, TestBefore, TestExpectation, TestMigration, TestPerson};
use crate::review::finding_codes;

/// The most cases of a file: a report of more is not read.
const MOST_CASES: usize = 1_000;
/// The longest name of a person, in characters.
const LONGEST_NAME: usize = 64;

/// Everything that is wrong with a test file that fits the schema.
pub(crate) fn check(tests: &LocatedTests) -> Vec<Finding> {
    let mut check = TestChecker { tests, findings: Vec::new() };
    check.people();
    check.before();
    check.cases();
    for (index, expectation) in tests.file.expect.iter().enumerate() {
        check.expectation(&format!("/expect/{index}"), expectation);
    }
    check.findings
}

/// The finding about answers that depend on methods of which neither the test nor a policy says which the tenant has on.
pub(crate) fn methods<'a>(tests: &LocatedTests, policies: impl Iterator<Item = &'a Desired>) -> Option<Finding> {
    let file = &tests.file;
    let said = file.tenant.get().cloned().unwrap_or_default();
    let is_said =
        !said.methods.is_unmanaged() || said.migration.get().is_some_and(|known| *known != TestMigration::default());
    let mut unmanaged = policies.filter(|desired| allowed_by(desired).is_none()).map(|desired| &desired.source.path);
    let path = unmanaged.next().filter(|_| !is_said && file.before.is_unmanaged() && !file.people.is_unmanaged())?;
    let message = format!("`{path}` leaves methods to the tenant, so it is not known which ones people can use");
    let finding = Finding::error(TEST_INVALID, message).at(tests.place("/people"), "");
    Some(finding.hint("say with `tenant.methods` which ones the authentication methods policy has on"))
}

struct TestChecker<'a> {
    tests: &'a LocatedTests,
    findings: Vec<Finding>,
}

impl TestChecker<'_> {
    fn wrong(&mut self, pointer: &str, message: impl Into<String>, label: &str, hint: impl Into<String>) {
        let finding = Finding::error(TEST_INVALID, message).at(self.tests.place(pointer), label);
        self.findings.push(finding.hint(hint));
    }

    fn people(&mut self) {
        let file = &self.tests.file;
        let on_premises = file.tenant.get().and_then(|tenant| tenant.synchronised.get().copied());
        for (name, person) in file.people.get().into_iter().flatten() {
            let pointer = format!("/people/{}", name.replace('~', "~0").replace('/', "~1"));
            if !is_name(name) {
                let message = format!("`{}` cannot be the name of a person", short(name));
                let hint = format!("write at most {LONGEST_NAME} letters, digits, spaces, and `.`, `-`, `_` or `@`");
                self.wrong(&pointer, message, "", hint);
            }
            let TestPerson { persona, methods: _, groups: _, enabled: _, synchronised } = person;
            let is_synchronised = synchronised.get().copied().unwrap_or(persona.spec().synchronised);
            if is_synchronised && on_premises == Some(false) {
                let message = format!("`{name}` is synchronised from on premises, and the tenant is not");
                self.wrong(
                    &pointer,
                    message,
                    "",
                    "leave `tenant.synchronised` out, or write `synchronised: false` here",
                );
            }
            if *persona == Persona::Guest && synchronised.get() == Some(&true) {
                let message = format!("`{name}` is a guest, whose account another tenant has");
                let hint = "leave `synchronised` out, or take the persona `synchronised`";
                self.wrong(&format!("{pointer}/synchronised"), message, "not in this tenant", hint);
            }
        }
    }

    fn before(&mut self) {
        let file = &self.tests.file;
        let Some(TestBefore { date, policy }) = file.before.get() else { return };
        if !policy.is_unmanaged() && file.policy.is_unmanaged() {
            self.wrong(
                "/before/policy",
                "the test is about every policy of the repository, and the tenant was in sync with one",
                "",
                "name the policy under test with `policy`",
            );
        }
        match date.get() {
            Some(date) if *date > file.date => {
                let message = format!("{date} is after the date of the test, {}", file.date);
                self.wrong("/before/date", message, "later", "write an earlier day, or leave it out");
            }
            Some(date) if *date < file.date || !policy.is_unmanaged() => {}
            Some(_) | None if !policy.is_unmanaged() => {}
            Some(_) | None => self.wrong(
                "/before",
                "before and after are the same: the same policy on the same day",
                "",
                "give it an earlier `date`, or another `policy`",
            ),
        }
    }

    fn cases(&mut self) {
        let people = self.tests.file.expect.iter().map(|expectation| expectation.people.get().map_or(1, Vec::len));
        let cases: usize = people.sum();
        if cases > MOST_CASES {
            let message = format!("the file has {cases} cases, and a file may have {MOST_CASES}");
            self.wrong("/expect", message, "", "make several files of it");
        }
    }

    fn expectation(&mut self, at: &str, expectation: &TestExpectation) {
        let TestExpectation { people, can_reset, because, loses, gains, findings, no_findings, refused, requests } =
            expectation;
        let asks = !people.is_unmanaged() || !can_reset.is_unmanaged() || !because.is_unmanaged();
        let kinds = [
            (asks, "canReset"),
            (!loses.is_unmanaged(), "loses"),
            (!gains.is_unmanaged(), "gains"),
            (!findings.is_unmanaged(), "findings"),
            (!no_findings.is_unmanaged(), "noFindings"),
            (!refused.is_unmanaged(), "refused"),
            (!requests.is_unmanaged(), "requests"),
        ];
        let kinds: Vec<_> = kinds.iter().filter(|(is_one, _)| *is_one).map(|(_, kind)| format!("`{kind}`")).collect();
        if kinds.len() > 1 {
            let message = format!("an expectation is of one kind, and this one has {}", kinds.join(" and "));
            self.wrong(at, message, "", "make an item of each");
        }
        if asks {
            self.answer(at, expectation);
        }
        for (list, names) in [("people", people), ("loses", loses), ("gains", gains)] {
            for (index, name) in names.get().into_iter().flatten().enumerate() {
                self.person(&format!("{at}/{list}/{index}"), name);
            }
        }
        if !loses.is_unmanaged() && self.tests.file.before.is_unmanaged() {
            self.wrong(
                &format!("{at}/loses"),
                "nobody can lose what nobody has: without `before` the tenant is a new one, in which nobody can reset",
                "cannot fail",
                "write `before` with an earlier `date` or another `policy`",
            );
        }
        let nobody = self.tests.file.people.get().is_none_or(std::collections::BTreeMap::is_empty);
        for (list, names) in [("loses", loses), ("gains", gains)] {
            if names.get().is_some_and(Vec::is_empty) && nobody {
                let message = format!("`{list}` is about people, and the file has none");
                self.wrong(&format!("{at}/{list}"), message, "cannot fail", "add `people`, or remove it");
            }
        }
        for (list, codes) in [("findings", findings), ("noFindings", no_findings)] {
            for (index, code) in codes.get().into_iter().flatten().enumerate() {
                let known: BTreeSet<_> = finding_codes::of_plans().collect();
                let message = format!("a plan has no finding `{}`", short(code));
                self.known(
                    &format!("{at}/{list}/{index}"),
                    code,
                    &known,
                    message,
                    "`ssprctl explain` lists all of them",
                );
            }
        }
    }

    fn answer(&mut self, at: &str, expectation: &TestExpectation) {
        let TestExpectation { people, can_reset, because, .. } = expectation;
        if people.is_unmanaged() {
            self.wrong(at, "it is not said who can reset", "", "add `people`, such as `people: [ana]`");
        }
        let Some(expected) = can_reset.get() else {
            self.wrong(
                at,
                "it is not said whether these people can reset",
                "",
                "add `canReset: true`, `false` or `unclear`",
            );
            return;
        };
        let Some(code) = because.get() else { return };
        let pointer = format!("{at}/because");
        if *expected == ExpectedAnswer::Yes {
            self.wrong(
                &pointer,
                "a person who can reset has no reason why not",
                "",
                "remove it, or expect `false` or `unclear`",
            );
        }
        let known: BTreeSet<_> = AnswerReason::ALL.iter().map(|reason| reason.code()).collect();
        let message = format!("there is no reason `{}`", short(code));
        self.known(&pointer, code, &known, message, "docs/testing-policies.md lists all of them");
    }

    fn person(&mut self, pointer: &str, name: &str) {
        let known: BTreeSet<_> =
            self.tests.file.people.get().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        let listed: Vec<_> = known.iter().take(10).map(|name| format!("`{}`", short(name))).collect();
        let otherwise = match listed.is_empty() {
            true => "add them under `people`".to_owned(),
            false => format!("add them under `people`, which has {}", listed.join(", ")),
        };
        self.known(pointer, name, &known, format!("there is nobody called `{}`", short(name)), &otherwise);
    }

    fn known(&mut self, pointer: &str, word: &str, known: &BTreeSet<&str>, message: String, otherwise: &str) {
        if !known.contains(word) {
            let hint = match nearest(word, known.iter().copied()) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => otherwise.to_owned(),
            };
            self.wrong(pointer, message, "unknown", hint);
        }
    }
}

fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || [' ', '.', '-', '_', '@'].contains(&c);
    !name.trim().is_empty() && name.trim() == name && name.chars().count() <= LONGEST_NAME && name.chars().all(good)
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

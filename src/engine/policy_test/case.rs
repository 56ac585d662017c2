//! The cases of a test file for one policy: each expectation, and why it does not hold.

use std::collections::BTreeSet;

use crate::base::count::counted;
use crate::base::finding::{Finding, Severity};
use crate::catalog::desired::Desired;
use crate::catalog::{methods, scope, writeback};
use crate::engine::policy_test::applied::AppliedPolicy;
use crate::person::answer::{Answer, AnswerReason};
use crate::policy::located_tests::{LocatedTests, TEST_FAILED};
use crate::policy::test_file::{ExpectedAnswer, TestExpectation};

/// One expectation about one policy, and one person where it is about people.
#[derive(Clone, Debug)]
pub(crate) struct TestCase {
    /// What is expected, as a sentence without a full stop.
    pub(crate) name: String,
    /// The tenant of the policy.
    pub(crate) tenant: String,
    /// The path of the policy.
    pub(crate) policy: String,
    /// The line of the test file.
    pub(crate) line: usize,
    /// Why the expectation does not hold; `None` if it does.
    pub(crate) failure: Option<Finding>,
}

/// The cases of a test file for a policy.
pub(crate) fn cases(tests: &LocatedTests, desired: &Desired, applied: &AppliedPolicy) -> Vec<TestCase> {
    let judge = CaseJudge { tests, desired, applied };
    let each = tests.file.expect.iter().enumerate();
    each.flat_map(|(index, expectation)| judge.cases(&format!("/expect/{index}"), expectation)).collect()
}

struct CaseJudge<'a> {
    tests: &'a LocatedTests,
    desired: &'a Desired,
    applied: &'a AppliedPolicy,
}

impl CaseJudge<'_> {
    fn cases(&self, at: &str, expectation: &TestExpectation) -> Vec<TestCase> {
        let TestExpectation { people, can_reset, because, loses, gains, findings, no_findings, refused, requests } =
            expectation;
        let mut cases = Vec::new();
        if let (Some(people), Some(expected)) = (people.get(), can_reset.get()) {
            let because = because.get().map(String::as_str);
            let case = |(index, name): (usize, &String)| {
                let failure = self.answer(at, name, *expected, because);
                self.case(&format!("{at}/people/{index}"), answer_name(name, *expected, because), failure)
            };
            cases.extend(people.iter().enumerate().map(case));
        }
        for (key, expected, does, from) in [("loses", loses, "lose", true), ("gains", gains, "gain", false)] {
            if let Some(expected) = expected.get() {
                let who = if expected.is_empty() { "nobody".to_owned() } else { expected.join(", ") };
                let ending = if expected.len() > 1 { "" } else { "s" };
                let pointer = format!("{at}/{key}");
                let failure = self.changed(&pointer, expected, does, from);
                cases.push(self.case(&pointer, format!("{who} {does}{ending} the reset"), failure));
            }
        }
        for (key, codes, wanted) in [("findings", findings, true), ("noFindings", no_findings, false)] {
            let words = if wanted { "is found" } else { "is not found" };
            let case = |(index, code): (usize, &String)| {
                let pointer = format!("{at}/{key}/{index}");
                self.case(&pointer, format!("{code} {words}"), self.found(&pointer, code, wanted))
            };
            cases.extend(codes.get().into_iter().flatten().enumerate().map(case));
        }
        if let Some(expected) = refused.get() {
            let pointer = format!("{at}/refused");
            let name = if *expected { "the plan is refused" } else { "the plan is not refused" };
            cases.push(self.case(&pointer, name.to_owned(), self.refused(&pointer, *expected)));
        }
        if let Some(expected) = requests.get() {
            let pointer = format!("{at}/requests");
            let name = format!("the plan has {}", counted(*expected, "request", "requests"));
            cases.push(self.case(&pointer, name, self.requests(&pointer, *expected)));
        }
        cases
    }

    fn case(&self, at: &str, name: String, failure: Option<Finding>) -> TestCase {
        TestCase {
            name,
            tenant: self.desired.tenant.to_string(),
            policy: self.desired.source.path.clone(),
            line: self.tests.place(at).line_column().0,
            failure,
        }
    }

    fn failed(&self, at: &str, message: String, label: String, hint: String) -> Finding {
        Finding::error(TEST_FAILED, message).at(self.tests.place(at), label).hint(hint)
    }

    fn answer(&self, at: &str, name: &str, expected: ExpectedAnswer, because: Option<&str>) -> Option<Finding> {
        let (_, after) = self.applied.answers(name)?;
        let (actual, reasons) = match after {
            Answer::Yes => (ExpectedAnswer::Yes, BTreeSet::new()),
            Answer::No(reason) => (ExpectedAnswer::No, BTreeSet::from([*reason])),
            Answer::Unclear(reasons) => (ExpectedAnswer::Unclear, reasons.clone()),
        };
        let has_reason = because.is_none_or(|code| reasons.iter().any(|reason| reason.code() == code));
        if actual == expected && has_reason {
            return None;
        }
        let says = if actual == expected { "because" } else { "canReset" };
        let wanted = if actual == expected { because.unwrap_or_default() } else { expected.word() };
        let right = match reasons.first().filter(|_| actual == expected) {
            Some(reason) => reason.code(),
            None => actual.word(),
        };
        let message = format!("{}{}", self.sentence(name, after), self.needed(&reasons));
        let hint = format!("correct the policy, or expect `{right}` if that is right");
        let finding = self.failed(&format!("{at}/{says}"), message, format!("expected `{wanted}`"), hint);
        Some(self.with_cause(finding, reasons.first().copied()))
    }

    /// What holds for a person on the date of the test, as a sentence.
    fn sentence(&self, name: &str, answer: &Answer) -> String {
        let date = self.tests.file.date;
        match answer {
            Answer::Yes => format!("{name} can reset on {date}"),
            Answer::No(reason) => format!("{name} cannot reset on {date}: {} ({})", reason.words(), reason.code()),
            Answer::Unclear(reasons) => {
                let why: Vec<_> =
                    reasons.iter().map(|reason| format!("{} ({})", reason.words(), reason.code())).collect();
                format!("it is unclear whether {name} can reset on {date}: {}", why.join("; "))
            }
        }
    }

    /// How many methods are needed, where that is the reason.
    fn needed(&self, reasons: &BTreeSet<AnswerReason>) -> String {
        match self.applied.required() {
            Some(required) if reasons.contains(&AnswerReason::MethodsMissing) => format!("; {required} are needed"),
            Some(_) | None => String::new(),
        }
    }

    /// The finding with the place of the policy that decides a reason, where it has one.
    fn with_cause(&self, finding: Finding, reason: Option<AnswerReason>) -> Finding {
        let settings = match reason {
            Some(AnswerReason::ScopeNone) => [scope::USERS.name; 2],
            Some(AnswerReason::NotInScope) => [scope::GROUP.name, scope::USERS.name],
            Some(AnswerReason::AdministratorsOff) => [scope::ADMINISTRATORS.name; 2],
            Some(AnswerReason::WritebackOff) => [writeback::PASSWORDS.name; 2],
            Some(AnswerReason::MethodsMissing | AnswerReason::AppOnceOrTwice | AnswerReason::PushAlone) => {
                [methods::REQUIRED.name, methods::ALLOWED.name]
            }
            Some(AnswerReason::NothingAllowed | AnswerReason::MethodEnded) => [methods::ALLOWED.name; 2],
            Some(_) | None => return finding,
        };
        match settings.iter().find_map(|name| self.desired.setting(name)) {
            Some(setting) => finding.also(setting.place.clone(), "decides it"),
            None => finding,
        }
    }

    /// Who loses or gains the reset, where others are expected. Somebody of whom that is not known is neither.
    fn changed(&self, at: &str, expected: &[String], does: &str, from: bool) -> Option<Finding> {
        let (mut wrong, mut cause) = (Vec::new(), None);
        for (name, before, after) in self.applied.people() {
            let wanted = expected.contains(name);
            let certain = before.known() == Some(from) && after.known() == Some(!from);
            let possible = before != after && before.known() != Some(!from) && after.known() != Some(from);
            let says = match (wanted, certain, possible) {
                (true, true, _) | (false, _, false) => continue,
                (true, false, true) | (false, false, true) => format!("it is unclear whether {name} {does}s it"),
                (true, false, false) => format!("{name} does not {does} it"),
                (false, true, true) => format!("{name} {does}s it"),
            };
            cause = cause.or_else(|| first_reason(after));
            wrong.push(format!("{says}: {}", self.sentence(name, after)));
        }
        let label = match expected {
            [] => "expected nobody".to_owned(),
            names => format!("expected {}", names.join(", ")),
        };
        let hint = "correct the policy, or this list if that is right".to_owned();
        (!wrong.is_empty()).then(|| self.with_cause(self.failed(at, wrong.join("; "), label, hint), cause))
    }

    fn found(&self, at: &str, code: &str, wanted: bool) -> Option<Finding> {
        let found = self.applied.review.findings.iter().find(|finding| finding.code == code);
        match (found, wanted) {
            (Some(_), true) | (None, false) => None,
            (None, true) => {
                let codes: BTreeSet<_> = self.applied.review.findings.iter().map(|finding| finding.code).collect();
                let codes = codes.into_iter().collect::<Vec<_>>().join(", ");
                let codes = if codes.is_empty() { "nothing".to_owned() } else { codes };
                let message = format!("the plan of {} does not have {code}; it has {codes}", self.desired.source.path);
                let hint =
                    "correct the policy, or remove the code; a waiver or a level in ssprctl.yaml silences a finding";
                Some(self.failed(at, message, "expected".to_owned(), hint.to_owned()))
            }
            (Some(finding), false) => {
                let message = format!("the plan of {} has {code}: {}", self.desired.source.path, finding.message);
                let hint = format!("`ssprctl explain {code}` says what to do about it");
                let failed = self.failed(at, message, "expected not to be found".to_owned(), hint);
                Some(match &finding.at {
                    Some(label) => failed.also(label.place.clone(), "found here"),
                    None => failed,
                })
            }
        }
    }

    fn refused(&self, at: &str, expected: bool) -> Option<Finding> {
        let review = &self.applied.review;
        let refused = review.refusal().is_some();
        if refused == expected {
            return None;
        }
        let errors = review.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let errors: Vec<_> = errors.map(|finding| format!("{} ({})", finding.message, finding.code)).collect();
        let path = &self.desired.source.path;
        let (message, label) = match refused {
            true => (format!("the plan of {path} is refused: {}", errors.join("; ")), "expected not to be refused"),
            false => (format!("the plan of {path} is not refused"), "expected to be refused"),
        };
        let hint = format!("correct the policy, or expect `{refused}` if that is right");
        Some(self.failed(at, message, label.to_owned(), hint))
    }

    fn requests(&self, at: &str, expected: u32) -> Option<Finding> {
        let steps = &self.applied.review.plan.steps;
        let actual = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        if actual == expected {
            return None;
        }
        let each = steps.iter().map(|step| {
            let settings: BTreeSet<_> = step.changes.iter().map(|change| change.setting.name).collect();
            format!("{} ({})", step.surface.name(), settings.into_iter().collect::<Vec<_>>().join(", "))
        });
        let each: Vec<_> = each.collect();
        let to = if each.is_empty() { String::new() } else { format!(": {}", each.join("; ")) };
        let message =
            format!("the plan of {} has {}{to}", self.desired.source.path, counted(actual, "request", "requests"));
        let hint = format!("correct the policy, or expect {actual} if that is right");
        Some(self.failed(at, message, format!("expected {expected}"), hint))
    }
}

fn first_reason(answer: &Answer) -> Option<AnswerReason> {
    match answer {
        Answer::Yes => None,
        Answer::No(reason) => Some(*reason),
        Answer::Unclear(reasons) => reasons.first().copied(),
    }
}

fn answer_name(name: &str, expected: ExpectedAnswer, because: Option<&str>) -> String {
    let because = because.map(|code| format!(": {code}")).unwrap_or_default();
    match expected {
        ExpectedAnswer::Yes => format!("{name} can reset"),
        ExpectedAnswer::No => format!("{name} cannot reset{because}"),
        ExpectedAnswer::Unclear => format!("it is unclear whether {name} can reset{because}"),
    }
}

//! What a policy would do in the tenant of a test: the plan with its findings, and each person's answer before and after. The
//! plan, the rules and the model of one person are those of `plan`.

use crate::catalog::desired::Desired;
use crate::engine::policy_test::tenant::TestedTenant;
use crate::person::answer::Answer;
use crate::person::census::Census;
use crate::person::policy_state::PolicyState;
use crate::plan::build;
use crate::policy::test_file::TestFile;
use crate::review::approve::{self, Review};
use crate::review::config::ReviewConfig;
use crate::review::impact::{self, ImpactResult};

/// The answers about one person.
struct PersonAnswers {
    name: String,
    before: Answer,
    after: Answer,
}

/// What a policy would do in the tenant of a test.
pub(crate) struct AppliedPolicy {
    /// The plan of the policy, with its findings.
    pub(crate) review: Review,
    required: Option<u32>,
    people: Vec<PersonAnswers>,
}

impl AppliedPolicy {
    /// Applies a policy in the tenant of a test, which is in sync with `before` where there is one. `config` is of the
    /// date of the test.
    pub(crate) fn new(tests: &TestFile, desired: &Desired, before: Option<&Desired>, config: &ReviewConfig) -> Self {
        let date = tests.date;
        let earlier = tests.before.get().and_then(|before| before.date.get().copied()).unwrap_or(date);
        let policies: Vec<&Desired> = before.into_iter().chain([desired]).collect();
        let mut tenant = TestedTenant::new(tests, &policies);
        let documents = match before {
            None => tenant.documents.clone(),
            Some(before) => {
                let (plan, _) = build::build(before, &tenant.snapshot(before, tenant.documents.clone(), earlier));
                plan.documents_after()
            }
        };
        let mut snapshot = tenant.snapshot(desired, documents, date);
        let (plan, _) = build::build(desired, &snapshot);
        let planned = plan.documents_after();
        let [now, then] = [&plan.seen, &planned].map(|documents| PolicyState::of(|surface| documents.get(&surface)));
        let calendar = config.calendar(&desired.tenant, desired.cloud);
        // The facts about the tenant are stated for the day of each question.
        let [at_first, at_last] = [earlier, date].map(|day| tenant.situation(calendar.clone(), day));
        let people = tenant.people.iter().map(|person| PersonAnswers {
            name: person.name.clone(),
            before: person.answer(&now, &at_first, earlier),
            after: person.answer(&then, &at_last, date),
        });
        let people: Vec<_> = people.collect();
        // The report says of everybody what is so before.
        for (person, answers) in tenant.people.iter_mut().zip(&people) {
            person.report.capable = answers.before.known() == Some(true);
        }
        let mut census = Census::new([&now, &then]);
        for person in &tenant.people {
            census.add(&at_first.groups, &person.facts());
        }
        let impact = impact::policy_change(&plan, &calendar, earlier, date);
        let impact = impact.map(|change| change.count(&census, &at_first));
        snapshot.facts.synchronised_people = impact.as_ref().map(|impact| impact.synchronised);
        let review = approve::plan_and_review(desired, &snapshot.restricted_to(&desired.read_set()), config);
        let review = match impact.filter(|_| !people.is_empty()) {
            Some(impact) => review.with_people(ImpactResult::Counted(Box::new(impact)), config),
            None => review,
        };
        Self { review, required: then.required, people }
    }

    /// The answers about the person with this name, before and after.
    pub(crate) fn answers(&self, name: &str) -> Option<(&Answer, &Answer)> {
        self.people().find(|(known, ..)| *known == name).map(|(_, before, after)| (before, after))
    }

    /// The answers about everybody, before and after, by name.
    pub(crate) fn people(&self) -> impl Iterator<Item = (&String, &Answer, &Answer)> {
        self.people.iter().map(|PersonAnswers { name, before, after }| (name, before, after))
    }

    /// How many methods a reset takes once the policy is applied.
    pub(crate) fn required(&self) -> Option<u32> {
        self.required
    }
}

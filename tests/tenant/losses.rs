//! What a plan takes from people, and the limits of that: one made-up person at a time.

use jiff::civil::{Date, date};
use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::controller::condition::Reason;
use ssprctl::testing::controller::reconcile::ReconcileOutcome;
use ssprctl::testing::controller::reconciler::outcome_of_review;
use ssprctl::testing::controller::schedule::Retry;
use ssprctl::testing::person::answer::AnswerReason;
use ssprctl::testing::person::facts::TenantSituation;
use ssprctl::testing::person::state::LossReason;
use ssprctl::testing::plan::change::Plan;
use ssprctl::testing::policy::repository::load;
use ssprctl::testing::review::approve::Review;
use ssprctl::testing::review::config::ReviewConfig;
use ssprctl::testing::review::impact::{ImpactResult, policy_change};
use ssprctl::testing::review::losses::Losses;
use ssprctl::testing::tenant::account::UserAccount;
use ssprctl::testing::tenant::registration::UserRegistrationDetails;

use crate::harness::{CONTOSO, Harness, TestResult, policy};
use crate::impact::{HERE, NOW, TODAY, census, person, situation};

/// What a plan does to people with these accounts, at a date.
fn counted(
    plan: &Plan,
    tenant: &TenantSituation,
    people: &[(UserRegistrationDetails, UserAccount)],
    at: Date,
) -> ImpactResult {
    let Some(change) = policy_change(plan, &tenant.calendar, TODAY, at) else { return ImpactResult::Unaffected };
    let census = census(tenant, people.iter().map(|(report, account)| (report, *account)));
    ImpactResult::Counted(Box::new(change.count(&census, tenant)))
}

fn losses(people: &ImpactResult) -> Losses {
    match people {
        ImpactResult::Counted(impact) => impact.losses.clone(),
        ImpactResult::Unaffected | ImpactResult::Unknown(_) => Losses::default(),
    }
}

/// People whose accounts are in the tenant, with these methods.
fn here(methods: &[&str]) -> Vec<(UserRegistrationDetails, UserAccount)> {
    let people = (1_u128..).zip(methods);
    people.map(|(number, methods)| (person(number, methods, true, !methods.is_empty()), HERE)).collect()
}

/// The configuration of a repository with these limits.
fn limited(limits: &str) -> Result<ReviewConfig, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    if !limits.is_empty() {
        std::fs::write(folder.path().join("ssprctl.yaml"), format!("version: 1\nlimits: {{ {limits} }}\n"))?;
    }
    let (config, findings) = ReviewConfig::from_repository(&load::discover(folder.path()), TODAY);
    assert_eq!(findings, Vec::new(), "{limits}");
    Ok(config)
}

/// The findings about people of a review by a configuration.
fn findings(review: &Review, people: &ImpactResult, config: &ReviewConfig) -> Vec<Finding> {
    let review = review.clone().with_people(people.clone(), config);
    let codes = ["too-many-losing", "nobody-can-reset", "losing-unclear"];
    review.findings.into_iter().filter(|finding| codes.contains(&finding.code)).collect()
}

fn codes(findings: &[Finding]) -> Vec<(&'static str, Severity)> {
    findings.iter().map(|finding| (finding.code, finding.severity)).collect()
}

/// The review of a policy by a tenant that is as [`NOW`] says.
async fn reviewed(sections: &str) -> Result<Review, Box<dyn std::error::Error>> {
    let harness = Harness::start()?;
    harness.apply(&policy(CONTOSO, NOW)).await?;
    harness.review(&policy(CONTOSO, sections)).await
}

#[tokio::test]
async fn who_loses_it_is_counted_by_reason_and_method() -> TestResult {
    let review = reviewed(&NOW.replace("required: 1", "required: 2").replace("email, ", "")).await?;
    let people = here(&[
        "email",
        "email mobilePhone",
        "mobilePhone softwareOneTimePasscode",
        "email officePhone",
        "",
        "mobilePhone",
    ]);
    let counted = counted(&review.plan, &situation(&review.plan, &[]), &people, TODAY);
    let email = [ssprctl::testing::policy::document::Method::Email];
    let reason = |why, methods: &[_]| LossReason { why, methods: methods.iter().copied().collect() };
    let reasons = [
        (reason(AnswerReason::NothingAllowed, &email), 2),
        (reason(AnswerReason::MethodsMissing, &email), 1),
        (reason(AnswerReason::MethodsMissing, &[]), 1),
    ];
    assert_eq!(losses(&counted), Losses { sure: 6, losing: 4, reasons: reasons.into(), ..losses(&counted) });
    let found = findings(&review, &counted, &limited("")?);
    assert_eq!(codes(&found), [("too-many-losing", Severity::Error)]);
    let finding = found.first().ok_or("no finding")?;
    assert_eq!(
        finding.message,
        "4 of 6 people in scope whose answer is known would lose the reset, 66.6 %: more than the 0 % that are allowed \
         without `limits.losing`; 2 because no method that they have registered is allowed for them (email no longer \
         counts), 1 because they have registered too few methods that are allowed, 1 because they have registered too few \
         methods that are allowed (email no longer counts)"
    );
    Ok(())
}

#[tokio::test]
async fn a_limit_is_a_number_or_a_percentage() -> TestResult {
    let review = reviewed(&NOW.replace("required: 1", "required: 2")).await?;
    let people = here(&["email", "email", "email mobilePhone", ""]);
    let people = counted(&review.plan, &situation(&review.plan, &[]), &people, TODAY);
    let refused = [("too-many-losing", Severity::Error)];
    for (limits, expected) in [
        ("", &refused[..]),
        ("losing: 0", &refused),
        ("losing: 1", &refused),
        ("losing: 2", &[]),
        ("losing: 49%", &refused),
        ("losing: 50%", &[]),
        ("losing: 0%, allow: [too-many-losing]", &[("too-many-losing", Severity::Warning)]),
    ] {
        assert_eq!(codes(&findings(&review, &people, &limited(limits)?)), expected, "{limits}");
    }
    let held = review.clone().with_people(people.clone(), &limited("losing: 1")?);
    let ReconcileOutcome::Failed(failure) = outcome_of_review(&held) else { return Err("it is not held back".into()) };
    assert_eq!((failure.class, failure.reason), (Retry::Never, Reason::Refused), "{failure:?}");
    assert!(failure.message.contains("would lose the reset"), "{failure:?}");
    let by_option = limited("losing: 1")?.allow(["too-many-losing"]);
    assert_eq!(codes(&findings(&review, &people, &by_option)), [("too-many-losing", Severity::Warning)]);
    Ok(())
}

/// No limit allows that nobody can reset any more.
#[tokio::test]
async fn that_nobody_can_reset_is_allowed_by_its_own_word() -> TestResult {
    let review = reviewed(&NOW.replace("required: 1", "required: 2")).await?;
    let people = counted(&review.plan, &situation(&review.plan, &[]), &here(&["email", "mobilePhone"]), TODAY);
    let found = findings(&review, &people, &limited("losing: 100%")?);
    assert_eq!(codes(&found), [("nobody-can-reset", Severity::Error)]);
    let says = "none of the 2 people in scope can reset once this is applied, and 2 can now";
    assert_eq!(found.first().map(|finding| finding.message.as_str()), Some(says));
    let allowed = limited("losing: 100%, allow: [nobody-can-reset]")?;
    assert_eq!(codes(&findings(&review, &people, &allowed)), [("nobody-can-reset", Severity::Warning)]);
    Ok(())
}

/// At the beginning nobody has registered; that they could is enough. What nobody could ever use is refused.
#[tokio::test]
async fn a_beginning_is_no_loss_and_a_dead_end_is_refused() -> TestResult {
    let harness = Harness::start()?;
    let text = format!("{NOW}\nwriteback: {{ passwords: false }}");
    harness.apply(&policy(CONTOSO, &text.replace("users: all", "users: none"))).await?;
    let review = harness.review(&policy(CONTOSO, &text)).await?;
    let mut tenant = situation(&review.plan, &[]);
    let mut people = here(&["", "fido2SecurityKey"]);
    people.iter_mut().for_each(|(report, _)| report.capable = false);
    let config = limited("")?;
    let beginning = counted(&review.plan, &tenant, &people, TODAY);
    assert_eq!(findings(&review, &beginning, &config), Vec::new());
    tenant.synchronised = Some(true);
    people.iter_mut().for_each(|(_, account)| account.synchronised = true);
    let dead_end = counted(&review.plan, &tenant, &people, TODAY);
    let found = findings(&review, &dead_end, &config);
    assert_eq!(codes(&found), [("nobody-can-reset", Severity::Error)]);
    let says = "none of the 2 people in scope could reset once this is applied, whatever they register: 2 because their \
                password is on premises, and writeback is off";
    assert_eq!(found.first().map(|finding| finding.message.as_str()), Some(says));
    // Where it was so before, the plan does not take anything.
    harness.apply(&policy(CONTOSO, &text)).await?;
    let review = harness.review(&policy(CONTOSO, &text.replace("email, ", ""))).await?;
    let as_before = counted(&review.plan, &tenant, &people, TODAY);
    assert_eq!(findings(&review, &as_before, &config), Vec::new());
    Ok(())
}

/// Nobody of whom it is not known counts as losing it; if that is everybody, the word is `unclear`.
#[tokio::test]
async fn the_unclear_never_count_as_losing() -> TestResult {
    let review = reviewed(&NOW.replace("required: 1", "required: 2")).await?;
    let tenant = situation(&review.plan, &[]);
    let mut people = here(&["email telepathy", "email telepathy"]);
    let all = counted(&review.plan, &tenant, &people, TODAY);
    let found = findings(&review, &all, &limited("losing: 0")?);
    assert_eq!(codes(&found), [("losing-unclear", Severity::Warning)]);
    let says = "it is unclear of all 2 people who may be able to reset whether they lose it";
    assert_eq!(found.first().map(|finding| finding.message.as_str()), Some(says));
    let one = counted(&review.plan, &tenant, &people[..1], TODAY);
    let found = findings(&review, &one, &limited("losing: 0")?);
    let says = "it is unclear of the 1 person who may be able to reset whether they lose it";
    assert_eq!(found.first().map(|finding| finding.message.as_str()), Some(says));
    people.push((person(9, "email", true, true), HERE));
    people.push((person(10, "email mobilePhone", true, true), HERE));
    let found = findings(&review, &counted(&review.plan, &tenant, &people, TODAY), &limited("")?);
    assert_eq!(codes(&found), [("too-many-losing", Severity::Error)]);
    let message = found.first().map(|finding| finding.message.clone()).unwrap_or_default();
    assert!(message.starts_with("1 of 2 people") && message.ends_with("; of 2 more it is unclear"), "{message}");
    Ok(())
}

/// What a date takes from people is not the plan's doing.
#[tokio::test]
async fn a_date_alone_is_no_loss_by_the_plan() -> TestResult {
    let later = date(2027, 2, 2);
    let people = here(&["mobilePhone", "email", "email mobilePhone softwareOneTimePasscode"]);
    let same = reviewed(NOW).await?;
    let counts = counted(&same.plan, &situation(&same.plan, &[]), &people, later);
    assert_eq!(findings(&same, &counts, &limited("losing: 0")?), Vec::new());
    let review = reviewed(&NOW.replace("required: 1", "required: 2")).await?;
    let losses = losses(&counted(&review.plan, &situation(&review.plan, &[]), &people, later));
    assert_eq!((losses.sure, losses.losing), (3, 1), "{losses:#?}");
    Ok(())
}

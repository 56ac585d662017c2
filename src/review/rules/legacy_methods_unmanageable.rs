//! The tenant has migrated to the policy in which methods are managed.

use crate::base::finding::{Finding, Severity};
use crate::catalog::{calendar, methods};
use crate::review::retirement::with_place_of_date;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;
use crate::tenant::facts::Migration;

pub(super) static RULE: Rule = Rule {
    code: calendar::LEGACY,
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Migration,
    says: "The tenant has migrated to the policy in which methods are managed.",
    help: "Since 2025-09-30 methods are managed in the authentication methods policy alone. What the six switches of the legacy policy still do in a tenant that has not migrated is not documented, and a write of them may be refused or have no effect. Security questions, the number of methods and everything else of the portal page are not concerned. The rule speaks where the policy has other methods than the tenant, so that a plan writes them.",
    source: "concept-authentication-methods-manage, 2025-03-04; two copies agree on the date, none says what holds since then",
    benchmark: &[],
    about: &[methods::ALLOWED.name],
    broken: "methods:\n  allowed: [mobileAppCode, email]",
    fixed: "methods:\n  required: 2",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let (ended, entry) = subject.date(RULE.code)?;
    let not_migrated = subject.facts().migration == Some(Migration::PreMigration);
    let words = subject.date_words(entry);
    (ended && not_migrated && subject.changes(methods::ALLOWED.name)).then(|| {
        let message = format!(
            "the tenant has not migrated, and since {words} methods cannot be managed in the legacy policy: what it allows is \
             unclear, and a write may be refused or have no effect"
        );
        let finding = Finding::warning(RULE.code, message)
            .at(subject.place(RULE.about), "decided by the legacy policy")
            .hint("complete the migration to the authentication methods policy, or waive the rule with a reason and an expiry");
        with_place_of_date(subject, entry, finding)
    })
}

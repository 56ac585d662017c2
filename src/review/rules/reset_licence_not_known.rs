//! People reset only in a tenant whose licences surely permit it.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::scope;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;
use crate::tenant::facts::ResetLicence;

pub(super) static RULE: Rule = Rule {
    code: "reset-licence-not-known",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Licence,
    says: "People reset only in a tenant whose licences surely permit it.",
    help: "Microsoft's pages disagree on whether Office 365 E1, E3, E5 and F3, Microsoft 365 Business Basic, education, nonprofit and other paid plans permit the reset of a forgotten password. Microsoft 365 Business Standard and Premium, and Entra ID P1 and P2 in any bundle, surely do.",
    source: "concept-sspr-licensing names Business Standard or higher; let-users-reset-passwords of the Microsoft 365 admin center names every paid plan",
    benchmark: &[],
    about: &[scope::USERS.name],
    broken: "scope:\n  users: all",
    fixed: "scope:\n  users: none",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let somebody = matches!(subject.desired(scope::USERS.name), Some(Value::Text(users)) if users != "none");
    let open = subject.facts().licence.is_some_and(|licence| licence.reset == ResetLicence::NotKnown);
    (somebody && open).then(|| {
        Finding::warning(
            RULE.code,
            "scope.users lets people reset, and Microsoft's pages disagree on whether the tenant's licences permit that",
        )
        .at(subject.place(RULE.about), "not known to be permitted")
        .hint("try a reset with a user of the tenant, then waive this rule with what you saw")
    })
}

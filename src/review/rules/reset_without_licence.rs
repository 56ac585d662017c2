//! People reset only in a tenant whose licences permit it.

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::scope;
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;
use crate::tenant::facts::ResetLicence;

pub(super) static RULE: Rule = Rule {
    code: "reset-without-licence",
    severity: Severity::Error,
    enforced: false,
    needs: RequiredFacts::Licence,
    says: "People reset only in a tenant whose licences permit it.",
    help: "Resetting a forgotten password in the cloud needs Microsoft 365 Business Standard or higher, or Entra ID P1 or P2. Without it the service lets people change a password, and nothing else.",
    source: "Licensing requirements for self-service password reset (concept-sspr-licensing)",
    benchmark: &[],
    about: &[scope::USERS.name],
    broken: "scope:\n  users: all",
    fixed: "scope:\n  users: none",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let somebody = matches!(subject.desired(scope::USERS.name), Some(Value::Text(users)) if users != "none");
    let unlicensed = subject.facts().licence.is_some_and(|licence| licence.reset == ResetLicence::ChangeOnly);
    (somebody && unlicensed).then(|| {
        Finding::error(RULE.code, "scope.users lets people reset, but no licence of the tenant permits that")
            .at(subject.place(RULE.about), "not permitted")
            .hint("buy Microsoft 365 Business Standard or higher, or Entra ID P1 or P2; until then write `users: none`")
    })
}

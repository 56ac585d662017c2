//! People whose password is on premises can reset only where it is written back.

use crate::base::count::counted;
use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::writeback::CLIENT_STEPS;
use crate::catalog::{scope, writeback};
use crate::review::rule_context::{RequiredFacts, RuleContext};
use crate::review::rules::rule::Rule;

pub(super) static RULE: Rule = Rule {
    code: "synchronised-without-writeback",
    severity: Severity::Warning,
    enforced: false,
    needs: RequiredFacts::Hybrid,
    says: "People whose password is on premises are in scope only where it is written back.",
    help: "The password of a synchronised account is on premises, whatever way people sign in. Without writeback such people pass every check of a reset and are then sent to their administrator. Switch writeback on, in the policy and with its client on a server, or leave them out of the scope. It is checked where it is known whether the directory is synchronised: where the policy has a `writeback` section, and where people are read (`plan --impact`, `limits.losing`), which also gives the number.",
    source: "How does self-service password reset writeback work (concept-sspr-writeback)",
    benchmark: &[],
    about: &[writeback::PASSWORDS.name, scope::USERS.name, scope::GROUP.name],
    broken: "scope:\n  users: all\nwriteback:\n  passwords: false",
    fixed: "scope:\n  users: none\nwriteback:\n  passwords: false",
    check,
};

fn check(subject: &RuleContext<'_>) -> Option<Finding> {
    let message = match subject.facts().synchronised_people {
        Some(people) if people.cannot == 0 => return None,
        Some(people) => format!("{} in scope cannot reset: {}", counted(people.cannot, "person", "people"), people.why),
        None => format!("synchronised people are in scope, or may be, and cannot reset: {}", reason(subject)?),
    };
    let wanted = subject.sets_switch(writeback::PASSWORDS.name, true);
    let hint = if wanted {
        let steps = CLIENT_STEPS.map(|(which, step)| format!("with {which}: {step}"));
        steps.join("; ")
    } else {
        "write `passwords: true` under `writeback` once its client is connected, or take them out of the scope"
            .to_owned()
    };
    let label = "their password is on premises";
    Some(Finding::warning(RULE.code, message).at(subject.place(RULE.about), label).hint(hint))
}

/// Why nothing is written back, as far as settings and facts say; `None` if something may be, or nobody is in scope.
fn reason(subject: &RuleContext<'_>) -> Option<&'static str> {
    let hybrid = subject.facts().hybrid.filter(|hybrid| hybrid.synchronised)?;
    let somebody = matches!(subject.value(scope::USERS.name), Some(Value::Text(users)) if users != "none");
    let on = match subject.value(writeback::PASSWORDS.name) {
        Some(Value::Bool(on)) => Some(*on),
        _ => None,
    };
    // That the policy wants a client which is missing is said by a rule of its own.
    match (somebody, on, hybrid.writeback_up) {
        (true, Some(false), _) => Some("writeback is off"),
        (true, None, Some(false)) => Some("no writeback client is connected"),
        (true, Some(true), Some(false)) if !subject.manages(writeback::PASSWORDS.name) => {
            Some("no writeback client is connected")
        }
        _ => None,
    }
}

//! The page on the people and the answers of policy tests.

use crate::person::answer::AnswerReason;
use crate::person::persona::PersonaSpec;
use crate::policy::test_file::Persona;

const LEAD: &str = "\
# People and answers of policy tests

What [`ssprctl test`](testing-policies.md) knows of a person before the test file says otherwise. Everybody is enabled, is in
no group, and is in the registration report. `methods`, `groups`, `enabled` and `synchronised` of a person replace what is
here. The answers in the last column are for a migrated tenant with Entra ID P1, writeback that runs, and a policy for
everybody that allows all methods and requires two, in November 2026.
";

/// The answer of each persona in the situation that the page describes; a test asks the model.
const ANSWERS: [(Persona, &str); 7] = [
    (Persona::NewHire, "no (`nothing-registered`)"),
    (Persona::Frontline, "no (`methods-missing`)"),
    (Persona::Remote, "yes"),
    (Persona::Synchronised, "yes"),
    (Persona::Guest, "unclear (`home-tenant-decides`)"),
    (Persona::BreakGlass, "no (`nothing-allowed`)"),
    (Persona::Administrator, "yes"),
];

/// The text of the page.
#[must_use]
pub(crate) fn page() -> String {
    let rows = ANSWERS.iter().map(|(persona, answer)| {
        let PersonaSpec { word, who, methods, synchronised, external, role } = persona.spec();
        let methods: Vec<_> = methods.iter().map(|method| format!("`{}`", method.word())).collect();
        let methods = if methods.is_empty() { "nothing".to_owned() } else { methods.join(", ") };
        let account = match (external, synchronised) {
            (true, _) => "in another tenant",
            (false, true) => "synchronised from on premises",
            (false, false) => "in the cloud",
        };
        let role = if role.is_some() { "administrator" } else { "none" };
        format!("| `{word}` | {who} | {account} | {role} | {methods} | {answer} |\n")
    });
    let people = format!(
        "| persona | somebody who | account | role | registered | answer |\n|---|---|---|---|---|---|\n{}",
        rows.collect::<String>()
    );
    let reasons = AnswerReason::ALL.iter().map(|reason| format!("| `{}` | {} |\n", reason.code(), reason.words()));
    let reasons = format!("| `because` | means |\n|---|---|\n{}", reasons.collect::<String>());
    format!(
        "{LEAD}\n{people}\n## Reasons\n\nWhy somebody cannot reset, or why that is unclear, in the order in which the service asks:\n\n{reasons}"
    )
}

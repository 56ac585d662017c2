//! Files of `test`: what is said of a wrong value, and what personas have.

use crate::harness::TestResult;
use crate::policy_tests::{POLICY, Repository};

/// A value that has the wrong form is named with what to write.
#[test]
fn hints_say_what_to_write() -> TestResult {
    let tests = "version: 1\npolicy: ../policies/contoso.yaml\ndate: 2026-12-01\nexpect: []\n";
    let policy = POLICY.replace("required: 2\n", "required: 2\n  readiness: { able: 90%, reportAge: 2 }\n");
    let repository = Repository::of(&policy, tests)?;
    for (arguments, said, hint) in [
        (
            ["test", "tests"],
            "`expect` is an empty list",
            "write at least one thing that must hold, such as `- refused: false`",
        ),
        (["validate", "policies"], "is the number `2`, not text", "write hours or days, such as `36h` or `2d`"),
    ] {
        let (code, text) = repository.run(&arguments)?;
        assert!(code == Some(3) && text.contains(said) && text.contains(hint), "{text}");
    }
    Ok(())
}

/// A break-glass account is a global administrator, from whom texts and calls are taken later than from other administrators.
#[test]
fn a_persona_has_the_dates_of_its_role() -> TestResult {
    let people = "people:\n  a: { persona: breakGlass, methods: [mobilePhone, email] }\n  \
                  b: { persona: administrator, methods: [mobilePhone, email] }\n";
    for (date, of_a, of_b) in [("2026-12-01", true, true), ("2027-02-01", true, false), ("2027-07-01", false, false)] {
        let expect = format!("[{{ people: [a], canReset: {of_a} }}, {{ people: [b], canReset: {of_b} }}]");
        let tests = format!("version: 1\npolicy: ../policies/contoso.yaml\ndate: {date}\n{people}expect: {expect}\n");
        let repository = Repository::of(POLICY, &tests)?;
        assert_eq!(repository.messages()?, [""; 0], "{date}");
    }
    Ok(())
}

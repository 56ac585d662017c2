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

//! `explain` of everything that has a name: keys, words of results, terms, and what the services call a setting.

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult, play_all};

#[test]
fn every_kind_of_name_is_explained() -> TestResult {
    let harness = Harness::with("{}", Faults::none())?;
    // The name, and what its explanation holds.
    let cases: &[(&str, &[&str])] = &[
        ("methods", &["methods.required\n", "methods.allowed\n", "methods.readiness\n", "methods.convergedPolicy\n"]),
        ("readiness", &["scope.readiness\n", "methods.readiness\n", "with the keys able, reportAge"]),
        ("methods.readiness.reportAge", &["How old the newest line", "  default    2d\n", "  in         a policy\n"]),
        ("waivers.rule", &["waivers.rule\n", "  in         a policy\n"]),
        ("waivers", &["each item with the keys rule, "]),
        ("registration.allowedFrom", &["From where people may register"]),
        ("required", &["methods.required\n", "a whole number from 1 to 2"]),
        ("limits.losing", &["  in         ssprctl.yaml\n"]),
        ("answer-lost", &["it may or may not have taken effect", "`ssprctl schema apply`"]),
        ("mobileAppCode", &["A code from Microsoft Authenticator"]),
        ("waiver", &["A finding of one rule that a policy accepts", "ARCHITECTURE.md"]),
        ("actual", &["What the documents hold."]),
        ("drift", &["  severity  warning", "Where a tenant that was in sync no longer is."]),
        ("numberOfAuthenticationMethodsRequired", &["methods.required\n"]),
        ("allowedToUseSSPR", &["scope.administrators\n"]),
        ("Number of methods required to reset", &["methods.required\n"]),
        ("microsoftAuthenticator", &["methods.allowed\n"]),
        ("migrated", &["that policy alone decides which methods"]),
        ("ring", &["A group of tenants in `rings`"]),
        ("baseline", &["they name it in `extends`"]),
        ("converged", &["managed in the authentication methods policy"]),
        ("waived", &["counts for nothing until the last day"]),
        ("in effect", &["What is effective: "]),
        ("in-effect", &["What is effective: "]),
        ("adopt", &["only `--adopt` does"]),
        ("registration report", &["the methods that each person has registered"]),
        ("Registration-report", &["the methods that each person has registered"]),
        ("authentication methods policy", &["managed together", "`ssprctl schema plan`"]),
        ("authentication-methods-policy", &["managed together", "`ssprctl schema plan`"]),
        ("held", &["until enough people are ready", "`ssprctl schema controller-tenants`"]),
    ];
    let wrong = play_all(cases, |(name, parts)| {
        let run = harness.run(&["explain", name]).map_err(|error| error.to_string())?;
        let missing: Vec<_> = parts.iter().filter(|part| !run.stdout.contains(**part)).collect();
        if run.code == Some(0) && missing.is_empty() { Ok(()) } else { Err(format!("{name}: {missing:?}: {run:#?}")) }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The term comes before what the words of results mean.
#[test]
fn a_waiver_is_explained_by_what_a_policy_has() -> TestResult {
    let harness = Harness::with("{}", Faults::none())?;
    let said = harness.run(&["explain", "waiver"])?.stdout;
    let [term, result] = ["below `waivers`", "`ssprctl schema review`"].map(|part| said.find(part));
    assert!(term.is_some() && term < result, "{said}");
    Ok(())
}

#[test]
fn a_name_that_nothing_has_is_an_error_with_the_nearest() -> TestResult {
    let harness = Harness::with("{}", Faults::none())?;
    for (name, nearest) in
        [("readines", "readiness"), ("anwser-lost", "answer-lost"), ("waivr", "waiver"), ("drft", "drift")]
    {
        let run = harness.run(&["explain", name])?;
        let hint = format!("hint: did you mean `{nearest}`? `ssprctl explain` lists settings, codes, keys and terms");
        assert!(run.code == Some(1) && run.stderr.contains(&hint), "{run:#?}");
    }
    Ok(())
}

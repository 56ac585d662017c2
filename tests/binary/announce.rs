//! `announce`: what it ends with.

use std::fs;

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

const POLICY: &str = "scope: { users: all }\nmethods: { required: 2, allowed: [email, officePhone, mobileAppCode] }";

#[test]
fn the_built_in_template_is_a_template() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    for format in ["text", "markdown", "html"] {
        let template = harness.run(&["announce", "--format", format, "--print-template"])?;
        fs::write(harness.folder.path().join("own"), &template.stdout)?;
        let own = harness.run(&["announce", "--format", format, "--template", "own"])?;
        let built_in = harness.run(&["announce", "--format", format])?;
        assert_eq!((own.code, &own.stdout, own.stderr.as_str()), (Some(0), &built_in.stdout, ""), "{own:#?}");
        assert!(own.stdout.contains("everybody with an account"), "{own:#?}");
    }
    assert!(!harness.was_asked("/"), "no tenant is touched");
    Ok(())
}

/// Whoever sets up the app alone, for notifications and codes, may have one method of the two that are required.
#[test]
fn the_app_may_count_as_one_method() -> TestResult {
    let words = "count as";
    for (methods, says) in [
        ("{ required: 2, allowed: [mobileAppNotification, mobileAppCode, email] }", true),
        ("{ allowed: [mobileAppNotification, mobileAppCode, email] }", true),
        ("{ required: 2, allowed: [mobileAppCode, email] }", false),
        ("{ required: 1, allowed: [mobileAppNotification, mobileAppCode, email] }", false),
    ] {
        let harness = Harness::with(&format!("scope: {{ users: all }}\nmethods: {methods}"), Faults::none())?;
        for format in ["text", "markdown", "html"] {
            let mail = harness.run(&["announce", "--format", format])?;
            assert_eq!((mail.code, mail.stdout.contains(words)), (Some(0), says), "{methods} {format}: {mail:#?}");
        }
    }
    Ok(())
}

#[test]
fn it_says_why_it_wrote_nothing() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    let folder = harness.folder.path();
    fs::write(folder.join("broken"), "Hello,\n{{ scope.grup }}")?;
    fs::write(folder.join("bytes"), b"a\xff")?;
    fs::write(folder.join("wrong.yaml"), "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 3 }\n")?;
    fs::write(folder.join("policies/other.yaml"), "version: 1\ntenant: fabrikam.com\nscope: { users: all }\n")?;
    let one = "policies/policy.yaml";
    for (arguments, code, report) in [
        (&["announce", one, "--template", "broken"][..], 1, "broken:2:4: `scope.grup` is no variable"),
        (&["announce", one, "--template", "bytes"], 1, "the template bytes cannot be read: it is not UTF-8 at byte 1"),
        (&["announce", one, "--template", "policies"], 1, "it is not a regular file"),
        (&["announce", one, "--template", "nowhere"], 1, "the template nowhere cannot be read"),
        (&["announce", "wrong.yaml"], 3, "error[out-of-range]"),
        (&["announce"], 1, "a mail is about one tenant, and here are 2: fabrikam.com, contoso.onmicrosoft.com"),
        (&["announce", "--tenant", "nobody*"], 1, "no policy is for a tenant that matches `nobody*`"),
        (&["announce", one, "--format", "json"], 1, "invalid value 'json' for '--format <FORMAT>'"),
        (&["announce", one, "--format", "sarif"], 1, "invalid value 'sarif' for '--format <FORMAT>'"),
        (&["plan", one, "--format", "text"], 1, "invalid value 'text' for '--format <FORMAT>'"),
        (&["validate", one, "--format", "text"], 1, "invalid value 'text' for '--format <FORMAT>'"),
    ] {
        let run = harness.run(arguments)?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{arguments:?}: {run:#?}");
        assert!(run.stderr.contains(report), "{arguments:?}: {run:#?}");
    }
    let run = harness.run(&["announce", "--tenant", "fabrikam*", "--output", "mail.txt"])?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:#?}");
    assert!(fs::read_to_string(folder.join("mail.txt"))?.contains("at fabrikam.com"));
    Ok(())
}

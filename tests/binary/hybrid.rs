//! People whose password is on premises, and administrators, who follow a policy of their own: what is said of them.

use entra_sandbox::{Faults, Person, portal_user};

use crate::harness::{CONTOSO, FABRIKAM, Harness, TestResult};

const OPEN: &str = "scope: { users: all }\nmethods: { required: 1, allowed: [mobileAppCode, email, mobilePhone] }";
const RULE: &str = "synchronised-without-writeback";

fn of_fabrikam(sections: &str) -> Result<Harness, Box<dyn std::error::Error>> {
    Harness::of(FABRIKAM, sections, Faults::none(), &Person::Administrator)
}

/// The rule speaks without a number where the directory is known, and with one where people were read.
#[test]
fn without_writeback_synchronised_people_cannot_reset() -> TestResult {
    let harness = of_fabrikam(&format!("{OPEN}\nwriteback: {{ passwords: false, unlockWithoutReset: false }}"))?;
    let run = harness.run(&["plan"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let says = "warning[synchronised-without-writeback]: synchronised people are in scope, or may be, and cannot reset: \
                writeback is off";
    assert!(run.stdout.contains(says) && run.stdout.contains("warning[writeback-switched-off]"), "{run:#?}");
    let counted = harness.run(&["plan", "--impact", "--format", "json"])?.json()?;
    let people = &counted["tenants"][0]["people"]["counts"]["synchronised"];
    let number = |name: &str| people[name].as_u64().unwrap_or_default();
    assert!(number("people") > 3_000 && number("cannotReset") == number("people"), "{people:#}");
    assert_eq!(people["why"], "their password is on premises, and writeback is off", "{people:#}");
    let run = harness.run(&["plan", "--impact"])?;
    for says in [
        format!("warning[{RULE}]: {} people in scope cannot reset: their password is on premises", number("people")),
        format!("{} are in scope and cannot reset then: their password is on premises", number("people")),
    ] {
        assert!(run.stdout.contains(&says), "{says}: {run:#?}");
    }
    assert_eq!(harness.apply()?.code, Some(0));
    let run = harness.run(&["show", "--tenant", FABRIKAM, "--registration"])?;
    let says = format!(
        "{0} in scope; {0} cannot reset: their password is on premises, and writeback is off",
        number("people")
    );
    assert!(run.stdout.contains(&says), "{run:#?}");
    let shown = harness.run(&["show", "--tenant", FABRIKAM, "--registration", "--format", "json"])?.json()?;
    assert_eq!(
        shown["circumstances"]["synchronisedPeople"]["cannotReset"].as_u64(),
        Some(number("people")),
        "{shown:#}"
    );
    let run = harness.run(&["show", "--tenant", FABRIKAM])?;
    assert!(!run.stdout.contains("synchronised people"), "nobody was counted: {run:#?}");
    Ok(())
}

/// Whether the service runs is not known of a tenant whose client answers; nobody is then said to lose anything. In Contoso
/// there are only the two people from a directory that is no longer connected.
#[test]
fn with_writeback_they_are_unclear_and_without_a_directory_they_are_counted() -> TestResult {
    let harness = of_fabrikam(&format!("{OPEN}\nwriteback: {{ passwords: true }}"))?;
    let run = harness.run(&["plan", "--impact"])?;
    assert!(!run.stdout.contains(RULE) && run.stdout.contains("whether writeback works is not known"), "{run:#?}");
    assert_eq!(harness.apply()?.code, Some(0));
    let shown = harness.run(&["show", "--tenant", FABRIKAM, "--registration"])?;
    assert!(shown.stdout.contains(" unclear: whether writeback works is not known"), "{shown:#?}");
    let cloud = Harness::with(&format!("{OPEN}\nwriteback: {{ passwords: false }}"), Faults::none())?;
    let run = cloud.run(&["plan", "--impact"])?;
    let says = "2 are in scope and cannot reset then: their password is on premises, and writeback is off";
    assert!(run.stdout.contains(says), "{run:#?}");
    Ok(())
}

/// A switch of writeback alone is about people, too.
#[test]
fn switching_writeback_affects_people() -> TestResult {
    let harness = of_fabrikam(OPEN)?;
    assert_eq!(harness.apply()?.code, Some(0));
    let policy = harness.folder.path().join("policies/policy.yaml");
    let sections = "writeback: { passwords: false, unlockWithoutReset: false }";
    std::fs::write(&policy, format!("version: 1\ntenant: {FABRIKAM}\n{sections}\n"))?;
    let run = harness.run(&["plan", "--impact"])?;
    assert!(run.stdout.contains("cannot reset then: their password is on premises, and writeback is off"), "{run:#?}");
    assert_eq!(harness.apply()?.code, Some(0));
    std::fs::write(&policy, std::fs::read_to_string(&policy)?.replace("passwords: false", "passwords: true"))?;
    let counts = harness.run(&["plan", "--impact", "--format", "json"])?.json()?;
    let counts = &counts["tenants"][0]["people"]["counts"];
    assert!(counts["unclearReasons"]["writeback-not-read"].as_u64().is_some_and(|many| many > 10), "{counts:#}");
    Ok(())
}

/// The tenant's own switch counts as well as that of a policy. Members are read only where it is off.
#[test]
fn administrators_in_a_group_are_counted_where_the_tenant_lets_none_reset() -> TestResult {
    let sections = "scope: { users: selected, group: Helpdesk Staff }";
    let harness = Harness::with(sections, Faults::none())?;
    let run = harness.run(&["plan"])?;
    assert!(!run.stdout.contains("administrators-in-scope") && !harness.was_asked("transitiveMembers"), "{run:#?}");
    portal_user::set(&harness.world, CONTOSO, "scope.administrators", "false")?;
    let run = harness.run(&["plan"])?;
    let says =
        "warning[administrators-in-scope]: 2 administrators are in the scope's group, and administrators cannot reset";
    assert!(run.stdout.contains(says) && harness.was_asked("transitiveMembers"), "{run:#?}");
    Ok(())
}

#[test]
fn administrators_who_are_unclear_have_reasons() -> TestResult {
    let harness = Harness::with(OPEN, Faults::none())?;
    assert_eq!(harness.apply()?.code, Some(0));
    let lacking = harness.acting_as(CONTOSO, &Person::lacking(&["User.Read.All", "Directory.Read.All"]))?;
    let policy = lacking.folder.path().join("policies/policy.yaml");
    std::fs::write(&policy, std::fs::read_to_string(&policy)?.replace("required: 1", "required: 2"))?;
    let counts = lacking.run(&["plan", "--impact", "--format", "json"])?.json()?;
    let counts = &counts["tenants"][0]["people"]["counts"];
    let many = counts["administratorsUnclear"].as_u64();
    assert!(many.is_some_and(|many| many > 0), "{counts:#}");
    assert_eq!(counts["administratorsUnclearReasons"]["account-not-read"].as_u64(), many, "{counts:#}");
    let run = lacking.run(&["plan", "--impact"])?;
    let (_, after) = run.stdout.split_once("administrators are unclear\n").ok_or("nobody is unclear")?;
    assert!(after.trim_start().starts_with(&format!("{} because their account", many.unwrap_or_default())), "{after}");
    Ok(())
}

/// One method is enough for administrators of a tenant without a domain of its own and without a directory on premises.
#[test]
fn the_exception_for_administrators_is_shown() -> TestResult {
    let harness =
        Harness::with("scope: { administrators: true }\nnotifications: { administrators: true }", Faults::none())?;
    let sandbox = |arguments: &[&str]| {
        let mut command = harness.command(arguments);
        for variable in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            command.env_remove(variable);
        }
        harness.finish(command.arg("--sandbox"))
    };
    let show = ["show", "--tenant", CONTOSO];
    let two = "Microsoft's fixed policy for administrators: two methods, never security questions";
    let run = sandbox(&show)?;
    assert!(run.stdout.contains(two), "{run:#?}");
    let seed = harness.state().join("sandbox").join(format!("{CONTOSO}.json"));
    let text = std::fs::read_to_string(&seed)?;
    std::fs::write(
        &seed,
        text.replace("\"contoso.onmicrosoft.com\",\n    \"contoso.com\"", "\"contoso.onmicrosoft.com\""),
    )?;
    let run = sandbox(&show)?;
    let one = "one method, because the tenant has no domain of its own and is not synchronised";
    assert!(run.stdout.contains(one) && !run.stdout.contains(two), "{run:#?}");
    // A plan does not read whether the tenant is synchronised.
    let run = sandbox(&["plan"])?;
    assert!(run.stdout.contains("one method if the tenant is not synchronised"), "{run:#?}");
    Ok(())
}

//! Without a scope or a role for one system the rest still plans; that part is unknown, with the reason; and the run
//! ends with 8 only where a policy manages a setting of that service.

use entra_sandbox::{DELEGATED_SCOPES, Faults, Person, Role};

use crate::harness::{CONTOSO, FABRIKAM, Harness, TestResult};

/// Settings of the portal, and of Graph: those within reach are planned although the others are
/// not.
const IN_PORTAL: (&str, &str) = ("notifications: { administrators: true }", "notifications.administrators");
const IN_GRAPH: (&str, &str) = ("scope: { administrators: false }", "scope.administrators");

const POLICIES: &str = "Policy.Read.All";
const WRITES_CONTOSO: [Role; 2] = [Role::AuthenticationPolicyAdministrator, Role::PrivilegedRoleAdministrator];

struct Case {
    system: &'static str,
    person: Person,
    /// What is within reach.
    other: (&'static str, &'static str),
    /// A section that needs the system, and all that is unknown without it.
    section: &'static str,
    unknown: &'static [&'static str],
    /// The reason and the way out.
    words: [&'static str; 2],
}

/// An administrator whose token lacks these scopes on Graph, but may read which tenant it is for.
fn without(scopes: &[&str]) -> Person {
    let granted = DELEGATED_SCOPES.split(' ').filter(|scope| !scopes.contains(scope)).chain(["User.Read"]);
    Person::Scoped { roles: vec![Role::GlobalAdministrator], scopes: granted.map(str::to_owned).collect() }
}

fn cases() -> Vec<Case> {
    let methods = "methods: { required: 2, allowed: [email, mobilePhone, mobileAppCode] }";
    let access = "registration: { allowedFrom: { locations: [Headquarters] } }";
    let screen = "windowsSignIn: { resetLink: true, group: SSPR-Pilot }";
    vec![
        Case {
            system: "the portal, without a role",
            person: Person::Holding(vec![Role::PrivilegedRoleAdministrator]),
            other: IN_GRAPH,
            section: "methods: { required: 2 }",
            unknown: &["methods.required"],
            words: ["may not read the password reset policy", "activate or assign the role Global Reader"],
        },
        Case {
            system: "the portal's on-premises settings, without a role",
            person: Person::Holding(vec![Role::SecurityReader, Role::PrivilegedRoleAdministrator]),
            other: IN_GRAPH,
            section: "writeback: { passwords: false }",
            unknown: &["writeback.passwords", "the writeback client"],
            words: ["may not read the on-premises password reset policy", "or Hybrid Identity Administrator"],
        },
        Case {
            system: "the authorization policy, without a scope",
            person: without(&[POLICIES, "Policy.ReadWrite.Authorization"]),
            other: IN_PORTAL,
            section: "scope: { administrators: false }",
            unknown: &["scope.administrators"],
            words: ["may not read the authorization policy", "the Microsoft Graph permission Policy.Read.All"],
        },
        Case {
            system: "the authentication methods policy, without a scope",
            person: without(&[POLICIES, "Policy.ReadWrite.AuthenticationMethod"]),
            other: IN_PORTAL,
            section: methods,
            unknown: &["methods.allowed"],
            words: ["may not read the authentication methods policy", "permission Policy.Read.AuthenticationMethod"],
        },
        Case {
            system: "the authentication methods policy, without a role",
            person: Person::Holding(vec![Role::SecurityReader, Role::PrivilegedRoleAdministrator]),
            other: IN_GRAPH,
            section: methods,
            unknown: &["methods.allowed"],
            words: ["may not read the authentication methods policy", "also needs the role Global Reader"],
        },
        Case {
            system: "Conditional Access, without a scope",
            person: without(&[POLICIES]),
            other: IN_PORTAL,
            section: access,
            unknown: &["registration.allowedFrom.locations"],
            words: ["may not read the Conditional Access policies", "permission Policy.Read.All"],
        },
        Case {
            system: "Conditional Access, without a role",
            person: Person::Holding(WRITES_CONTOSO.to_vec()),
            other: IN_PORTAL,
            section: access,
            unknown: &["registration.allowedFrom.locations"],
            words: ["may not read the Conditional Access policies", "the role Security Reader or Global Reader"],
        },
        Case {
            system: "Intune, without a scope",
            person: without(&["DeviceManagementConfiguration.ReadWrite.All"]),
            other: IN_PORTAL,
            section: screen,
            unknown: &["windowsSignIn.resetLink", "windowsSignIn.group"],
            words: ["may not", "permission DeviceManagementConfiguration.Read.All"],
        },
        Case {
            system: "Intune, without a role",
            person: Person::Holding(WRITES_CONTOSO.to_vec()),
            other: IN_PORTAL,
            section: screen,
            unknown: &["windowsSignIn.resetLink", "windowsSignIn.group"],
            words: ["may not", "the role Intune Administrator or Global Reader"],
        },
        Case {
            system: "groups, without a scope",
            person: without(&["Group.Read.All", "GroupMember.Read.All", "Directory.Read.All"]),
            other: IN_PORTAL,
            section: "scope: { users: selected, group: SSPR-Pilot }",
            unknown: &["scope.group"],
            words: ["may not look up the group", "permission Group.ReadBasic.All"],
        },
        Case {
            system: "Graph, without any scope",
            person: Person::Scoped { roles: vec![Role::GlobalAdministrator], scopes: Vec::new() },
            other: IN_PORTAL,
            section: "scope: { administrators: false }",
            unknown: &["scope.administrators"],
            words: ["may not", "the Microsoft Graph permission "],
        },
    ]
}

#[test]
fn what_a_policy_manages_out_of_reach_is_unknown_and_the_rest_plans() -> TestResult {
    for Case { system, person, other: (reachable, planned), section, unknown, words } in cases() {
        // The same section twice would be one key too many.
        let reachable = if reachable.starts_with("scope") && section.starts_with("scope") { "" } else { reachable };
        let harness = Harness::of(CONTOSO, &format!("{reachable}\n{section}"), Faults::none(), &person)?;
        let before = harness.world.show(CONTOSO)?;
        let run = harness.run(&["plan", "--detailed-exitcode"])?;
        assert_eq!(run.code, Some(8), "{system}: {run:#?}");
        assert!(run.stdout.contains(&format!("  ~ {planned}")), "{system}: nothing else is planned: {run:#?}");
        for name in unknown {
            assert!(run.stdout.contains(&format!("  ? {name}")), "{system}: {name} is not reported: {run:#?}");
        }
        for word in words.iter().chain(&["unknown: ", "hint: "]) {
            assert!(run.stdout.contains(word), "{system}: nothing says `{word}`: {run:#?}");
        }
        assert_eq!(run.stdout.matches("  ? ").count(), unknown.len(), "{system}: {run:#?}");
        let run = harness.apply()?;
        assert_eq!((run.code, harness.writes()), (Some(8), 0), "{system}: {run:#?}");
        assert_eq!(harness.world.show(CONTOSO)?, before, "{system}");
    }
    Ok(())
}

#[test]
fn what_no_policy_manages_may_be_out_of_reach() -> TestResult {
    for Case { system, person, other: (reachable, planned), .. } in cases() {
        let harness = Harness::of(CONTOSO, reachable, Faults::none(), &person)?;
        let run = harness.run(&["plan", "--detailed-exitcode"])?;
        assert_eq!(run.code, Some(2), "{system}: {run:#?}");
        assert!(run.stdout.contains(&format!("  ~ {planned}")), "{system}: {run:#?}");
        assert!(!run.stdout.contains("unknown"), "{system}: {run:#?}");
        let run = harness.apply()?;
        assert_eq!(run.code, Some(0), "{system}: {run:#?}");
        assert!(run.stdout.contains("Applied: 1 changed, 1 verified, in 1 requests."), "{system}: {run:#?}");
    }
    Ok(())
}

/// Licences and synchronisation are facts that no policy manages: that they are unknown is reported and stops nobody.
#[test]
fn unknown_facts_are_reported_and_stop_nothing() -> TestResult {
    let person = without(&["LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"]);
    let harness = Harness::of(FABRIKAM, "writeback: { passwords: false }", Faults::none(), &person)?;
    let run = harness.run(&["plan", "--detailed-exitcode"])?;
    assert_eq!(run.code, Some(2), "{run:#?}");
    for words in [
        "  ~ writeback.passwords ",
        "  ? the tenant's licences           unknown: may not list the tenant's subscriptions (HTTP 403)",
        "hint: consent to the Microsoft Graph permission LicenseAssignment.Read.All",
        "  ? synchronisation from on premises unknown: may not read whether the directory is synchronised: the answer of \
         Microsoft Graph leaves it out",
        "hint: consent to the Microsoft Graph permission Organization.Read.All",
    ] {
        assert!(run.stdout.contains(words), "nothing says `{words}`: {run:#?}");
    }
    let run = harness.apply()?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let line = "Applied: 1 changed, 1 verified, in 1 requests; 1 tenant could not be read in full.";
    assert!(run.stdout.contains(line), "{run:#?}");
    Ok(())
}

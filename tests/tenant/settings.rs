//! Every setting of every page: changed by an apply, changed behind its back, found, repaired.

use ssprctl::testing::catalog;

use crate::harness::{FABRIKAM, Harness, TestResult, changed, policy};

/// A setting, a policy that changes it in the hybrid tenant, what a portal user makes of it afterwards, and everything
/// that this moves.
struct Case {
    setting: &'static str,
    sections: &'static str,
    elsewise: &'static str,
    moved: &'static [&'static str],
}

const CASES: [Case; 20] = [
    Case { setting: "scope.users", sections: "scope: { users: all }", elsewise: "none", moved: &["scope.users"] },
    Case {
        setting: "scope.group",
        sections: "scope: { users: selected, group: SSPR Branch Offices }",
        elsewise: "Müller's Team",
        moved: &["scope.group"],
    },
    Case {
        setting: "scope.administrators",
        sections: "scope: { administrators: false }",
        elsewise: "true",
        moved: &["scope.administrators"],
    },
    Case {
        setting: "methods.required",
        sections: "methods: { required: 1, allowed: [mobileAppCode, email, officePhone] }",
        elsewise: "2",
        moved: &["methods.required"],
    },
    Case {
        setting: "methods.allowed",
        sections: "methods: { allowed: [officePhone, email, mobilePhone] }",
        elsewise: "email,officePhone,mobilePhone,mobileAppCode",
        moved: &["methods.allowed"],
    },
    Case {
        setting: "securityQuestions.toRegister",
        sections: "securityQuestions: { toRegister: 4 }",
        elsewise: "5",
        moved: &["securityQuestions.toRegister"],
    },
    Case {
        setting: "securityQuestions.toReset",
        sections: "securityQuestions: { toReset: 5 }",
        elsewise: "4",
        moved: &["securityQuestions.toReset"],
    },
    Case {
        setting: "securityQuestions.questions",
        sections: "securityQuestions:
  questions:
    - predefined: What is your favorite food?
    - predefined: In what city was your first job?
    - predefined: What was your childhood nickname?
    - custom: \"Wie hieß Ihre erste Teamleitung?\"
    - custom: Which building had the best view?",
        elsewise: r#"[{"predefined":"What is your favorite food?"},{"predefined":"In what city was your first job?"},{"predefined":"What was your childhood nickname?"},{"predefined":"What was your favorite sport in high school?"},{"custom":"Which building had the best view?"}]"#,
        moved: &["securityQuestions.questions"],
    },
    Case {
        setting: "registration.requiredAtSignIn",
        sections: "registration: { requiredAtSignIn: false }",
        elsewise: "true",
        moved: &["registration.requiredAtSignIn"],
    },
    Case {
        setting: "registration.reconfirmAfterDays",
        sections: "registration: { reconfirmAfterDays: 180 }",
        elsewise: "0",
        moved: &["registration.reconfirmAfterDays"],
    },
    Case {
        setting: "registration.allowedFrom.locations",
        sections: "registration: { allowedFrom: { locations: [Headquarters] } }",
        elsewise: "Headquarters,Where we work",
        moved: &["registration.allowedFrom.locations"],
    },
    Case {
        setting: "registration.allowedFrom.excludedGroups",
        sections: "registration: { allowedFrom: { locations: [allTrusted], excludedGroups: [Break-glass accounts] } }",
        elsewise: "SSPR Users,Marketing",
        moved: &["registration.allowedFrom.excludedGroups"],
    },
    Case {
        setting: "registration.allowedFrom.state",
        sections: "registration: { allowedFrom: { locations: [allTrusted], state: enforced } }",
        elsewise: "disabled",
        moved: &["registration.allowedFrom.state"],
    },
    Case {
        setting: "notifications.users",
        sections: "notifications: { users: false }",
        elsewise: "true",
        moved: &["notifications.users"],
    },
    Case {
        setting: "notifications.administrators",
        sections: "notifications: { administrators: false }",
        elsewise: "true",
        moved: &["notifications.administrators"],
    },
    Case {
        setting: "helpdesk.link",
        sections: "helpdesk: { link: helpdesk@fabrikam.com }",
        elsewise: "none",
        moved: &["helpdesk.link"],
    },
    Case {
        setting: "writeback.passwords",
        sections: "writeback: { passwords: false }",
        elsewise: "true",
        moved: &["writeback.passwords"],
    },
    Case {
        setting: "writeback.unlockWithoutReset",
        sections: "writeback: { unlockWithoutReset: false }",
        elsewise: "true",
        moved: &["writeback.unlockWithoutReset"],
    },
    Case {
        setting: "windowsSignIn.resetLink",
        sections: "windowsSignIn: { resetLink: true, group: SSPR Users }",
        elsewise: "false",
        moved: &["windowsSignIn.resetLink"],
    },
    Case {
        setting: "windowsSignIn.group",
        sections: "windowsSignIn: { resetLink: true, group: SSPR Users }",
        elsewise: "Marketing,Müller's Team",
        moved: &["windowsSignIn.group"],
    },
];

#[test]
fn every_setting_has_a_case() {
    let settings: Vec<_> = catalog::ALL.iter().map(|setting| setting.name).collect();
    assert_eq!(settings, CASES.map(|case| case.setting));
}

#[tokio::test]
async fn every_setting_is_applied_found_adrift_and_repaired() -> TestResult {
    for Case { setting, sections, elsewise, moved } in CASES {
        let harness = Harness::start()?;
        let policy = policy(FABRIKAM, sections);
        assert!(changed(&harness.review(&policy).await?).contains(&setting), "{setting}: the policy changes nothing");
        harness.apply(&policy).await?;
        assert!(harness.review(&policy).await?.plan.is_empty(), "{setting}: still something to change after an apply");

        harness.set(FABRIKAM, setting, elsewise).map_err(|error| format!("{setting}: {error}"))?;
        assert_eq!(changed(&harness.review(&policy).await?), moved, "{setting}: after a portal user's edit");
        harness.apply(&policy).await?;
        assert!(harness.review(&policy).await?.plan.is_empty(), "{setting}: not repaired");

        let writes = harness.writes().len();
        harness.apply(&policy).await?;
        assert_eq!(harness.writes().len(), writes, "{setting}: an apply without changes sent a write");
    }
    Ok(())
}
